import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countedBetween } from '../../src/ledger/countedRows';
import { Book } from '../../src/ledger/book';
import { nodeFileSystem } from '../../src/ledger/fileSystem';
import { FreshRows } from '../../src/ledger/freshRows';
import { Interning } from '../../src/ledger/interning';
import { blankRow, latestEpochMs, readRecord, recordOf, type Row } from '../../src/ledger/row';
import { loadSqlEngine } from '../../src/ledger/schema';
import { differences } from '../../src/ledger/verify';
import type { PricedRecord } from '../../src/model/usageRecord';
import { manyRecords, record, wasmPath } from './fixtures';
import { tangledRecords } from './scenario';

const month = 681;

describe('FreshRows', function () {
  this.timeout(60_000);
  const interning = new Interning();
  const blank = blankRow(interning.dimensions(record()), interning.origin(record().origin));

  function rowOf(told: PricedRecord): Row {
    const row = { ...blank, counted: true, alone: true, month, pendingMonth: month };
    readRecord(told, row, interning);
    return { ...row, month };
  }

  it('gives back each row as it was, whatever was taken, written, kept or undone in between', () => {
    const records = manyRecords(3_000).filter((_, index) => index % 2 === 1);
    const step = fc.record({
      what: fc.constantFrom('add', 'add', 'add', 'take', 'write', 'commit', 'rollback'),
      which: fc.nat(),
      count: fc.nat(300),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const fresh = new FreshRows(blank.dimensions, blank.origin);
        const held = new Map<number, Row>();
        const written = new Set<number>();
        let takenWritten: number[] = [];
        let next = 0;
        for (const { what, which, count } of steps) {
          const known = [...held.keys()];
          const some = known.slice(which % (known.length + 1)).slice(0, count);
          if (what === 'add')
            for (const each of records.slice(next, next + count)) {
              const row = rowOf(each);
              fresh.add(row);
              held.set(row.hash, row);
              next++;
            }
          else if (what === 'take')
            for (const hash of some) {
              const row = fresh.take(hash, month);
              const isWritten = written.delete(hash);
              const told = isWritten ? { storedMonth: month, pendingMonth: -1, changed: false } : {};
              assert.deepEqual(row, { ...held.get(hash), ...told });
              if (isWritten) takenWritten.push(hash);
              held.delete(hash);
              assert.equal(fresh.take(hash, month), undefined);
            }
          else if (what === 'write')
            for (const hash of some) {
              const row = fresh.write(hash, month);
              assert.deepEqual(row, written.has(hash) ? undefined : held.get(hash));
              written.add(hash);
            }
          else if (what === 'commit') {
            fresh.committed();
            for (const hash of written) held.delete(hash);
            written.clear();
            takenWritten = [];
          } else {
            assert.deepEqual(
              fresh.rolledBack().map(({ hash }) => hash),
              takenWritten,
            );
            written.clear();
            takenWritten = [];
          }
          assert.equal(fresh.size, held.size);
        }
        assert.deepEqual(
          [...fresh.unwritten()].sort((one, other) => one - other),
          [...held.keys()].filter((hash) => !written.has(hash)).sort((one, other) => one - other),
        );
        assert.deepEqual(new Set(fresh.rows(month)), new Set(held.values()));
      }),
      { numRuns: 100 },
    );
  });

  it('lose nothing and count nothing twice when what was written is undone, whatever was folded meanwhile', async () => {
    const sql = await loadSqlEngine(wasmPath);
    const makeBook = (): Book =>
      new Book({
        sql,
        fs: nodeFileSystem,
        folder: null,
        now: Date.now,
        log: () => undefined,
        interning: new Interning(),
        isWarm: () => false,
      });
    const said = (book: Book): unknown => {
      for (const each of book.months.values()) {
        book.write(each);
        book.removeMoved(each);
        assert.deepEqual(differences(book, each), []);
      }
      const rows = countedBetween(book, 0, latestEpochMs).map((row) => JSON.stringify(recordOf(row)));
      return rows.sort();
    };
    let undone = 0;
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(6), { minLength: 2, maxLength: 6 }), (seed, pauses) => {
        const records = tangledRecords(600, seed, 320);
        const book = makeBook();
        const lots = pauses.length + 1;
        const lot = (index: number): PricedRecord[] => records.filter((_, at) => at % lots === index);
        book.fold(lot(0));
        for (const [index, slices] of pauses.entries()) {
          // Months of the lot before are being written while the next one is folded, and then the commit fails.
          const writings = [...book.months.values()].map((each) => {
            const store = book.months.store(each);
            const commit = store.commit.bind(store);
            store.commit = () => {
              throw new Error('no room');
            };
            const restore = (): void => void (store.commit = commit);
            return { restore, writing: book.writing(each), each };
          });
          for (const { writing } of writings)
            for (let slice = 0; slice < slices; slice++) if (attempt(() => writing.next())) break;
          book.fold(lot(index + 1));
          for (const { writing, restore, each } of writings) {
            while (each.writing !== null) if (attempt(() => writing.next())) undone++;
            restore();
          }
        }
        const plain = makeBook();
        plain.fold(records);
        assert.deepEqual(said(book), said(plain));
        book.close();
        plain.close();
      }),
      { numRuns: 20 },
    );
    assert.ok(undone > 20, `${undone} transactions were undone`);
  });
});

/** True: it has failed. */
function attempt(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    assert.equal((error as Error).message, 'no room');
    return true;
  }
}
