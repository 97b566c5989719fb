import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Journals } from '../../src/engine/journals';
import type { UsageRecord } from '../../src/model/usageRecord';
import { entry, type Harness, readJournal, remove, startWriter, temporaryFolder } from '../writer/support';

describe('journals', () => {
  let folder: string;
  let harness: Harness;
  let folded: string[];
  let log: string[];
  let journals: Journals;
  beforeEach(() => {
    folder = temporaryFolder();
    harness = startWriter(folder);
    folded = [];
    log = [];
    journals = new Journals({
      folder: harness.folders.primary,
      fold: (records) => folded.push(...records.map(({ key }) => key)),
      log: (level, message) => log.push(`${level} ${message}`),
    });
  });
  afterEach(async () => {
    await harness.writer.shutdown();
    remove(folder);
  });

  async function record(id: string): Promise<void> {
    harness.writer.record(entry(id));
    await harness.writer.flush();
    await journals.fold();
  }

  const keysLeft = async (): Promise<readonly string[]> => (await readJournal(harness.folders.primary)).keys;
  const holds =
    (keys: readonly string[]) =>
    (records: readonly UsageRecord[]): boolean =>
      records.every(({ key }) => keys.includes(key));
  const allowed = (): void => undefined;

  it('keep what was folded while the ledger was being saved for the next save, without a word', async () => {
    await record('before');
    const { cuttable } = journals;
    const saved = [...folded];
    await record('meanwhile');
    await journals.cut(cuttable, holds(saved), allowed);
    assert.deepEqual(await keysLeft(), ['meanwhile']);
    assert.deepEqual([await journals.fold(), log], [0, []]);
    assert.equal(folded.length, 2, 'nothing is folded twice');
    await journals.cut(journals.cuttable, holds(folded), allowed);
    assert.deepEqual(await keysLeft(), []);
  });

  it('fold what comes into a segment that was closed, before it is cut', async () => {
    await record('one');
    const { primary } = harness.folders;
    const [segment] = readdirSync(primary).map((name) => join(primary, name));
    const late = readFileSync(segment!, 'utf8')
      .split('\n')
      .find((line) => line.includes('one'));
    assert.ok(late !== undefined);
    const saved = [...folded];
    appendFileSync(segment!, `${late}\n`);
    await journals.cut(journals.cuttable, () => false, allowed);
    assert.deepEqual([await keysLeft(), log], [['one', 'one'], []]);
    await journals.fold();
    assert.deepEqual(new Set(folded), new Set(saved));
    assert.ok(folded.length > saved.length);
    await journals.cut(journals.cuttable, holds(folded), allowed);
    assert.deepEqual(await keysLeft(), []);
  });
});
