import { type Measures, measureNames, noMeasures } from '../model/measures';
import type { SessionRow } from '../model/query';
import { latestFirst } from '../model/sessionOrder';
import type { EpochMs } from '../model/time';
import type { CostState } from '../model/usageRecord';
import type { SessionPart } from '../ledger/sessionParts';

interface Gathered {
  readonly first: SessionPart;
  startEpochMs: EpochMs;
  endEpochMs: EpochMs;
  readonly total: Measures;
  transcriptPath: string;
  readonly models: Map<string, number>;
  readonly projects: Map<string, number>;
  readonly branches: Map<string, number>;
}

const claudeCode = 'claude-code';

/**
 * Sessions put together from the parts that files and months hold, the latest first. Two sources, users or hosts may
 * give two sessions the same name: they stay two.
 */
export async function sessionRows(
  parts: AsyncIterable<readonly SessionPart[]>,
  claimOf: (session: string) => CostState | undefined,
): Promise<readonly SessionRow[]> {
  const sessions = new Map<string, Gathered>();
  for await (const some of parts)
    for (const part of some) {
      const { source, user, host } = part.dimensions;
      const key = `${part.origin.session}\0${source}\0${user}\0${host}`;
      const known = sessions.get(key);
      if (known === undefined) sessions.set(key, add(startingWith(part), part));
      else add(known, part);
    }
  return [...sessions.values()].map((session) => rowOf(session, claimOf)).sort(latestFirst);
}

function startingWith(first: SessionPart): Gathered {
  return {
    first,
    startEpochMs: first.firstEpochMs,
    endEpochMs: first.lastEpochMs,
    total: noMeasures(),
    transcriptPath: first.origin.path,
    models: new Map(),
    projects: new Map(),
    branches: new Map(),
  };
}

function add(session: Gathered, { origin, dimensions, values, ...part }: SessionPart): Gathered {
  const own = isOwnFile(origin.path, origin.session);
  const before = isOwnFile(session.transcriptPath, origin.session);
  // The session's own file rather than a subagent's, which has no title; among equals where the session began.
  if ((own && !before) || (own === before && part.firstEpochMs < session.startEpochMs))
    session.transcriptPath = origin.path;
  session.startEpochMs = Math.min(session.startEpochMs, part.firstEpochMs);
  session.endEpochMs = Math.max(session.endEpochMs, part.lastEpochMs);
  for (const [index, name] of measureNames.entries()) session.total[name] += values[index]!;
  const cost = values[costIndex]!;
  addCost(session.models, dimensions.model, cost);
  addCost(session.projects, dimensions.project, cost);
  addCost(session.branches, dimensions.branch, cost);
  return session;
}

const costIndex = measureNames.indexOf('costNanoDollars');

function isOwnFile(path: string, session: string): boolean {
  return path.endsWith(`${session}.jsonl`);
}

function addCost(costs: Map<string, number>, name: string, cost: number): void {
  costs.set(name, (costs.get(name) ?? 0) + cost);
}

function rowOf(session: Gathered, claimOf: (session: string) => CostState | undefined): SessionRow {
  const { first, startEpochMs, endEpochMs, total, transcriptPath } = session;
  const { source, user, host } = first.dimensions;
  const transcribed = source === claudeCode;
  return {
    session: first.origin.session,
    source,
    user,
    host,
    models: byCost(session.models),
    projects: byCost(session.projects),
    branches: byCost(session.branches),
    startEpochMs,
    endEpochMs,
    total,
    transcriptPath: transcribed ? transcriptPath : null,
    claudeCodeCostNanoDollars: transcribed ? (claimOf(first.origin.session)?.totalCost ?? null) : null,
  };
}

function byCost(costs: ReadonlyMap<string, number>): string[] {
  return [...costs].sort(([, one], [, other]) => other - one).map(([name]) => name);
}
