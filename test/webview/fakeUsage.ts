import type { Measures } from '../../src/model/measures';
import { fixtureNow, measures } from './fixtures';

/** The same "random" numbers every time. */
export function noise(seed: number): number {
  const value = Math.sin(seed * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
}

export const models = [
  ['claude-opus-4-6', 1],
  ['claude-sonnet-4-6', 0.42],
  ['claude-haiku-4-5-20251001', 0.09],
  ['claude-opus-4-5-20251101', 0.3],
] as const;

export function usage(scale: number): Measures {
  const messages = Math.round(120 * scale) + 1;
  return measures({
    messages,
    inputTokens: Math.round(8_000 * scale),
    outputTokens: Math.round(92_000 * scale),
    cacheReadTokens: Math.round(9_400_000 * scale),
    cacheWrite5mTokens: Math.round(510_000 * scale),
    costNanoDollars: Math.round(14_600_000_000 * scale),
    cacheReadSavedNanoDollars: Math.round(38_000_000_000 * scale),
    cacheWriteExtraNanoDollars: Math.round(1_900_000_000 * scale),
  });
}

export function modelsOf(daysAgo: number): { name: string; total: Measures }[] {
  const weekday = new Date(fixtureNow - daysAgo * 86_400_000).getUTCDay();
  const busy = weekday === 0 || weekday === 6 ? (noise(daysAgo) > 0.6 ? 0.25 : 0) : 0.5 + noise(daysAgo + 3);
  return models
    .map(([name, weight], index) => ({
      name,
      scale: busy * weight * (0.4 + noise(daysAgo * 7 + index)),
      there: index < 3 || daysAgo > 14,
    }))
    .filter(({ there, scale }) => there && scale > 0.02)
    .map(({ name, scale }) => ({ name, total: usage(scale) }));
}

export const projects = [
  '/home/ada/work/usage-ledger',
  '/home/ada/work/billing/service',
  '/home/ada/play/service',
  '/home/ada/work/site',
  '/home/ada/notes',
  '',
  '/home/ada/work/a-folder-with-quite-a-long-name-that-does-not-fit-anywhere/packages/core',
  '/home/ada/tmp/one',
  '/home/ada/tmp/two',
  '/home/ada/tmp/three',
];
