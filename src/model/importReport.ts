import type { NanoDollars } from './cost';
import type { ErrorMessage } from './errors';
import type { Limit } from './limit';
import type { CivilDay } from './time';

/** Files and folders whose being there means that there is something to import. */
export const legacyNames = ['usage.json', 'daily_usage.json', 'monthly_usage.json', 'partitioned'] as const;

/** Kinds of old files that usage is imported from. */
export type LegacyKind =
  'usage' | 'partitioned-days' | 'daily-usage' | 'partitioned-months' | 'monthly-usage';

export interface ImportSums {
  readonly requests: number;
  readonly tokens: number;
  /** What has no price is left out. */
  readonly costNanoDollars: NanoDollars;
}

/** One file, or the whole of a partitioned folder. */
export interface ImportedFile {
  /** Below the folder that is imported. */
  readonly name: string;
  readonly kind: LegacyKind;
  readonly bytes: number;
  /** Sessions, days and months that were understood. */
  readonly entries: number;
  /** Why it could not be read to its end; null if it could. */
  readonly damage: ErrorMessage | null;
  /** What the original is called now; null while it has its own name. */
  readonly keptAs: string | null;
}

/** Where a total and what it is the total of say different things. What the total has more is "unattributed". */
export interface Disagreement {
  readonly file: string;
  readonly user: string;
  /** A day, a month, or the name of a model or provider. */
  readonly of: string;
  readonly total: ImportSums;
  readonly details: ImportSums;
}

/** Why an entry of an old file cannot be counted. */
export type BadEntryReason =
  | 'not-json'
  | 'too-large'
  | 'bad-time'
  | 'name-too-long'
  | 'bad-count'
  | 'bad-amount'
  | 'no-session'
  | 'no-time'
  | 'no-period'
  | 'no-total'
  | 'no-name'
  | 'month-among-days'
  | 'beyond-counting';

export interface BadEntry {
  readonly file: string;
  /** Where in the file: keys and positions. */
  readonly place: string;
  readonly reason: BadEntryReason;
  /** The name of the field that is wrong; '' where it is the entry as such. */
  readonly field: string;
}

/** At most so many of a list, and how many there are. */
export interface FirstOf<Item> {
  readonly count: number;
  readonly first: readonly Item[];
}

/** A spending limit as an old file states it, in the words of the `usageLedger.limits` setting. */
export type ProposedLimit = Omit<Limit, 'id'>;

/** What an import brought in or, as a dry run, would bring in. */
export interface ImportReport {
  readonly dryRun: boolean;
  readonly folder: string;
  readonly files: readonly ImportedFile[];
  readonly sessions: number;
  readonly days: number;
  readonly months: number;
  readonly users: FirstOf<string>;
  /** Civil days of the first and the last usage; null if there is none. */
  readonly firstDay: CivilDay | null;
  readonly lastDay: CivilDay | null;
  /** Everything that the files tell, each thing once. */
  readonly found: ImportSums;
  /** The part of it that no session, or no model, is named for. */
  readonly unattributed: ImportSums;
  /** What the ledger holds from imports, before and after; the same in a dry run. */
  readonly ledgerBefore: ImportSums;
  readonly ledgerAfter: ImportSums;
  /** What the ledger holds from other sources on the days from first to last: perhaps the same usage once more. */
  readonly otherSources: ImportSums;
  readonly disagreements: FirstOf<Disagreement>;
  readonly badEntries: FirstOf<BadEntry>;
  /** Users of `user_profiles.jsonl`, and how many of them the usage files do not name. */
  readonly profiles: number;
  readonly profilesWithoutUsage: number;
  readonly limits: readonly ProposedLimit[];
  /** Files that could not be read, or not be renamed after the import. */
  readonly problems: readonly ImportProblem[];
}

/** What is wrong with a file as such. */
export interface ImportProblem {
  readonly file: string;
  readonly error: ErrorMessage;
}

export interface ImportProgress {
  readonly dryRun: boolean;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly entries: number;
  /** Something of what was read is in the ledger by now, and stays there if the import is ended. */
  readonly anythingIn: boolean;
}
