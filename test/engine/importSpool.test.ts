import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageRecord } from '../../src/model/usageRecord';
import { ImportSpool } from '../../src/engine/importSpool';
import { LegacyImport } from '../../src/engine/legacyImport';
import { Ledger } from '../../src/ledger/ledger';
import { priceRecord } from '../../src/pricing/price';
import { withPrice } from '../../src/sources/recorded/completeEntry';
import { CivilTime } from '../../src/stats/civilTime';
import { record } from '../ledger/fixtures';
import { temporaryFolder, writeFiles } from '../sources/legacy/fixtures';
import { wasmPath } from './engineFixture';

describe('records of an import', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function someRecords(count: number): UsageRecord[] {
    return Array.from({ length: count }, (_, index) =>
      record({ key: `\u{1F9EE} "${index}"`, epochMs: Date.UTC(2025, index % 3, 1 + (index % 20)) }),
    );
  }

  async function readAll(spool: ImportSpool): Promise<UsageRecord[]> {
    const all: UsageRecord[] = [];
    for (const month of spool.months()) for await (const some of spool.read(month)) all.push(...some);
    return all;
  }

  it('wait by month, in the order in which they came, many of them on the disk where nobody else can read them', async () => {
    const waiting = join(folder, 'import');
    const spool = new ImportSpool(waiting);
    const records = someRecords(30_000);
    for (let at = 0; at < records.length; at += 7) await spool.put(records.slice(at, at + 7));
    assert.equal(spool.count, 30_000);
    assert.deepEqual(spool.months(), ['2025-01', '2025-02', '2025-03']);
    assert.deepEqual(readdirSync(waiting).sort(), ['2025-01.jsonl', '2025-02.jsonl', '2025-03.jsonl']);
    if (process.platform !== 'win32') {
      assert.equal(statSync(waiting).mode & 0o777, 0o700);
      assert.equal(statSync(join(waiting, '2025-01.jsonl')).mode & 0o777, 0o600);
    }
    const expected = [0, 1, 2].flatMap((month) => records.filter((_, index) => index % 3 === month));
    assert.deepEqual(await readAll(spool), expected);
    await spool.empty();
    assert.ok(!existsSync(waiting));
    assert.deepEqual([spool.months(), spool.count], [[], 0]);
  });

  it('stay in memory while they are few, or where there is no folder', async () => {
    const few = new ImportSpool(join(folder, 'import'));
    await few.put(someRecords(100));
    assert.ok(!existsSync(join(folder, 'import')));
    assert.equal((await readAll(few)).length, 100);
    const nowhere = new ImportSpool(null);
    await nowhere.put(someRecords(30_000));
    assert.equal((await readAll(nowhere)).length, 30_000);
  });

  it('bring in each month once, though every user’s sessions reach over all of them', async () => {
    const old = join(folder, 'old');
    const sessions: Record<string, unknown> = {};
    for (let user = 0; user < 20; user++)
      for (let day = 0; day < 360; day += 2)
        sessions[`${user} ${day}`] = {
          user: `user-${user}`,
          start_time: new Date(Date.UTC(2025, 0, 1 + day, 9)).toISOString(),
          model: 'o3',
          tokens: 100,
          cost: 0.01,
        };
    writeFiles(old, { 'usage.json': { sessions } });
    const ledger = await Ledger.open({
      folder: join(folder, 'ledger'),
      wasmPath,
      now: Date.now,
      log: () => undefined,
    });
    const written: string[] = [];
    const report = await new LegacyImport({
      folder: old,
      dryRun: false,
      ledger,
      fold: (records) => {
        ledger.fold(records.map((each) => withPrice(each, priceRecord(each, null, 'auto'))));
      },
      save: async () => {
        written.push(...(await ledger.checkpoint()).files);
      },
      civil: new CivilTime('UTC'),
      user: 'ada',
      host: 'desk',
      spoolFolder: join(folder, 'import'),
      onProgress: () => undefined,
      log: () => undefined,
      // So that it is saved a dozen times.
      recordsASave: 200,
    }).run();
    assert.equal(report.sessions, 3_600);
    assert.deepEqual(ledger.verify(), []);
    const months = written.filter((name) => /^\d{4}-\d{2}\.sqlite$/.test(name));
    assert.equal(months.length, 12);
    assert.equal(new Set(months).size, 12, 'none twice');
    await ledger.close();
  });
});
