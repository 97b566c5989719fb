import type {
  BadEntry,
  Disagreement,
  FirstOf,
  ImportedFile,
  ImportProblem,
  ImportReport,
  ImportSums,
} from '../model/importReport';
import type { CivilDay } from '../model/time';
import type { UsageRecord } from '../model/usageRecord';
import { disagree, nothing, plus, sumsOf } from '../sources/legacy/records';
import { type Split, unattributed, type Usage } from '../sources/legacy/usage';
import { guessProvider } from '../sources/providerOfModel';

const mostShown = 100;

/** The first of a list, and the count of all: a report stays small whatever it tells of. */
class First<Item> {
  readonly #first: Item[] = [];
  #count = 0;

  add(item: Item): void {
    this.#count++;
    if (this.#first.length < mostShown) this.#first.push(item);
  }

  get all(): FirstOf<Item> {
    return { count: this.#count, first: this.#first };
  }
}

/** What the report of an import is made of, as the import goes on. */
export class ImportTally {
  readonly files: ImportedFile[] = [];
  readonly problems: ImportProblem[] = [];
  readonly users = new Set<string>();
  readonly #disagreements = new First<Disagreement>();
  readonly #badEntries = new First<BadEntry>();
  readonly counts = { session: 0, day: 0, month: 0 };
  firstDay: CivilDay | null = null;
  lastDay: CivilDay | null = null;
  #found: Usage = nothing;
  #unattributed: Usage = nothing;

  /** Entries that were understood. */
  get entries(): number {
    return this.counts.session + this.counts.day + this.counts.month;
  }

  took(records: readonly UsageRecord[], day: CivilDay): void {
    for (const { user, requests = 1, tokens, reportedCost, model } of records) {
      this.users.add(user);
      const usage = { requests, tokens, cost: reportedCost };
      this.#found = plus(this.#found, usage);
      if (model === unattributed) this.#unattributed = plus(this.#unattributed, usage);
    }
    if (records.length === 0) return;
    if (this.firstDay === null || day < this.firstDay) this.firstDay = day;
    if (this.lastDay === null || day > this.lastDay) this.lastDay = day;
  }

  disagreement(of: Omit<Disagreement, 'total' | 'details'>, total: Usage, details: Usage): void {
    this.#disagreements.add({ ...of, total: sumsOf(total), details: sumsOf(details) });
  }

  bad(entry: BadEntry): void {
    this.#badEntries.add(entry);
  }

  report(
    rest: Pick<
      ImportReport,
      'dryRun' | 'folder' | 'ledgerBefore' | 'ledgerAfter' | 'profiles' | 'profilesWithoutUsage' | 'limits'
    > & { readonly otherSources: ImportSums },
  ): ImportReport {
    return {
      ...rest,
      files: this.files,
      sessions: this.counts.session,
      days: this.counts.day,
      months: this.counts.month,
      users: { count: this.users.size, first: [...this.users].sort().slice(0, mostShown) },
      firstDay: this.firstDay,
      lastDay: this.lastDay,
      found: sumsOf(this.#found),
      unattributed: sumsOf(this.#unattributed),
      disagreements: this.#disagreements.all,
      badEntries: this.#badEntries.all,
      problems: this.problems,
    };
  }
}

/** Sessions of one file by model and provider, beside what the file itself says of them. */
export class SessionSums {
  readonly #sums = { model: new Map<string, Usage>(), provider: new Map<string, Usage>() };
  readonly #totals: { of: 'model' | 'provider'; name: string; usage: Usage }[] = [];

  session({ parts }: Split): void {
    for (const part of parts) {
      this.#add('model', part.model, part);
      this.#add('provider', part.provider ?? guessProvider(part.model), part);
    }
  }

  total(of: 'model' | 'provider', name: string, usage: Usage): void {
    this.#totals.push({ of, name, usage });
  }

  compare(file: string, tally: ImportTally): void {
    for (const { of, name, usage } of this.#totals) {
      const details = this.#sums[of].get(name) ?? nothing;
      if (disagree(usage, details)) tally.disagreement({ file, user: '', of: name }, usage, details);
    }
  }

  #add(by: 'model' | 'provider', name: string, usage: Usage): void {
    const sums = this.#sums[by];
    sums.set(name, plus(sums.get(name) ?? nothing, usage));
  }
}
