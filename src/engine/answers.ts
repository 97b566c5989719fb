import { quarterHourMs } from '../model/time';
import type { LimitState } from '../model/limit';
import type { SessionRow, UsageFilter } from '../model/query';
import type { Ledger } from '../ledger/ledger';
import type { MessageFilter } from '../ledger/reader';
import type { Root } from '../sources/claude/locate';
import { readSessionTitle } from '../sources/claude/sessionTitle';
import { breakdown, quarterRange } from '../stats/breakdown';
import { usagePatterns } from '../stats/patterns';
import { userProfiles } from '../stats/profiles';
import type { Rollups } from '../stats/rollups';
import { sessionRows } from '../stats/sessions';
import type { SnapshotBuilder } from '../stats/snapshotBuilder';
import type { Role } from './engine';
import { MessageStreams } from './messageStreams';
import { SessionChanges } from './sessionChanges';

type Questions = Pick<
  Role['calls'],
  | 'breakdown'
  | 'openMessages'
  | 'nextMessages'
  | 'closeMessages'
  | 'sessions'
  | 'packedSessions'
  | 'sessionTitle'
  | 'patterns'
  | 'profiles'
>;

export interface AnswersOptions {
  readonly ledger: Ledger;
  readonly rollups: Rollups;
  readonly builder: SnapshotBuilder;
  /** Where transcripts may lie. */
  readonly roots: () => readonly Root[];
  readonly limits: () => readonly LimitState[];
}

/** Answers what is asked of the ledger. Changes nothing. */
export class Answers {
  readonly #ledger: Ledger;
  readonly #rollups: Rollups;
  readonly #builder: SnapshotBuilder;
  readonly #options: AnswersOptions;
  readonly #streams = new MessageStreams();
  readonly #sessionChanges = new SessionChanges();

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.#ledger = options.ledger;
    this.#rollups = options.rollups;
    this.#builder = options.builder;
  }

  readonly calls: Questions = {
    breakdown: (query) => breakdown(query, this.#builder.civil, this.#rollups),
    openMessages: async (filter) => ({
      stream: await this.#streams.open(this.#ledger.messages(this.#messageFilter(filter))),
    }),
    nextMessages: ({ stream }) => this.#streams.next(stream),
    closeMessages: async ({ stream }) => {
      await this.#streams.close(stream);
      return null;
    },
    sessions: (filter) => this.#sessions(filter),
    packedSessions: async ({ since, ...filter }) =>
      this.#sessionChanges.answer(filter, await this.#sessions(filter), since),
    sessionTitle: ({ transcriptPath }) => readSessionTitle(transcriptPath, this.#options.roots()),
    patterns: (filter) => usagePatterns(filter, this.#builder.civil, this.#rollups, Date.now()),
    profiles: (filter) => userProfiles(filter, this.#builder.civil, this.#rollups, this.#options.limits()),
  };

  #sessions(filter: UsageFilter): Promise<readonly SessionRow[]> {
    return sessionRows(this.#ledger.sessionParts(this.#messageFilter(filter)), (session) =>
      this.#ledger.costState(session),
    );
  }

  #messageFilter({ only, sessions, ...days }: UsageFilter): MessageFilter {
    const { from, to } = quarterRange(days, this.#builder.civil, this.#rollups);
    return {
      fromEpochMs: from * quarterHourMs,
      toEpochMs: to * quarterHourMs,
      ...(only === undefined ? {} : { only }),
      ...(sessions === undefined ? {} : { sessions }),
    };
  }

  /** Lets go of what pages were told. */
  tidy(): void {
    this.#sessionChanges.clear();
  }

  get openStreams(): number {
    return this.#streams.count;
  }

  /** Ends every stream that is still being read. */
  close(): Promise<void> {
    return this.#streams.closeAll();
  }
}
