import { noMeasures } from '../../src/model/measures';
import type { SessionRow } from '../../src/model/query';

/** A session as the engine tells it, but for what a test is about. */
export function sessionRow(session: string, other: Partial<SessionRow> = {}): SessionRow {
  return {
    session,
    source: 'claude-code',
    user: 'ada',
    host: 'desk',
    models: ['claude-opus-4-8', 'claude-haiku-4-5'],
    projects: ['/home/ada/atlas'],
    branches: [''],
    startEpochMs: 1_795_500_000_000,
    endEpochMs: 1_795_500_060_000,
    total: { ...noMeasures(), messages: 3, outputTokens: 70, costNanoDollars: 12_345_678_901 },
    transcriptPath: `/home/ada/.claude/projects/-home-ada-atlas/${session}.jsonl`,
    claudeCodeCostNanoDollars: 12,
    ...other,
  };
}
