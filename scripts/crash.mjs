// npm run test:crash [-- --rounds N]: windows that record, and imports, are killed at random moments, 500 times by default.
// `npm test` runs the same for a few rounds.
import { parseArgs } from 'node:util';
import { runFull, wholeNumber } from './testing/runFull.mjs';

await runFull(
  ['engine/crashStorm.test.js', 'engine/importCrash.test.js', 'writer/crash.test.js', 'ledger/crash.test.js'],
  () => {
    const { values } = parseArgs({ options: { rounds: { type: 'string', default: '500' } } });
    const rounds = wholeNumber('--rounds', values.rounds);
    return { USAGE_LEDGER_CRASH_ROUNDS: rounds, LEDGER_CRASH_ROUNDS: rounds };
  },
);
