import { Ledger } from '../../src/ledger/ledger';
import { scanInto } from './scanInto';

/** Scans into a ledger on the disk, saving after every lot and saying so, until its parent kills it. */
async function main([root, folder, wasmPath]: readonly string[]): Promise<void> {
  const ledger = await Ledger.open({
    folder: folder!,
    wasmPath: wasmPath!,
    now: Date.now,
    log: () => undefined,
  });
  await scanInto(ledger, root!, {
    saveIfDue: async () => {
      await ledger.checkpoint();
      process.stdout.write('saved\n');
    },
  });
  process.stdout.write('done\n');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
