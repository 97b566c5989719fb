// npm run test:chaos [-- --seconds N --seed N --verbose]: ten windows that are killed, suspended, closed and opened at
// random. `npm test` runs the same for a few seconds.
import { parseArgs } from 'node:util';
import { runFull, wholeNumber } from './testing/runFull.mjs';

await runFull(['chaos/chaos.test.js'], () => {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '300' },
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  return {
    USAGE_LEDGER_CHAOS_SECONDS: wholeNumber('--seconds', values.seconds),
    ...(values.seed === undefined ? {} : { USAGE_LEDGER_CHAOS_SEED: wholeNumber('--seed', values.seed) }),
    ...(values.verbose ? { USAGE_LEDGER_CHAOS_LOG: '1' } : {}),
  };
});
