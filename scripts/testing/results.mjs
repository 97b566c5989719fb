// What the suites' runs come to.
import { existsSync, readFileSync } from 'node:fs';

/**
 * The counts that a suite left. One that did not come to its end, or ended with a bad exit code though all that it
 * counted had passed, counts as one failure more: a crash must never look like a success.
 * @returns {{ passed: number, failed: number, skipped: number, crashed: boolean }}
 */
export function suiteResult(resultsPath, exitCode) {
  const counts = existsSync(resultsPath)
    ? JSON.parse(readFileSync(resultsPath, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0, ended: false };
  const crashed = !counts.ended || (exitCode !== 0 && counts.failed === 0);
  return {
    passed: counts.passed,
    failed: counts.failed + (crashed ? 1 : 0),
    skipped: counts.skipped,
    crashed,
  };
}

export function total(results) {
  const sum = (name) => results.reduce((sofar, result) => sofar + result[name], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** The last line of `npm test`. */
export function totalLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
