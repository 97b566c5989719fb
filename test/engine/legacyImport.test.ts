import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../../src/model/errors';
import type { ImportReport } from '../../src/model/importReport';
import type { MessageRow } from '../../src/model/query';
import { engineStart, TestEngine } from './engineFixture';
import { everyKind, temporaryFolder, writeFiles, writeManySessions } from '../sources/legacy/fixtures';

const dollar = 1_000_000_000;

describe('importing old usage files', function () {
  this.timeout(60_000);
  let folder: string;
  const engines: TestEngine[] = [];
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  function engine(storage: string | null = null, timeZone = 'UTC'): TestEngine {
    const start = engineStart([], { storageFolder: storage, background: false });
    const opened = new TestEngine({ ...start, settings: { ...start.settings, timeZone } });
    engines.push(opened);
    return opened;
  }

  function bring({ client }: TestEngine, dryRun = false): Promise<ImportReport> {
    return client.call('importLegacy', { folder, dryRun });
  }

  async function rows({ client }: TestEngine): Promise<MessageRow[]> {
    const { stream } = await client.call('openMessages', {});
    const all: MessageRow[] = [];
    for (;;) {
      const some = await client.call('nextMessages', { stream });
      if (some.length === 0) return all;
      all.push(...some);
    }
  }

  async function totals(of: TestEngine): Promise<{ messages: number; tokens: number; dollars: number }> {
    const sum = { messages: 0, tokens: 0, dollars: 0 };
    for (const { total } of await rows(of)) {
      sum.messages += total.messages;
      sum.tokens += total.inputTokens + total.outputTokens;
      sum.dollars += total.costNanoDollars / dollar;
    }
    return sum;
  }

  it('brings in every kind of file, each usage once, and keeps the originals', async () => {
    writeFiles(folder, everyKind);
    const running = engine(join(folder, 'storage'));
    const report = await bring(running);
    // 5 by session and 1 more by day, 2 and 1 of two users by day, 2 more by month.
    assert.equal(report.found.costNanoDollars, 11 * dollar);
    assert.deepEqual(await totals(running), {
      messages: 4 + 2 + 1 + 13 + 2 + 2,
      tokens: 1_200 + 1_140 + 100 + 5_900 + 30 + 100,
      dollars: 11,
    });
    assert.deepEqual(report.problems, []);
    assert.deepEqual(report.users.first, ['bob', 'eve', 'someone']);
    assert.deepEqual([report.sessions, report.days, report.months], [2, 6, 2]);
    assert.deepEqual([report.firstDay, report.lastDay], ['2025-03-01', '2025-03-09']);
    assert.deepEqual([report.profiles, report.profilesWithoutUsage], [2, 1]);
    assert.deepEqual(
      readdirSync(folder)
        .filter((name) => name !== 'storage')
        .sort(),
      [
        'daily_usage.json.legacy_backup',
        'monthly_usage.json.legacy_backup',
        'partitioned.legacy_backup',
        'spending_limits.json',
        'usage.json.legacy_backup',
        'user_profiles.jsonl',
      ],
    );
    assert.ok(report.files.every(({ keptAs }) => keptAs?.endsWith('.legacy_backup')));
  });

  it('shows where totals and what they are the total of disagree, and keeps the rest as unattributed', async () => {
    writeFiles(folder, everyKind);
    const running = engine();
    const { disagreements, unattributed } = await bring(running);
    assert.deepEqual(
      disagreements.first.map(({ of, user, total, details }) => [
        of,
        user,
        total.costNanoDollars / dollar,
        details.costNanoDollars / dollar,
      ]),
      [
        ['gpt-4o', '', 2.5, 2],
        ['2025-03-02', 'someone', 4, 3],
        ['2025-03', 'bob', 4, 2],
      ],
    );
    // A dollar of a day, two of a month, and a day of a user that names no model.
    assert.equal(unattributed.costNanoDollars, (1 + 2 + 1) * dollar);
    const rest = (await rows(running)).filter(({ model }) => model === 'unattributed');
    assert.deepEqual(
      rest.map(({ user, total }) => [user, total.costNanoDollars / dollar]),
      [
        ['bob', 2],
        ['someone', 1],
        ['eve', 1],
      ],
    );
  });

  it('says in a dry run what would come in, and changes nothing', async () => {
    writeFiles(folder, everyKind);
    const running = engine(join(folder, 'storage'));
    const would = await bring(running, true);
    assert.equal(would.dryRun, true);
    assert.deepEqual(await totals(running), { messages: 0, tokens: 0, dollars: 0 });
    assert.ok(existsSync(join(folder, 'usage.json')));
    const did = await bring(running);
    const told = ({ found, unattributed, users, sessions, days, months, disagreements }: ImportReport) => ({
      found,
      unattributed,
      users,
      sessions,
      days,
      months,
      disagreements,
    });
    assert.deepEqual(told(would), told(did));
    assert.deepEqual(did.ledgerAfter, did.found);
  });

  it('proposes the limits of spending_limits.json', async () => {
    writeFiles(folder, everyKind);
    const { limits } = await bring(engine(), true);
    assert.deepEqual(limits, [
      { period: 'day', user: 'bob', softNanoDollars: 4 * dollar, hardNanoDollars: 5 * dollar },
      { period: 'month', user: 'bob', softNanoDollars: 80 * dollar, hardNanoDollars: 100 * dollar },
    ]);
  });

  it('counts once what is imported twice, under whichever name the originals come back', async () => {
    const storage = join(folder, 'storage');
    writeFiles(folder, everyKind);
    let running = engine(storage);
    await bring(running);
    const once = await totals(running);
    await running.stop();
    writeFiles(folder, everyKind);
    running = engine(storage);
    const report = await bring(running);
    assert.deepEqual(report.ledgerBefore, report.ledgerAfter);
    assert.deepEqual(await totals(running), once);
    assert.ok(existsSync(join(folder, 'usage.json.2.legacy_backup')));
  });

  it('lets a month that has grown count its growth, though its days are gone by now', async () => {
    const running = engine();
    writeFiles(folder, {
      'daily_usage.json': { bob: { '2025-03-01': { tokens: 100, cost: 1, models: ['o3'] } } },
      'monthly_usage.json': { bob: { '2025-03': { tokens: 100, cost: 1 } } },
    });
    await bring(running);
    assert.equal((await totals(running)).dollars, 1);
    for (const cost of [1.5, 2.25]) {
      writeFiles(folder, { 'monthly_usage.json': { bob: { '2025-03': { tokens: cost * 100, cost } } } });
      await bring(running);
      assert.deepEqual(await totals(running), { messages: 2, tokens: cost * 100, dollars: cost });
    }
  });

  it('puts sums on the civil days of whoever uses them', async () => {
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Berlin']) {
      writeFiles(folder, {
        'usage.json': { sessions: [{ timestamp: '2025-03-30T23:59:00', cost: 1, tokens: 5, model: 'o3' }] },
        'daily_usage.json': { bob: { '2025-03-30': { cost: 1, tokens: 5 } } },
      });
      const running = engine(null, timeZone);
      await bring(running);
      const days = await running.client.call('breakdown', {
        filter: { from: '2025-03-01', to: '2025-04-30' },
        grain: 'day',
        by: [],
      });
      assert.deepEqual(
        days.filter(({ total }) => total.messages > 0).map(({ bucket, total }) => [bucket, total.messages]),
        [['2025-03-30', 2]],
        timeZone,
      );
    }
  });

  it('passes over what it cannot understand, counts it, and takes the rest', async () => {
    writeFiles(folder, {
      'usage.json': {
        sessions: [
          { timestamp: '2025-03-01T10:00:00Z', tokens: 10, cost: 1 },
          { timestamp: '2025-03-01T10:00:00Z', tokens: -10, cost: 1 },
          { timestamp: 'yesterday', tokens: 10 },
          'nonsense',
        ],
      },
      'daily_usage.json': '{"bob":{"2025-03-01":{"tokens":10,"cost":1},"2025-02-30":{"tokens":1}},"eve":{"20',
    });
    const running = engine();
    const report = await bring(running);
    assert.equal(report.badEntries.count, 4);
    assert.deepEqual(
      report.files.map(({ name, damage, keptAs }) => [name, damage === null, keptAs]),
      [
        ['usage.json', true, 'usage.json.legacy_backup'],
        ['daily_usage.json', false, null],
      ],
    );
    assert.equal((await totals(running)).dollars, 2);
  });

  it('counts on when one entry is beyond counting', async () => {
    writeFiles(folder, {
      'usage.json': {
        sessions: [
          { timestamp: '2025-03-01T10:00:00Z', output_tokens: 999_999_999_999, model: 'claude-opus-4-1' },
          { timestamp: '2025-03-01T11:00:00Z', tokens: 10, cost: 1 },
        ],
      },
    });
    const running = engine();
    const { badEntries } = await bring(running);
    assert.deepEqual(
      badEntries.first.map(({ place }) => place),
      ['someone › claude-opus-4-1'],
    );
    assert.equal((await totals(running)).dollars, 1);
  });

  it('can be ended, answers questions meanwhile, and goes on where it was', async () => {
    writeManySessions(join(folder, 'usage.json'), 30_000);
    const running = engine(join(folder, 'storage'));
    // While the file is read, and while what it holds comes in.
    for (const half of [0, 0.5]) {
      const progressed = new Promise<void>((resolve) => {
        const stop = running.client.on('importProgress', ({ bytesDone, bytesTotal }) => {
          if (bytesDone <= bytesTotal * half) return;
          stop();
          resolve();
        });
      });
      let anythingIn = false;
      const stop = running.client.on('importProgress', (now) => ({ anythingIn } = now));
      const ended = assert.rejects(bring(running), (error) => LedgerError.is(error, 'cancelled'));
      await progressed;
      await assert.rejects(bring(running), (error) => LedgerError.is(error, 'busy'));
      const { periods } = await running.client.call('snapshot', null);
      await running.client.call('cancelImport', null);
      await ended;
      assert.ok(existsSync(join(folder, 'usage.json')));
      assert.ok(!existsSync(join(folder, 'storage', 'import')), 'what waited on the disk is gone');
      const part = (await totals(running)).messages;
      assert.ok(half === 0 ? part === 0 : part > 0 && part < 90_000);
      assert.equal(anythingIn, part > 0, 'who ends it is told whether something came in');
      stop();
      assert.ok(periods.allTime.total.messages <= part);
    }
    const report = await bring(running);
    assert.equal(report.sessions, 30_000);
    assert.equal((await totals(running)).messages, 90_000);
  });

  it('is done by the window that leads, for whichever asks, and can be ended by it', async () => {
    const storage = join(folder, 'storage');
    const leading = engine(storage);
    await leading.client.call('snapshot', null);
    const following = engine(storage);
    await following.until(({ scan }) => scan.role === 'follower');
    writeManySessions(join(folder, 'usage.json'), 12_000);
    const ended = assert.rejects(bring(following), (error) => LedgerError.is(error, 'cancelled'));
    await new Promise<void>((resolve) => following.client.on('importProgress', () => resolve()));
    await following.client.call('cancelImport', null);
    await ended;
    const { sessions } = await bring(following);
    assert.equal(sessions, 12_000);
    assert.deepEqual(await totals(following), await totals(leading));
  });

  it('says that a folder is none, and that there is nothing in one', async () => {
    const running = engine();
    const nothing = await bring(running, true);
    assert.deepEqual([nothing.files, nothing.firstDay], [[], null]);
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(
      running.client.call('importLegacy', { folder: join(folder, 'file'), dryRun: true }),
      (error) => LedgerError.is(error, 'not-found'),
    );
  });
});
