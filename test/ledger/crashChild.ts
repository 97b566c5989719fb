import { parseArgs } from 'node:util';
import { nodeFileSystem } from '../../src/ledger/fileSystem';
import { Ledger } from '../../src/ledger/ledger';
import { faultyFileSystem } from './faultyFileSystem';
import { tangledRecords } from './scenario';

/**
 * A scan that goes on where the ledger's cursor says, checkpointing as it goes, over and over. It dies by its own hand
 * at step `--die-at` of what it does to the disk, or whenever its parent kills it.
 */
const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    wasm: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    records: { type: 'string', default: '300' },
    'die-at': { type: 'string', default: '0' },
  },
});
const dieAt = Number(values['die-at']);
const fs = faultyFileSystem(({ number }) => {
  if (number === dieAt) process.kill(process.pid, 'SIGKILL');
  return undefined;
});

async function main(): Promise<void> {
  const ledger = await Ledger.open({
    folder: values.folder,
    wasmPath: values.wasm,
    now: Date.now,
    log: () => undefined,
    maxOpenMonths: 2,
    fs: dieAt > 0 ? fs : nodeFileSystem,
  });
  const differences = ledger.verify();
  if (differences.length > 0) throw new Error(differences.join('\n'));
  if (ledger.health().recoveries.length > 0) throw new Error('a killed process has damaged a file');
  const records = tangledRecords(Number(values.records), Number(values.seed));
  let at = (ledger.cursor('/scan') as { at: number } | undefined)?.at ?? 0;
  process.stdout.write(`${at}\n`);
  while (at < records.length) {
    ledger.fold(records.slice(at, at + 17));
    at = Math.min(records.length, at + 17);
    ledger.putCursor('/scan', { at });
    await ledger.checkpoint();
  }
  await ledger.close();
  process.stdout.write('done\n');
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
