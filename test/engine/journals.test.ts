import assert from 'node:assert/strict';
import { Journals } from '../../src/engine/journals';
import type { UsageRecord } from '../../src/model/usageRecord';
import { entry, readJournal, remove, startWriter, temporaryFolder } from '../writer/support';

describe('journals', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => remove(folder));

  it('keep what was folded while the ledger was being saved for the next save, without a word', async () => {
    const { writer, folders } = startWriter(folder);
    const folded: string[] = [];
    const log: string[] = [];
    const journals = new Journals({
      folder: folders.primary,
      fold: (records) => folded.push(...records.map(({ key }) => key)),
      log: (level, message) => log.push(`${level} ${message}`),
    });
    const record = async (id: string): Promise<void> => {
      writer.record(entry(id));
      await writer.flush();
      await journals.fold();
    };
    await record('before');
    const { cuttable } = journals;
    const saved = [...folded];
    await record('meanwhile');
    const areSaved = (records: readonly UsageRecord[]): boolean =>
      records.every(({ key }) => saved.includes(key));
    await journals.cut(cuttable, areSaved, () => undefined);
    assert.deepEqual((await readJournal(folders.primary)).keys, ['meanwhile']);
    assert.deepEqual([await journals.fold(), log], [0, []]);
    assert.equal(folded.length, 2, 'nothing is folded twice');

    await journals.cut(
      journals.cuttable,
      () => true,
      () => undefined,
    );
    assert.deepEqual((await readJournal(folders.primary)).keys, []);
    await writer.shutdown();
  });
});
