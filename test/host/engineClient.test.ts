import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineClient, type EngineClientOptions } from '../../src/host/engineClient';
import { LedgerError } from '../../src/model/errors';
import type { EngineStart } from '../../src/protocol/engineApi';
import type { EngineStatus } from '../../src/protocol/panelApi';

/**
 * A stand-in for the engine that speaks its protocol. `workerData.hostName` is a file that counts the starts;
 * `workerData.windowId` says how to misbehave.
 */
const workerSource = `
const { parentPort, workerData } = require('node:worker_threads');
const { appendFileSync, readFileSync } = require('node:fs');
appendFileSync(workerData.hostName, 'x');
const start = readFileSync(workerData.hostName, 'utf8').length;
const how = workerData.windowId;
if (how === 'always') throw new Error('cannot even start');
const reply = (id, result) => parentPort.postMessage({ kind: 'reply', id, result });
parentPort.postMessage({ kind: 'event', name: 'log', data: { level: 'info', epochMs: 0, message: 'start ' + start } });
parentPort.on('message', ({ id, name, params }) => {
  if (name === 'shutdown') {
    if (how === 'deaf') return;
    reply(id, null);
    if (how !== 'lingering') setImmediate(() => process.exit(0));
  } else if (name === 'flush' && how === 'refusing') {
    parentPort.postMessage({ kind: 'failure', id, error: { reason: 'disk-full', message: 'no space' } });
  } else if (name === 'refresh' && how === 'first-refresh' && start === 1) {
    setTimeout(() => { throw new Error('bad luck'); }, 20);
  } else if (name === 'refresh' && how === 'every-refresh') {
    throw new Error('always bad luck');
  } else if (name === 'nextMessages') {
    process.exit(3);
  } else if (name === 'rateCards') {
    return; // never answered
  } else {
    reply(id, { start, settings: workerData.settings, params });
  }
});
`;

describe('EngineClient', () => {
  let folder: string;
  let client: EngineClient;

  const settings = {
    timeZone: 'UTC',
    costMode: 'auto',
    userPrices: [],
    extraRoots: [],
    user: 'ada',
    minIntervalMs: 1,
    maxIntervalMs: 2,
    metricsPort: 0,
    limits: [],
    messageDetailMonths: 0,
    openMonths: 4,
  } as const;

  function make(how: string, options: Partial<EngineClientOptions> = {}): EngineClient {
    const start: EngineStart = {
      storageFolder: null,
      onlyRoots: null,
      environment: { home: folder, claudeConfigDir: undefined, xdgConfigHome: undefined },
      wasmPath: '',
      hostName: join(folder, 'starts'),
      windowId: how,
      background: false,
      settings,
    };
    client = new EngineClient({
      workerPath: join(folder, 'worker.cjs'),
      start: () => start,
      log: () => undefined,
      restartDelayMs: 5,
      shutdownTimeoutMs: 300,
      ...options,
    });
    return client;
  }

  const starts = (): number => readFileSync(join(folder, 'starts'), 'utf8').length;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-client-'));
    writeFileSync(join(folder, 'worker.cjs'), workerSource);
    writeFileSync(join(folder, 'starts'), '');
  });

  afterEach(async () => {
    await client.shutdown();
    rmSync(folder, { recursive: true });
  });

  it('starts the engine at the first call, and only then', async () => {
    make('well');
    assert.equal(client.status.kind, 'idle');
    assert.equal(starts(), 0);
    await Promise.all([client.call('snapshot', null), client.call('snapshot', null)]);
    assert.equal(starts(), 1);
    assert.equal(client.status.kind, 'running');
  });

  it('repeats what was pending when the engine crashed', async () => {
    make('first-refresh');
    const [refreshed, asked] = await Promise.all([
      client.call('refresh', null),
      client.call('breakdown', { filter: {}, grain: 'day', by: [] }),
    ]);
    assert.equal((refreshed as unknown as { start: number }).start, 2);
    assert.deepEqual((asked as unknown as { params: unknown }).params, { filter: {}, grain: 'day', by: [] });
  });

  it('keeps its listeners over a restart', async () => {
    make('first-refresh');
    const heard: string[] = [];
    client.on('log', ({ message }) => heard.push(message));
    await client.call('refresh', null);
    assert.deepEqual(heard, ['start 1', 'start 2']);
  });

  it('does not repeat a read of a stream, whose engine is gone', async () => {
    make('well');
    await assert.rejects(client.call('nextMessages', { stream: 1 }), (error) =>
      LedgerError.is(error, 'crashed'),
    );
    await client.call('snapshot', null);
    assert.equal(starts(), 2);
  });

  it('gives up after the third crash, says why, and refuses calls until it is told to try again', async () => {
    make('every-refresh');
    const seen: EngineStatus['kind'][] = [];
    client.onStatus(({ kind }) => seen.push(kind));
    await assert.rejects(client.call('refresh', null), /keeps crashing: always bad luck/);
    assert.deepEqual(client.status, { kind: 'failing', reason: 'always bad luck' });
    assert.equal(starts(), 3);
    assert.equal(seen.filter((kind) => kind === 'restarting').length, 2);
    await assert.rejects(client.call('snapshot', null), (error) => LedgerError.is(error, 'crashed'));
    assert.equal(starts(), 3);
    client.retry();
    await client.call('snapshot', null);
    assert.equal(starts(), 4);
  });

  it('gives up on an engine that cannot start', async () => {
    make('always');
    await assert.rejects(client.call('snapshot', null), /cannot even start/);
    assert.equal(client.status.kind, 'failing');
  });

  it('gives up on an engine that is not there', async () => {
    make('well', { workerPath: join(folder, 'missing.cjs') });
    await assert.rejects(client.call('snapshot', null), (error) => LedgerError.is(error, 'crashed'));
  });

  it('forgets crashes that are long past', async () => {
    make('first-refresh', { maxCrashes: 2, crashWindowMs: 0 });
    await client.call('refresh', null);
    await assert.rejects(client.call('nextMessages', { stream: 1 }));
    await client.call('snapshot', null);
    assert.equal(client.status.kind, 'running');
    assert.equal(starts(), 3);
  });

  it('hands on what the engine threw, with its reason', async () => {
    make('refusing');
    await assert.rejects(client.call('flush', { windowId: 'w', save: true }), (error) =>
      LedgerError.is(error, 'disk-full'),
    );
    assert.equal(starts(), 1);
  });

  it('ends a call that is never answered', async () => {
    make('well');
    await assert.rejects(client.call('rateCards', null, { timeoutMs: 50 }), (error) =>
      LedgerError.is(error, 'timeout'),
    );
  });

  it('starts a restarted engine with the newest settings', async () => {
    make('first-refresh');
    await client.call('snapshot', null);
    await client.configure({ ...settings, user: 'grace' });
    const again = (await client.call('refresh', null)) as unknown as { start: number; settings: unknown };
    assert.equal(again.start, 2);
    assert.deepEqual(again.settings, { ...settings, user: 'grace' });
  });

  for (const how of ['well', 'deaf', 'lingering'])
    it(`shuts down once and for all, with an engine that behaves ${how}`, async () => {
      make(how);
      await client.call('snapshot', null);
      const unanswered = assert.rejects(client.call('rateCards', null), (error) =>
        LedgerError.is(error, 'closed'),
      );
      assert.equal(client.shutdown(), client.shutdown());
      await client.shutdown();
      await unanswered;
      assert.equal(client.status.kind, 'stopped');
      await assert.rejects(client.call('snapshot', null), (error) => LedgerError.is(error, 'closed'));
      client.start();
      client.retry();
      assert.equal(starts(), 1);
    });

  it('shuts down while it waits for a restart', async () => {
    make('every-refresh', { restartDelayMs: 60_000 });
    const refused = assert.rejects(client.call('refresh', null), (error) => LedgerError.is(error, 'closed'));
    await new Promise<void>((resolve) => {
      client.onStatus(({ kind }) => {
        if (kind === 'restarting') resolve();
      });
    });
    await client.shutdown();
    await refused;
    assert.equal(starts(), 1);
  });

  it('never started, has nothing to shut down', async () => {
    make('well');
    await client.shutdown();
    assert.equal(starts(), 0);
  });
});
