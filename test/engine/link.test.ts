import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LinkClient } from '../../src/engine/linkClient';
import { type LeaderEndpoint, linkProtocolVersion } from '../../src/engine/linkHello';
import { readLinkRecord } from '../../src/engine/linkPlace';
import { LinkServer, type LinkServerOptions } from '../../src/engine/linkServer';
import { passOn } from '../../src/engine/passedCalls';
import { Lease } from '../../src/ledger/lease';
import { LedgerError, type LedgerErrorReason } from '../../src/model/errors';
import type { Handlers } from '../../src/protocol/endpoint';
import type { EngineCalls } from '../../src/protocol/engineApi';
import { SocketPort } from '../../src/protocol/socketPort';

const root = mkdtempSync(join(tmpdir(), 'ul-link-'));
const because = (reason: LedgerErrorReason) => (error: unknown) => LedgerError.is(error, reason);
const isNoLeader = because('no-leader');

/** Answers that tell who asked, and nothing else: what the engine does with a call is not the link's business. */
function handlers(windowId: string): Handlers<EngineCalls> {
  const notHere = (): never => {
    throw new LedgerError('unavailable', 'not in this test');
  };
  return {
    ...passOn(notHere),
    attention: () => null,
    flush: ({ windowId: flushed }) => ({ durable: 'ledger', records: flushed === windowId ? 1 : 0 }),
    openMessages: () => ({ stream: 7 }),
    closeMessages: () => null,
    configure: () => null,
    rateCards: () => [],
    shutdown: () => null,
  };
}

function frame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

/** Everything that a connection says until it ends, with or without an error. */
async function hearOut(socket: Socket): Promise<{ heard: Buffer }> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await new Promise((resolve) => (socket.closed ? resolve(null) : socket.on('close', resolve)));
  return { heard: Buffer.concat(chunks) };
}

describe('the link', () => {
  let folder: string;
  let lease: Lease;
  let server: LinkServer;
  let problems: string[];
  let leaderEnds: LeaderEndpoint[];
  let count = 0;
  const clients: LinkClient[] = [];

  async function start(options: Partial<LinkServerOptions> = {}): Promise<LinkServer> {
    return LinkServer.start({
      folder,
      lease,
      handlers: ({ windowId }) => handlers(windowId),
      onConnection: (endpoint) => leaderEnds.push(endpoint),
      onProblem: (error) => problems.push(error.message),
      ...options,
    });
  }
  async function follow(windowId = 'window-1', options = {}): Promise<LinkClient> {
    const client = await LinkClient.connect({ folder, windowId, ...options });
    clients.push(client);
    return client;
  }
  function stranger(): Socket {
    return connect(server.path);
  }
  const hello = (changes: object = {}): object => ({
    kind: 'hello',
    token: readLinkRecord(folder)!.token,
    protocolVersion: linkProtocolVersion,
    schemaVersion: 1,
    windowId: 'stranger',
    ...changes,
  });
  async function stillWorks(): Promise<void> {
    const { endpoint } = await follow('another');
    assert.deepEqual(await endpoint.call('flush', { windowId: 'another', save: true }), {
      durable: 'ledger',
      records: 1,
    });
  }

  beforeEach(async () => {
    folder = join(root, `l${++count}`);
    lease = (await Lease.acquire({ folder, onLost: () => undefined }))!;
    problems = [];
    leaderEnds = [];
    server = await start({ helloMs: 300 });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.endpoint.close();
    await server.close();
    await lease.release();
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('answers each follower by its own handlers', async () => {
    const [a, b] = await Promise.all([follow('a'), follow('b')]);
    assert.deepEqual(await a.endpoint.call('flush', { windowId: 'a', save: true }), {
      durable: 'ledger',
      records: 1,
    });
    assert.deepEqual(await b.endpoint.call('flush', { windowId: 'a', save: true }), {
      durable: 'ledger',
      records: 0,
    });
    await assert.rejects(a.endpoint.call('snapshot', null), because('unavailable'));
    assert.equal(a.epoch, lease.epoch);
    assert.equal(server.followers, 2);
  });

  it('tells all followers, and the first thing told is not missed', async () => {
    await server.close();
    server = await start({ onConnection: (endpoint) => endpoint.tell('rateCards', []) });
    const heard: string[] = [];
    const both = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const { endpoint } = await follow(name);
        endpoint.on('rateCards', () => heard.push(`${name} first`));
        endpoint.on('progress', () => heard.push(`${name} later`));
        return endpoint;
      }),
    );
    server.broadcast('progress', null);
    await Promise.all(both.map((endpoint) => endpoint.call('rateCards', null)));
    assert.deepEqual(heard.sort(), ['a first', 'a later', 'b first', 'b later']);
  });

  it('lets a follower know when the leader ends, and find nobody then', async () => {
    const { endpoint } = await follow();
    const ended = new Promise<unknown>((resolve) => endpoint.onClose(resolve));
    await server.close();
    assert.equal(await ended, undefined);
    await assert.rejects(follow(), isNoLeader);
    assert.deepEqual(readdirSync(folder).sort(), ['lease.json', 'lease.lock']);
  });

  it('lets the leader know when a follower ends', async () => {
    const { endpoint } = await follow();
    await endpoint.call('rateCards', null);
    const ended = new Promise<unknown>((resolve) => leaderEnds[0]!.onClose(resolve));
    endpoint.close();
    await ended;
    assert.equal(server.followers, 0);
  });

  it('finds nobody where nobody ever led', async () => {
    await assert.rejects(LinkClient.connect({ folder: join(root, 'nowhere'), windowId: 'w' }), isNoLeader);
  });

  it('finds nobody when the leader was killed and left its word and its socket behind', async () => {
    const record = readFileSync(join(folder, 'link.json'), 'utf8');
    await server.close();
    mkdirSync(dirname(server.path), { mode: 0o700 });
    writeFileSync(server.path, '');
    writeFileSync(join(folder, 'link.json'), record);
    await assert.rejects(follow(), isNoLeader);
    const path = server.path;
    server = await start();
    assert.equal(existsSync(path), false, 'the left-over socket was removed');
    await stillWorks();
  });

  it('finds nobody when the leader is there but does not answer', async () => {
    const deaf = createServer().listen(`${server.path}.deaf.sock`);
    await once(deaf, 'listening');
    const record = JSON.parse(readFileSync(join(folder, 'link.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'link.json'), JSON.stringify({ ...record, path: `${server.path}.deaf.sock` }));
    await assert.rejects(follow('w', { timeoutMs: 100 }), isNoLeader);
    deaf.close();
  });

  it('is not opened, and touches nothing, without the lease', async () => {
    const before = readFileSync(join(folder, 'link.json'), 'utf8');
    rmSync(join(folder, 'lease.lock'), { recursive: true });
    await assert.rejects(start(), because('lease-lost'));
    assert.equal(readFileSync(join(folder, 'link.json'), 'utf8'), before);
    assert.ok(existsSync(server.path));
  });

  it('leaves its successor alone when it ends late', async () => {
    await lease.release();
    lease = (await Lease.acquire({ folder, onLost: () => undefined }))!;
    const successor = await start();
    await server.close();
    server = successor;
    await stillWorks();
  });

  it('tells versions apart: an older or newer protocol is refused by name, a newer schema is reported', async () => {
    for (const [protocolVersion, reason] of [
      [linkProtocolVersion - 1, 'newer-schema'],
      [linkProtocolVersion + 1, 'unavailable'],
    ] as const) {
      const socket = stranger();
      socket.write(frame(hello({ protocolVersion })));
      const { heard } = await hearOut(socket);
      assert.equal((JSON.parse(heard.subarray(4).toString()) as { reason: string }).reason, reason);
    }
    const seen: number[] = [];
    await server.close();
    server = await start({
      schemaVersion: 4,
      onConnection: (_, { schemaVersion }) => seen.push(schemaVersion),
    });
    const { leaderSchemaVersion } = await follow('w', { schemaVersion: 9 });
    assert.deepEqual([seen, leaderSchemaVersion], [[9], 4]);
  });

  it('finds a short place for the socket when the folder has a long name', async () => {
    await server.close();
    await lease.release();
    folder = join(root, 'a folder with a very long name '.repeat(4).trim());
    lease = (await Lease.acquire({ folder, onLost: () => undefined }))!;
    server = await start();
    assert.ok(Buffer.byteLength(server.path) <= 100, server.path);
    assert.match(basename(dirname(server.path)), /^usage-ledger-\d+-[0-9a-f]{12}$/);
    assert.equal(statSync(dirname(server.path)).mode & 0o777, 0o700);
    await stillWorks();
    const place = dirname(server.path);
    await server.close();
    assert.equal(existsSync(place), false);
  });

  it('does not use a place that somebody else has prepared', async () => {
    await server.close();
    const elsewhere = mkdtempSync(join(root, 'trap-'));
    symlinkSync(elsewhere, join(folder, 'link'));
    server = await start();
    assert.deepEqual(readdirSync(elsewhere), []);
    await stillWorks();
  });

  describe('and who may not use it', () => {
    it('keeps folder, socket and token to the user', () => {
      const mode = (path: string): number => statSync(path).mode & 0o777;
      assert.equal(mode(folder), 0o700);
      assert.equal(mode(dirname(server.path)), 0o700);
      assert.equal(mode(server.path), 0o600);
      assert.equal(mode(join(folder, 'link.json')), 0o600);
    });

    it('closes a folder that stood open', async () => {
      await server.close();
      mkdirSync(join(folder, 'link'));
      chmodSync(join(folder, 'link'), 0o777);
      server = await start();
      assert.equal(statSync(join(folder, 'link')).mode & 0o777, 0o700);
    });

    it('does not tell the token to a socket that lies in an open folder', async () => {
      chmodSync(dirname(server.path), 0o755);
      await assert.rejects(follow(), isNoLeader);
      assert.equal(server.followers, 0);
    });

    it('gives another user no connection', function () {
      if (process.getuid?.() !== 0) this.skip();
      chmodSync(root, 0o755);
      const script = `require('node:net').connect(process.argv[1]).on('error', (e) => console.log(e.code))
        .on('connect', () => { console.log('connected'); process.exit() })`;
      const { stdout } = spawnSync(process.execPath, ['-e', script, server.path], { uid: 65534, gid: 65534 });
      assert.equal(String(stdout).trim(), 'EACCES');
    });

    for (const [what, bytes] of [
      ['no token', () => frame(hello({ token: undefined }))],
      ['a wrong token', () => frame(hello({ token: 'x'.repeat(43) }))],
      ['an empty token', () => frame(hello({ token: '' }))],
      [
        'the beginning of the token',
        () => frame(hello({ token: readLinkRecord(folder)!.token.slice(0, -1) })),
      ],
      ['a window name that could be a path', () => frame(hello({ windowId: '../../x' }))],
      ['a call before the greeting', () => frame({ kind: 'call', id: 1, name: 'rateCards', params: null })],
      ['garbage', () => Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
      [
        'garbage of the right length',
        () => Buffer.concat([Buffer.from([0, 0, 0, 9]), Buffer.from('{garbage}')]),
      ],
      ['null', () => frame(null)],
    ] as const)
      it(`closes the connection without an answer for ${what}`, async () => {
        const socket = stranger();
        socket.write(bytes());
        const { heard } = await hearOut(socket);
        assert.equal(heard.length, 0);
        assert.equal(server.followers, 0);
        assert.equal(problems.length, 1);
        await stillWorks();
      });

    it('closes the connection of who says nothing, or says it too slowly', async () => {
      const silent = stranger();
      const slow = stranger();
      const bytes = frame(hello());
      let sent = 0;
      const trickle = setInterval(() => slow.write(bytes.subarray(sent, ++sent)), 10);
      const both = await Promise.all([hearOut(silent), hearOut(slow)]).finally(() => clearInterval(trickle));
      assert.deepEqual(
        both.map(({ heard }) => heard.length),
        [0, 0],
      );
      assert.ok(sent > 3 && sent < bytes.length, `${sent} bytes of a good greeting had come`);
      await stillWorks();
    });

    it('turns away a crowd without forgetting its followers', async () => {
      const { endpoint } = await follow();
      const crowd = Array.from({ length: 100 }, stranger);
      await Promise.all(crowd.map(hearOut));
      assert.deepEqual(await endpoint.call('rateCards', null), []);
      await stillWorks();
    });

    for (const trusted of [false, true])
      it(`takes almost nothing of a 1 GB message from ${trusted ? 'a follower' : 'a stranger'}`, async () => {
        // So that it is the length that ends it, not the deadline.
        await server.close();
        server = await start({ helloMs: 60_000 });
        const socket = stranger();
        if (trusted) {
          const port = new SocketPort(socket, { maxFrameBytes: 1e6 });
          const welcome = new Promise<unknown>((resolve) => port.onMessage(resolve));
          port.post(hello());
          await welcome;
        }
        socket.on('error', () => undefined);
        const before = process.memoryUsage().rss;
        const gigabyte = 2 ** 30;
        const header = Buffer.alloc(4);
        header.writeUInt32BE(gigabyte);
        socket.write(header);
        const chunk = Buffer.alloc(1024 * 1024, 'x');
        let sentBytes = 0;
        while (!socket.destroyed && sentBytes < gigabyte) {
          sentBytes += chunk.length;
          if (!socket.write(chunk))
            await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
        }
        assert.ok(sentBytes < 32 * chunk.length, `${sentBytes} bytes were taken`);
        const grownMb = (process.memoryUsage().rss - before) / 2 ** 20;
        assert.ok(grownMb < 64, `memory grew by ${grownMb.toFixed(0)} MB`);
        await stillWorks();
      });

    it('ends a follower that stops making sense, and only it', async () => {
      const { endpoint } = await follow('good');
      const socket = stranger();
      socket.write(frame(hello()));
      socket.write(frame({ kind: 'nonsense' }));
      await hearOut(socket);
      await pause(0);
      assert.equal(server.followers, 1);
      assert.deepEqual(await endpoint.call('rateCards', null), []);
    });
  });
});
