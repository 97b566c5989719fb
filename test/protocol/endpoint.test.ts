import assert from 'node:assert/strict';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { LedgerError } from '../../src/model/errors';
import { Endpoint, type Port } from '../../src/protocol/endpoint';

interface Calls {
  add: { params: readonly [number, number]; result: number };
  fail: { params: null; result: never };
  unsendable: { params: null; result: unknown };
  slow: { params: null; result: null };
}
interface Events {
  tick: number;
}

function portOf(port: MessagePort): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', listener),
    onClose: (listener) => port.on('close', () => listener()),
    close: () => port.close(),
  };
}

/** A port under the test's hand, for what a well-behaved other side never does. */
class HandPort implements Port {
  readonly posted: unknown[] = [];
  deliver: (message: unknown) => void = () => undefined;
  end: (error?: Error) => void = () => undefined;
  closed = false;
  refuse: ((message: unknown) => boolean) | null = null;
  post(message: unknown): void {
    if (this.refuse?.(message) === true) throw new Error('it cannot be sent');
    this.posted.push(message);
  }
  onMessage(listener: (message: unknown) => void): void {
    this.deliver = listener;
  }
  onClose(listener: (error?: Error) => void): void {
    this.end = listener;
  }
  close(): void {
    this.closed = true;
  }
}

describe('an endpoint', () => {
  let asker: Endpoint<Calls, Events>;
  let answerer: Endpoint<object, object, Calls, Events>;

  beforeEach(() => {
    const { port1, port2 } = new MessageChannel();
    asker = new Endpoint(portOf(port1), {});
    answerer = new Endpoint<object, object, Calls, Events>(portOf(port2), {
      add: ([a, b]) => a + b,
      fail: () => {
        throw new LedgerError('disk-full', 'no room');
      },
      unsendable: () => () => 'a function cannot be cloned',
      slow: () => new Promise(() => undefined),
    });
  });
  afterEach(() => {
    asker.close();
    answerer.close();
  });

  it('gets what the other side answers, each call its own', async () => {
    const sums = await Promise.all([1, 2, 3].map((n) => asker.call('add', [n, n])));
    assert.deepEqual(sums, [2, 4, 6]);
  });

  it('gets what the other side throws, with its reason', async () => {
    await assert.rejects(asker.call('fail', null), (error) => LedgerError.is(error, 'disk-full'));
  });

  it('hears that a result could not be sent, instead of waiting for ever', async () => {
    await assert.rejects(asker.call('unsendable', null), LedgerError);
    assert.equal(await asker.call('add', [1, 1]), 2);
  });

  it('rejects a call whose parameters cannot be sent', async () => {
    const params = [1, (() => 2) as unknown as number] as const;
    await assert.rejects(asker.call('add', params), LedgerError);
  });

  it('rejects a call to something that is not there, also to what every object has', async () => {
    const reckless = asker as unknown as Endpoint<{ toString: { params: null; result: string } }, object>;
    await assert.rejects(reckless.call('toString', null), (error) => LedgerError.is(error, 'invalid'));
  });

  it('stops waiting after the time-out, and is still usable', async () => {
    await assert.rejects(asker.call('slow', null, { timeoutMs: 20 }), (error) =>
      LedgerError.is(error, 'timeout'),
    );
    assert.equal(await asker.call('add', [2, 2]), 4);
  });

  it('hears events in order until it stops listening', async () => {
    const heard: number[] = [];
    const stop = asker.on('tick', (n) => heard.push(n));
    answerer.tell('tick', 1);
    answerer.tell('tick', 2);
    await asker.call('add', [0, 0]);
    stop();
    answerer.tell('tick', 3);
    await asker.call('add', [0, 0]);
    assert.deepEqual(heard, [1, 2]);
  });

  it('rejects what waits and what is asked later, when the other side closes', async () => {
    const waiting = asker.call('slow', null);
    const ended = new Promise<unknown>((resolve) => asker.onClose(resolve));
    answerer.close();
    await assert.rejects(waiting, (error) => LedgerError.is(error, 'closed'));
    assert.equal(await ended, undefined);
    await assert.rejects(asker.call('add', [1, 1]), (error) => LedgerError.is(error, 'closed'));
    assert.equal(asker.closed, true);
  });

  it('tells of its end also those who ask after it', async () => {
    asker.close();
    await new Promise<unknown>((resolve) => asker.onClose(resolve));
  });

  it('rejects what waits when a worker dies, and when it is ended', async () => {
    const worker = new Worker(
      `require('node:worker_threads').parentPort.on('message', () => process.exit(3))`,
      {
        eval: true,
      },
    );
    const port: Port = {
      post: (message) => worker.postMessage(message),
      onMessage: (listener) => worker.on('message', listener),
      onClose: (listener) => worker.on('exit', (code) => listener(new Error(`it ended with ${code}`))),
      close: () => void worker.terminate(),
    };
    const toWorker = new Endpoint<Calls, Events>(port, {});
    await assert.rejects(toWorker.call('slow', null), (error) => LedgerError.is(error, 'crashed'));
  });
});

describe('an endpoint facing misbehaviour', () => {
  it('lets every listener hear an event, then reports the one that threw', () => {
    const port = new HandPort();
    const endpoint = new Endpoint<Calls, Events>(port, {});
    const heard: number[] = [];
    endpoint.on('tick', () => {
      throw new Error('a broken listener');
    });
    endpoint.on('tick', (n) => heard.push(n));
    assert.throws(() => port.deliver({ kind: 'event', name: 'tick', data: 7 }), /a broken listener/);
    assert.deepEqual(heard, [7]);
    assert.equal(endpoint.closed, false);
  });

  for (const message of [
    null,
    'text',
    {},
    { kind: 'surprise' },
    { kind: 'call', id: '1', name: 'add' },
    { kind: 'failure', id: 1 },
    { kind: 'event', name: 5 },
  ])
    it(`refuses ${JSON.stringify(message)}, which is not a message`, () => {
      const port = new HandPort();
      new Endpoint<Calls, Events>(port, {});
      assert.throws(
        () => port.deliver(message),
        (error) => LedgerError.is(error, 'invalid'),
      );
    });

  it('ignores a reply that nobody waits for', () => {
    const port = new HandPort();
    const endpoint = new Endpoint<Calls, Events>(port, {});
    port.deliver({ kind: 'reply', id: 99, result: 1 });
    assert.equal(endpoint.closed, false);
  });

  it('closes when not even a failure can be sent', async () => {
    const port = new HandPort();
    const endpoint = new Endpoint<object, object, Calls, Events>(port, {
      add: () => 1,
      fail: () => {
        throw new Error('never called');
      },
      unsendable: () => null,
      slow: () => null,
    });
    port.refuse = () => true;
    const ended = new Promise<Error | undefined>((resolve) => endpoint.onClose(resolve));
    port.deliver({ kind: 'call', id: 1, name: 'add', params: [1, 1] });
    assert.match((await ended)?.message ?? '', /cannot be sent/);
    assert.equal(port.closed, true);
  });
});
