import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Ledger } from '../../src/ledger/ledger';
import { socketFolders } from '../../src/engine/linkPlace';
import { ledgerFolderOf } from '../../src/engine/storage';
import { journalFoldersIn } from '../../src/writer/journalPlaces';
import type { Measures } from '../../src/model/measures';
import { wasmPath } from '../engine/engineFixture';

export interface LedgerContent {
  /** By id. */
  readonly messages: ReadonlyMap<string, Measures>;
  /** Every way in which sums and messages disagree. */
  readonly differences: readonly string[];
}

/** What the files of a ledger hold, read anew; only while no window is open. */
export async function readLedger(storage: string): Promise<LedgerContent> {
  const differences: string[] = [];
  const ledger = await Ledger.open({
    folder: ledgerFolderOf(storage),
    wasmPath,
    now: Date.now,
    log: () => undefined,
    onRecovery: (recoveries) => {
      for (const { file, outcome, cause } of recoveries)
        differences.push(`${file} was damaged (${cause}): ${outcome}`);
    },
  });
  try {
    const messages = new Map<string, Measures>();
    for await (const rows of ledger.messages())
      for (const { id, total } of rows) {
        if (messages.has(id)) differences.push(`${id} is there twice`);
        if (total.messages !== 1) differences.push(`${id} counts as ${total.messages}`);
        messages.set(id, total);
      }
    return { messages, differences: [...differences, ...ledger.verify()] };
  } finally {
    await ledger.close();
  }
}

/** Everything below a folder, itself included. */
export function* filesBelow(folder: string): Generator<string> {
  if (!existsSync(folder)) return;
  yield folder;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) yield join(folder, entry);
}

/** What must not be left once all windows have been closed; and what somebody else could read. */
export function remains(storage: string, temporary: string): string[] {
  const found = openToOthers(storage);
  const journals = Object.values<string>({ ...journalFoldersIn(storage, temporary) });
  for (const path of filesBelow(storage)) {
    const name = relative(storage, path);
    const stats = lstatSync(path);
    const isJournal = journals.some((folder) => path !== folder && path.startsWith(folder));
    if (
      stats.isSocket() ||
      isJournal ||
      /\.tmp$|[\\/]lease\.lock$|[\\/]link\.json$|[\\/]link$|[\\/]corrupt([\\/]|$)/.test(name)
    )
      found.push(`${name} is left`);
  }
  for (const folder of socketFolders(ledgerFolderOf(storage)))
    if (existsSync(folder)) found.push(`the socket's folder ${folder} is left`);
  return found;
}

/** Files and folders whose rights are not the user's alone. */
export function openToOthers(storage: string): string[] {
  const found: string[] = [];
  for (const path of filesBelow(storage)) {
    let stats;
    try {
      stats = lstatSync(path);
    } catch {
      // Gone meanwhile: windows may be at work.
      continue;
    }
    const mode = stats.mode & 0o777;
    if (mode !== (stats.isDirectory() ? 0o700 : 0o600))
      found.push(`${relative(storage, path) || 'the storage folder'} has mode ${mode.toString(8)}`);
  }
  return found;
}
