import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { LedgerError } from '../../src/model/errors';
import { SocketPort } from '../../src/protocol/socketPort';

/** Two ends of a real connection. */
async function socketPair(server: Server): Promise<[Socket, Socket]> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = await accepted;
  far.on('error', () => undefined);
  return [near, far];
}

function frame(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
}

const ended = (port: SocketPort): Promise<Error | undefined> =>
  new Promise((resolve) => port.onClose(resolve));

describe('a socket port', () => {
  let server: Server;
  const open: Socket[] = [];
  async function pair(): Promise<[Socket, Socket]> {
    const both = await socketPair(server);
    open.push(...both);
    return both;
  }
  before(async () => {
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });

  it('delivers every message whole and in order, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 }),
        async (messages, cuts) => {
          // What is read is decided here, byte by byte, so the socket's own reading is left out.
          const [near] = await pair();
          const port = new SocketPort(near, { maxFrameBytes: 100_000 });
          const got: unknown[] = [];
          port.onMessage((message) => got.push(message));
          const bytes = Buffer.concat(messages.map((message) => frame(JSON.stringify(message))));
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const length = cuts[i % cuts.length]!;
            near.emit('data', bytes.subarray(at, at + length));
            at += length;
          }
          near.destroy();
          assert.deepEqual(got, JSON.parse(JSON.stringify(messages)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('carries a long message over a real connection', async () => {
    const [near, far] = await pair();
    const sender = new SocketPort(near, { maxFrameBytes: 1e8 });
    const receiver = new SocketPort(far, { maxFrameBytes: 1e8 });
    const text = 'é'.repeat(3_000_000);
    const got = new Promise<unknown>((resolve) => receiver.onMessage(resolve));
    sender.post({ text });
    assert.deepEqual(await got, { text });
  });

  it('sends what was posted before it is closed', async () => {
    const [near, far] = await pair();
    const sender = new SocketPort(near, { maxFrameBytes: 1e7 });
    const receiver = new SocketPort(far, { maxFrameBytes: 1e7 });
    let got = 0;
    receiver.onMessage(() => got++);
    for (let i = 0; i < 100; i++) sender.post('x'.repeat(10_000));
    sender.close();
    assert.equal(await ended(receiver), undefined);
    assert.equal(got, 100);
  });

  for (const [what, bytes] of [
    ['no JSON', frame('{"half":')],
    ['an empty message', frame('')],
    ['a message longer than is allowed', Buffer.from([0x40, 0, 0, 0])],
  ] as const)
    it(`ends the connection for ${what}, with the reason`, async () => {
      const [near, far] = await pair();
      const port = new SocketPort(far, { maxFrameBytes: 1_000 });
      const end = ended(port);
      near.write(bytes);
      assert.ok(LedgerError.is(await end, 'invalid'));
      assert.equal(far.destroyed, true);
    });

  it('ends the connection when the listener throws, and the process lives', async () => {
    const [near, far] = await pair();
    const port = new SocketPort(far, { maxFrameBytes: 1_000 });
    port.onMessage(() => {
      throw new LedgerError('permission', 'not for you');
    });
    const end = ended(port);
    near.write(frame('1'));
    assert.ok(LedgerError.is(await end, 'permission'));
  });

  it('refuses to send what is too long, and stays open', async () => {
    const [near] = await pair();
    const port = new SocketPort(near, { maxFrameBytes: 10 });
    assert.throws(
      () => port.post('x'.repeat(100)),
      (error) => LedgerError.is(error, 'invalid'),
    );
    assert.equal(near.destroyed, false);
  });

  it('drops a reader that does not read, before memory runs full', async () => {
    const [near, far] = await pair();
    far.pause();
    const limit = 1_000_000;
    const port = new SocketPort(near, { maxFrameBytes: 1e6, maxUnsentBytes: limit });
    const end = ended(port);
    let most = 0;
    for (let i = 0; i < 500 && !near.destroyed; i++) {
      port.post('x'.repeat(100_000));
      most = Math.max(most, near.writableLength);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(LedgerError.is(await end, 'unavailable'));
    assert.ok(most <= limit + 200_000, `${most} bytes waited`);
    port.post('after the end nothing happens');
  });

  it('keeps back what comes during a pause, for the listener that is there afterwards', async () => {
    const [near, far] = await pair();
    const port = new SocketPort(far, { maxFrameBytes: 1_000 });
    const first: unknown[] = [];
    const second: unknown[] = [];
    await new Promise<void>((resolve) => {
      port.onMessage((message) => {
        first.push(message);
        port.pause();
        port.onMessage((later) => {
          second.push(later);
          if (second.length === 2) resolve();
        });
        setImmediate(() => port.resume());
      });
      near.write(Buffer.concat([frame('1'), frame('2'), frame('3')]));
    });
    assert.deepEqual([first, second], [[1], [2, 3]]);
  });
});
