import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Snapshot } from '../../src/model/snapshot';
import { Metrics } from '../../src/engine/metrics';
import { TestFolder } from '../sources/claude/transcriptFixtures';
import { engineStart, message, TestEngine, writeTranscript } from './engineFixture';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
      );
    });
    asked.on('error', reject).end();
  });
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await look().catch(() => false)) return;
    await wait(50);
  }
  assert.fail(`it never came: ${what}`);
}

describe('metrics', function () {
  this.timeout(30_000);
  let folder: TestFolder;
  let port: number;
  let engine: TestEngine;
  beforeEach(async () => {
    folder = new TestFolder();
    port = await freePort();
    const root = folder.at('claude');
    writeTranscript(root, 'one', message('a'), message('b'));
    const start = engineStart([root], { storageFolder: folder.at('storage') });
    engine = new TestEngine({ ...start, settings: { ...start.settings, metricsPort: port } });
    await engine.messages(2);
    await until('the server', async () => (await get(port, '/')).status === 401);
  });
  afterEach(async () => {
    await engine.stop();
    folder.remove();
  });
  const token = (): string => readFileSync(folder.at('storage', 'metrics-token'), 'utf8').trim();
  const withToken = (): Record<string, string> => ({ Authorization: `Bearer ${token()}` });

  it('are served to whoever shows the token, and to nobody else', async () => {
    assert.equal((await get(port, '/metrics')).status, 401);
    assert.equal((await get(port, '/metrics', { Authorization: `Bearer ${token()}x` })).status, 401);
    assert.equal((await get(port, '/metrics', { Authorization: token() })).status, 401);
    assert.equal((await get(port, '/metrics', withToken())).status, 200);
    const refused = await get(port, '/api/stats');
    assert.ok(!refused.body.includes('periods'), refused.body);
    if (process.platform !== 'win32')
      assert.equal(statSync(folder.at('storage', 'metrics-token')).mode & 0o777, 0o600);
  });

  it('are not served under another name, which a web page may have given this machine', async () => {
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', '0.0.0.0'])
      assert.equal((await get(port, '/api/stats', { ...withToken(), Host: host })).status, 403, host);
    for (const host of [`localhost:${port}`, '127.0.0.1'])
      assert.equal((await get(port, '/api/stats', { ...withToken(), Host: host })).status, 200, host);
  });

  it('tell the snapshot as JSON, and counts for Prometheus', async () => {
    await engine.client.call('refresh', null);
    const stats = await get(port, '/api/stats', withToken());
    assert.equal(stats.type, 'application/json');
    assert.equal((JSON.parse(stats.body) as Snapshot).periods.allTime.total.messages, 2);
    const { type, body } = await get(port, '/metrics', withToken());
    assert.match(type, /^text\/plain; version=0\.0\.4/);
    const value = (name: string): number =>
      Number(new RegExp(`^usage_ledger_${name} (.+)$`, 'm').exec(body)?.[1]);
    const { scan, cache } = await engine.client.call('health', null);
    assert.equal(value('messages'), 2);
    assert.equal(value('runs_total'), scan.runs);
    assert.equal(value('files'), 1);
    assert.equal(value('run_failures_total'), 0);
    assert.ok(value('read_bytes_total') > 100);
    assert.equal(value('cache_hits_total'), cache.hits);
    assert.ok(value('run_duration_seconds_bucket{le="\\+Inf",scope="everything"}') >= 1, body);
    const { hits } = cache;
    await get(port, '/api/stats', withToken());
    const asked = await engine.client.call('health', null);
    assert.equal(asked.cache.hits, hits + 1, 'a program that asks is somebody who asks');
    // Asked twice, counts are not added up.
    const again = await get(port, '/metrics', withToken());
    assert.match(again.body, new RegExp(`^usage_ledger_runs_total ${scan.runs}$`, 'm'));
  });

  it('answer nothing but GET of what there is', async () => {
    assert.equal((await get(port, '/metrics', withToken(), 'POST')).status, 405);
    assert.equal((await get(port, '/etc/passwd', withToken())).status, 404);
  });

  it('end when the setting says so, and keep their token', async () => {
    const before = token();
    const { settings } = engineStart([folder.at('claude')]);
    await engine.client.configure({ ...settings, metricsPort: 0 });
    await until('the end', () =>
      get(port, '/metrics').then(
        () => false,
        () => true,
      ),
    );
    assert.equal((await engine.client.call('health', null)).metrics, null);
    await engine.client.configure({ ...settings, metricsPort: port });
    await until('the server', async () => (await get(port, '/metrics', withToken())).status === 200);
    assert.equal(token(), before);
  });

  it('are served by one window only', async () => {
    const start = engineStart([folder.at('claude')], { storageFolder: folder.at('storage') });
    const second = new TestEngine({ ...start, settings: { ...start.settings, metricsPort: port } });
    try {
      await second.messages(2);
      const { metrics } = await second.client.call('health', null);
      assert.deepEqual(metrics, { port, error: null });
      await engine.stop();
      await second.until(({ scan }) => scan.role === 'leader');
      await until('the new leader', async () => (await get(port, '/metrics', withToken())).status === 200);
    } finally {
      await second.stop();
    }
  });
});

describe('a port for metrics that is taken', () => {
  it('is said, and tried again until it is free', async () => {
    const folder = new TestFolder();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const log: string[] = [];
    const unused = (): never => assert.fail('nobody asks');
    const metrics = new Metrics({
      storageFolder: folder.path,
      health: unused,
      snapshot: unused,
      askSnapshot: unused,
      bytesRead: unused,
      onRun: () => () => undefined,
      log: (level, text) => log.push(`${level} ${text}`),
      retryMs: 20,
    });
    try {
      await metrics.setPort(port);
      await wait(100);
      assert.match(metrics.health?.error ?? '', /EADDRINUSE/);
      assert.equal(log.length, 1, 'said once');
      await new Promise((resolve) => taken.close(resolve));
      await until('the server', async () => (await get(port, '/')).status === 401);
      assert.deepEqual(metrics.health, { port, error: null });
    } finally {
      await metrics.close();
      folder.remove();
    }
    assert.equal(metrics.health, null);
  });
});
