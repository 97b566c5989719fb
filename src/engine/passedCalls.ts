import type { Handlers } from '../protocol/endpoint';
import type { EngineCalls } from '../protocol/engineApi';

/**
 * Calls that are passed on as they are to whoever leads: from the host to its engine's role, from a follower to the
 * leader. All but the first group may be asked again of another leader, since asking twice changes nothing.
 */
const askedOnce = [
  'nextMessages',
  'closeMessages',
  'claimLimitNotice',
  'archiveMonth',
  'cancelImport',
] as const;
const askedAgain = [
  'snapshot',
  'refresh',
  'cancelScan',
  'breakdown',
  'rateCards',
  'openMessages',
  'sessions',
  'packedSessions',
  'sessionTitle',
  'blocks',
  'patterns',
  'profiles',
  'history',
  'health',
  'restoreMonth',
  'mergeLedger',
  'muteLimit',
  'rebuild',
  'importLegacy',
] as const;

export const passedCalls = [...askedOnce, ...askedAgain];
export type PassedCall = (typeof passedCalls)[number];

/** A flush is no plain call (it has an answer without a leader too), but may be asked again. */
export const repeatable: ReadonlySet<keyof EngineCalls> = new Set<keyof EngineCalls>([
  ...askedAgain,
  'flush',
]);

/** Handlers that ask somebody else. */
export function passOn(
  ask: <Name extends PassedCall>(
    name: Name,
    params: EngineCalls[Name]['params'],
  ) => Promise<EngineCalls[Name]['result']>,
): Pick<Handlers<EngineCalls>, PassedCall> {
  const handlers = passedCalls.map((name) => [
    name,
    (params: EngineCalls[PassedCall]['params']) => ask(name, params),
  ]);
  return Object.fromEntries(handlers) as Pick<Handlers<EngineCalls>, PassedCall>;
}
