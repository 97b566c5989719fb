import type { EngineCalls } from '../protocol/engineApi';

/**
 * Calls that may be asked again of another leader: reading and folding twice change nothing. A stream of messages lives
 * in the leader that opened it and ends with it.
 */
export const repeatable: ReadonlySet<keyof EngineCalls> = new Set<keyof EngineCalls>([
  'snapshot',
  'refresh',
  'flush',
  'breakdown',
  'rateCards',
  'openMessages',
]);
