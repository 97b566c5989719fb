import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LegacyImport } from '../../src/engine/legacyImport';
import { Ledger } from '../../src/ledger/ledger';
import { priceRecord } from '../../src/pricing/price';
import { withPrice } from '../../src/sources/recorded/completeEntry';
import { CivilTime } from '../../src/stats/civilTime';

/** An import into a real ledger, saved often, that its parent kills; or one that tells how much memory it took. */
const { values } = parseArgs({
  options: {
    ledger: { type: 'string', default: '' },
    folder: { type: 'string', default: '' },
    wasm: { type: 'string', default: '' },
    'records-a-save': { type: 'string', default: '100' },
    'dry-run': { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const ledger = await Ledger.open({
    folder: values.ledger === '' ? null : values.ledger,
    wasmPath: values.wasm,
    now: Date.now,
    log: () => undefined,
    maxOpenMonths: 2,
  });
  const differences = ledger.verify();
  if (differences.length > 0) throw new Error(differences.join('\n'));
  if (ledger.health().recoveries.length > 0) throw new Error('a killed process has damaged a file');
  process.stdout.write('begun\n');
  const work = new LegacyImport({
    folder: values.folder,
    dryRun: values['dry-run'],
    ledger,
    fold: (records) => {
      ledger.fold(records.map((record) => withPrice(record, priceRecord(record, null, 'auto'))));
    },
    save: async () => {
      const { complete } = await ledger.checkpoint();
      if (!complete) throw new Error('the ledger could not be saved');
    },
    civil: new CivilTime('UTC'),
    user: 'ada',
    host: 'desk',
    spoolFolder: values.ledger === '' ? null : join(values.ledger, '..', 'import'),
    onProgress: () => undefined,
    log: () => undefined,
    recordsASave: Number(values['records-a-save']),
  });
  const report = await work.run();
  await ledger.close();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(
    `${JSON.stringify({ sessions: report.sessions, problems: report.problems, peakBytes })}\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
