import { addMeasures, type Measures, noMeasures } from '../../src/model/measures';
import type { MessageRow } from '../../src/model/query';
import type { Ledger } from '../../src/ledger/ledger';
import { openLedger, removeFolder, temporaryFolder } from './fixtures';

/** For each test of a suite a folder of its own, and ledgers that are closed when it ends. */
export function useLedgers(onFolder: (path: string) => void): typeof openLedger {
  let folder: string;
  const opened: Ledger[] = [];
  beforeEach(() => {
    folder = temporaryFolder();
    onFolder(folder);
  });
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close();
    removeFolder(folder);
  });
  return async (...args) => {
    const ledger = await openLedger(...args);
    opened.push(ledger);
    return ledger;
  };
}

export function totalOf(ledger: Ledger, from = 0, to = Number.MAX_SAFE_INTEGER): Measures {
  const sum = noMeasures();
  ledger.cube().forEach(from, to, (_quarter, _dimensions, measures) => addMeasures(sum, measures));
  return sum;
}

export async function messagesOf(
  ledger: Ledger,
  filter: Parameters<Ledger['messages']>[0] = {},
  chunk = 1000,
): Promise<MessageRow[]> {
  const rows: MessageRow[] = [];
  for await (const part of ledger.messages(filter, chunk)) rows.push(...part);
  return rows;
}
