import { measureNames, noMeasures } from './measures';
import type { SessionRow } from './query';

/**
 * Sessions in columns, for a page that shows those of years: a quarter of what the rows take, and of the time to pass
 * them on. Names are said once and referred to by their number.
 */
export interface PackedSessions {
  readonly texts: readonly string[];
  readonly sessions: readonly string[];
  readonly sources: readonly number[];
  readonly users: readonly number[];
  readonly hosts: readonly number[];
  readonly models: readonly (readonly number[])[];
  readonly projects: readonly (readonly number[])[];
  readonly branches: readonly (readonly number[])[];
  readonly startEpochMs: readonly number[];
  readonly endEpochMs: readonly number[];
  /** A list for each measure, in the order of `measureNames`. */
  readonly totals: readonly (readonly number[])[];
  /** Of the transcript's path, with the separator at its end; null: there is no transcript. */
  readonly folders: readonly (number | null)[];
  /** '' for the usual one: the session's id with `.jsonl`. */
  readonly files: readonly string[];
  readonly claudeCodeCostNanoDollars: readonly (number | null)[];
}

/** All sessions, or those that have become different since what a token stands for. */
export interface SessionsAnswer extends PackedSessions {
  /** Stands for what is known with this answer; '' asks for everything the next time. */
  readonly token: string;
  /** These are all sessions, whatever was told before. */
  readonly whole: boolean;
  /** Keys (`sessionKey`) of sessions that are no more. */
  readonly gone: readonly string[];
}

export function packSessions(rows: readonly SessionRow[]): PackedSessions {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    let number = numbers.get(text);
    if (number === undefined) numbers.set(text, (number = numbers.size));
    return number;
  };
  const paths = rows.map(({ transcriptPath: path, session }) => {
    if (path === null) return { folder: null, file: '' };
    const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
    const file = path.slice(end);
    return { folder: numberOf(path.slice(0, end)), file: file === usualFile(session) ? '' : file };
  });
  return {
    sessions: rows.map(({ session }) => session),
    sources: rows.map(({ source }) => numberOf(source)),
    users: rows.map(({ user }) => numberOf(user)),
    hosts: rows.map(({ host }) => numberOf(host)),
    models: rows.map(({ models }) => models.map(numberOf)),
    projects: rows.map(({ projects }) => projects.map(numberOf)),
    branches: rows.map(({ branches }) => branches.map(numberOf)),
    startEpochMs: rows.map(({ startEpochMs }) => startEpochMs),
    endEpochMs: rows.map(({ endEpochMs }) => endEpochMs),
    totals: measureNames.map((name) => rows.map(({ total }) => total[name])),
    folders: paths.map(({ folder }) => folder),
    files: paths.map(({ file }) => file),
    claudeCodeCostNanoDollars: rows.map((row) => row.claudeCodeCostNanoDollars),
    // Last: by now every text has its number.
    texts: [...numbers.keys()],
  };
}

export function unpackSessions(packed: PackedSessions): SessionRow[] {
  const text = (number: number): string => packed.texts[number]!;
  return packed.sessions.map((session, at) => {
    const total = noMeasures();
    for (const [index, name] of measureNames.entries()) total[name] = packed.totals[index]![at]!;
    const folder = packed.folders[at] ?? null;
    return {
      session,
      source: text(packed.sources[at]!),
      user: text(packed.users[at]!),
      host: text(packed.hosts[at]!),
      models: packed.models[at]!.map(text),
      projects: packed.projects[at]!.map(text),
      branches: packed.branches[at]!.map(text),
      startEpochMs: packed.startEpochMs[at]!,
      endEpochMs: packed.endEpochMs[at]!,
      total,
      transcriptPath: folder === null ? null : text(folder) + (packed.files[at]! || usualFile(session)),
      claudeCodeCostNanoDollars: packed.claudeCodeCostNanoDollars[at] ?? null,
    };
  });
}

function usualFile(session: string): string {
  return `${session}.jsonl`;
}
