import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ErrorMessage, LedgerError } from '../model/errors';
import type { ImportProgress, ImportReport, LegacyKind } from '../model/importReport';
import type { Log } from '../model/logRecord';
import type { CivilDay } from '../model/time';
import type { UsageRecord } from '../model/usageRecord';
import type { Ledger } from '../ledger/ledger';
import { type EntryChunk, type LegacyEntry, readEntries } from '../sources/legacy/entries';
import { keepOriginal } from '../sources/legacy/keepOriginal';
import { findLegacyFiles, type LegacySource } from '../sources/legacy/locate';
import { beyond, disagree, nameOfContent, type Rank, recordsOf } from '../sources/legacy/records';
import { type LocalTime, noonOf } from '../sources/legacy/time';
import type { Split, Usage } from '../sources/legacy/usage';
import { type CivilTime, dayNumber } from '../stats/civilTime';
import { countProfiles, proposedLimits, withoutStack } from './importCompanions';
import { heldInLedger, knownBelow, KnownUsage } from './importedBefore';
import { forgetImportPlaces, ImportPlaces, type SourceState, stateOf } from './importPlace';
import { ImportSpool } from './importSpool';
import { ImportTally, SessionSums } from './importTally';
import { localTime } from './importTime';

const progressPauseMs = 100;

export interface LegacyImportOptions {
  readonly folder: string;
  readonly dryRun: boolean;
  readonly ledger: Ledger;
  /** Prices and folds. */
  readonly fold: (records: readonly UsageRecord[]) => void;
  /** Everything folded so far onto the disk. */
  readonly save: () => Promise<void>;
  readonly civil: CivilTime;
  /** Who used what no user is named for. */
  readonly user: string;
  readonly host: string;
  readonly onProgress: (progress: ImportProgress) => void;
  readonly log: Log;
  /** Where records wait until all of a file has been read: a folder of its own; null keeps them in memory. */
  readonly spoolFolder: string | null;
  /** More at once would cost memory, fewer would write the ledger's other files again and again. */
  readonly recordsASave?: number;
}

type Sum = Extract<LegacyEntry, { kind: 'day' | 'month' }>;

const rankOf: Record<Exclude<LegacyKind, 'usage'>, Rank> = {
  'partitioned-days': 'partitioned-day',
  'daily-usage': 'daily-usage',
  'partitioned-months': 'partitioned-month',
  'monthly-usage': 'monthly-usage',
};

const ofMonths: ReadonlySet<LegacyKind> = new Set(['partitioned-months', 'monthly-usage']);

/**
 * Brings the usage of old files into the ledger, file by file and month by month, in chunks between which the engine does
 * its other work. Every record has a key of its own, so that an import that was cut short, or is done twice, counts
 * everything once.
 */
export class LegacyImport {
  readonly #options: LegacyImportOptions;
  readonly #tally = new ImportTally();
  readonly #local: LocalTime;
  readonly #places: ImportPlaces;
  /** Totals of `usage.json` by day: held back until everything finer has been seen. */
  readonly #dailyTotals: Sum[] = [];
  /** In a dry run, what the ledger would hold of the files that have been read. */
  readonly #wouldHold = { day: new KnownUsage('day'), month: new KnownUsage('month') };
  readonly #spool: ImportSpool;
  #unsaved = 0;
  #bytesBefore = 0;
  #bytesTotal = 0;
  #cancelled: LedgerError | null = null;
  #anythingIn = false;
  #progressMs = -Infinity;

  constructor(options: LegacyImportOptions) {
    this.#options = options;
    this.#local = localTime(options.civil);
    this.#places = new ImportPlaces(options.ledger);
    this.#spool = new ImportSpool(options.spoolFolder);
  }

  /** Ends it soon, with this reason. What has been folded stays. */
  cancel(reason: 'cancelled' | 'closed'): void {
    this.#cancelled ??= new LedgerError(reason, 'the import was ended; it can be gone on with');
  }

  async run(): Promise<ImportReport> {
    // Of a process that was killed in the middle of an import.
    await this.#spool.empty();
    try {
      return await this.#run();
    } finally {
      await this.#spool.empty();
    }
  }

  async #run(): Promise<ImportReport> {
    const { folder, dryRun, ledger, log } = this.#options;
    const files = await findLegacyFiles(folder);
    const before = heldInLedger(ledger, 'imports');
    this.#bytesTotal = files.sources.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const source of files.sources) {
      // Coarser than the days by user, finer than the months.
      if (ofMonths.has(source.kind)) await this.#takeDailyTotals();
      await this.#readSource(source);
    }
    await this.#takeDailyTotals();
    if (!dryRun) {
      forgetImportPlaces(ledger);
      await this.#options.save();
      await this.#keepOriginals(files.sources);
    }
    const report = this.#tally.report({
      dryRun,
      folder,
      ledgerBefore: before,
      ledgerAfter: heldInLedger(ledger, 'imports'),
      otherSources: this.#otherSources(),
      ...(await countProfiles(files, this.#tally)),
      limits: await proposedLimits(files, this.#tally),
    });
    const { sessions, days, months, badEntries, disagreements } = report;
    log('info', dryRun ? 'old usage files were looked at' : 'old usage files were imported', {
      sessions,
      days,
      months,
      badEntries: badEntries.count,
      disagreements: disagreements.count,
      problems: report.problems.length,
    });
    return report;
  }

  async #readSource(source: LegacySource): Promise<void> {
    const entriesBefore = this.#tally.entries;
    const state = await stateOf(source);
    const sums = source.kind === 'usage' ? new SessionSums() : null;
    const known = source.kind === 'usage' ? null : await this.#known(rankOf[source.kind]);
    let damage: ErrorMessage | null = null;
    for await (const { entries, bytes } of this.#readable(source, (error) => (damage = error))) {
      for (const entry of entries) {
        const records = this.#take(entry, source, sums, known);
        if (!this.#options.dryRun) await this.#spool.put(records);
      }
      this.#progress(this.#bytesBefore + Math.min(bytes, source.bytes) * this.#shareOfReading);
      await this.#pause();
    }
    await this.#foldSpool(source, state);
    sums?.compare(source.name, this.#tally);
    this.#bytesBefore += source.bytes;
    const { name, kind, bytes } = source;
    const understood = this.#tally.entries - entriesBefore;
    this.#tally.files.push({ name, kind, bytes, entries: understood, damage, keptAs: null });
  }

  /** What can be read of a source. */
  async *#readable(source: LegacySource, damaged: (error: ErrorMessage) => void): AsyncGenerator<EntryChunk> {
    try {
      yield* readEntries(source, this.#local);
    } catch (error) {
      if (!LedgerError.is(error) || !['corrupt', 'permission', 'io', 'not-found'].includes(error.reason))
        throw error;
      const { reason, message } = error;
      damaged({ reason, message });
      this.#tally.problems.push({ file: source.name, error: { reason, message } });
      this.#options.log('warn', 'an old usage file cannot be read to its end', {
        file: source.name,
        error: error.message,
      });
    }
  }

  /** The records that an entry adds; what it says otherwise goes into the tally. */
  #take(
    entry: LegacyEntry,
    { kind, name }: LegacySource,
    sums: SessionSums | null,
    known: KnownUsage | null,
  ): readonly UsageRecord[] {
    if (entry.kind === 'bad') {
      const { place, reason, field } = entry;
      this.#tally.bad({ file: name, place, reason, field });
      this.#options.log('debug', 'an entry of an old file cannot be counted', {
        file: name,
        reason,
      });
      return [];
    }
    if (entry.kind === 'breakdown') {
      sums?.total(entry.of, entry.name, entry.usage);
      return [];
    }
    if (entry.kind === 'session') {
      this.#tally.counts.session++;
      sums?.session(entry.split);
      return this.#takeSession(entry);
    }
    const sum = ofMonths.has(kind) ? monthly(entry) : entry;
    this.#tally.counts[sum.kind]++;
    if (kind !== 'usage') return this.#takeSum(sum, rankOf[kind], name, known);
    this.#dailyTotals.push(sum);
    return [];
  }

  #takeSession(entry: Extract<LegacyEntry, { kind: 'session' }>): readonly UsageRecord[] {
    const { epochMs, id, split, project } = entry;
    const of = id ?? nameOfContent(epochMs, split);
    return this.#record(split.parts, 'session', { user: entry.user, epochMs, of, project });
  }

  #takeSum(entry: Sum, rank: Rank, file: string, known: KnownUsage | null): readonly UsageRecord[] {
    const user = entry.user ?? this.#options.user;
    const of = entry.kind === 'day' ? entry.day : entry.month;
    const day = entry.kind === 'day' ? entry.day : `${entry.month}-01`;
    const details = this.#alreadyKnown(user, day, entry.kind, known);
    if (details !== null && disagree(entry.split.total, details))
      this.#tally.disagreement({ file, user, of }, entry.split.total, details);
    const epochMs = noonOf(day, this.#local);
    return this.#record(beyond(entry.split, details), rank, { user, epochMs, of, project: '' });
  }

  #record(
    parts: Split['parts'],
    rank: Rank,
    { user, epochMs, of, project }: { user: string | null; epochMs: number; of: string; project: string },
  ): readonly UsageRecord[] {
    const { host, dryRun } = this.#options;
    const context = { rank, user: user ?? this.#options.user, host, epochMs, of, project };
    const records = recordsOf(parts, context);
    const day = this.#local.dayOf(epochMs);
    this.#tally.took(records, day);
    if (dryRun)
      for (const { requests = 1, tokens, reportedCost: cost } of records)
        for (const by of ['day', 'month'] as const)
          this.#wouldHold[by].add(context.user, day, { requests, tokens, cost });
    return records;
  }

  /** What finer sources tell of the same user and time. */
  #alreadyKnown(user: string, day: CivilDay, by: 'day' | 'month', known: KnownUsage | null): Usage | null {
    const inLedger = known?.of(user, day) ?? null;
    const inFiles = this.#options.dryRun ? this.#wouldHold[by].of(user, day) : null;
    if (inLedger === null || inFiles === null) return inLedger ?? inFiles;
    return largest(inLedger, inFiles);
  }

  async #known(rank: Rank): Promise<KnownUsage> {
    const { ledger, civil } = this.#options;
    return knownBelow(
      rank,
      rank.endsWith('day') || rank.startsWith('daily') ? 'day' : 'month',
      ledger,
      civil,
      () => {
        if (this.#cancelled !== null) throw this.#cancelled;
      },
    );
  }

  async #takeDailyTotals(): Promise<void> {
    if (this.#dailyTotals.length === 0) return;
    const known = await this.#known('daily-total');
    for (const entry of this.#dailyTotals.splice(0)) {
      const records = this.#takeSum(entry, 'daily-total', 'usage.json', known);
      if (!this.#options.dryRun) await this.#spool.put(records);
    }
    await this.#foldSpool(null, null);
  }

  /** Month by month; what was saved before an import was cut short need not be folded again. */
  async #foldSpool(source: LegacySource | null, state: SourceState | null): Promise<void> {
    const { save, recordsASave = 50_000 } = this.#options;
    const done = source === null ? [] : this.#places.monthsOf(source, state);
    let folded = 0;
    for (const month of this.#spool.months()) {
      if (done.includes(month)) continue;
      for await (const records of this.#spool.read(month)) {
        await this.#pause();
        this.#foldAllThatCan(records);
        folded += records.length;
        this.#unsaved += records.length;
        const share = this.#shareOfReading + (1 - this.#shareOfReading) * (folded / this.#spool.count);
        // Whoever ends the import is to know whether something has come in.
        if (!this.#anythingIn) this.#progressMs = -Infinity;
        this.#anythingIn = true;
        this.#progress(this.#bytesBefore + (source?.bytes ?? 0) * share);
      }
      if (source !== null) this.#places.put(source, state, month);
      if (this.#unsaved < recordsASave) continue;
      this.#unsaved = 0;
      await save();
    }
    await this.#spool.empty();
  }

  /** A record whose price is beyond counting takes no other with it. */
  #foldAllThatCan(records: readonly UsageRecord[]): void {
    try {
      this.#options.fold(records);
    } catch (error) {
      if (!LedgerError.is(error, 'invalid')) throw error;
      const [only] = records;
      if (only === undefined) return;
      if (records.length > 1) for (const record of records) this.#foldAllThatCan([record]);
      else {
        const place = `${only.user} › ${only.model}`;
        this.#tally.bad({ file: '', place, reason: 'beyond-counting', field: '' });
      }
    }
  }

  /** How much of a file's time is its reading, about. */
  get #shareOfReading(): number {
    return this.#options.dryRun ? 1 : 0.5;
  }

  async #pause(): Promise<void> {
    await nextTurn();
    if (this.#cancelled !== null) throw this.#cancelled;
  }

  #progress(bytesDone: number): void {
    if (performance.now() - this.#progressMs < progressPauseMs) return;
    this.#progressMs = performance.now();
    const { dryRun, onProgress } = this.#options;
    onProgress({
      dryRun,
      bytesDone,
      bytesTotal: this.#bytesTotal,
      entries: this.#tally.entries,
      anythingIn: this.#anythingIn,
    });
  }

  /** The partitioned folder is two sources and one original. */
  async #keepOriginals(sources: readonly LegacySource[]): Promise<void> {
    const { files, problems } = this.#tally;
    for (const path of new Set(sources.map((source) => source.path))) {
      const name = sources.find((source) => source.path === path)?.name;
      const its = files.filter((file) => file.name === name);
      if (its.some(({ damage }) => damage !== null)) continue;
      try {
        const keptAs = await keepOriginal(path);
        for (const file of its) files[files.indexOf(file)] = { ...file, keptAs };
      } catch (error) {
        problems.push({ file: name ?? path, error: withoutStack(error) });
        this.#options.log('warn', 'an old usage file was imported but keeps its name', {
          file: name ?? null,
          error: String(error),
        });
      }
    }
  }

  #otherSources(): ImportReport['otherSources'] {
    const { firstDay, lastDay } = this.#tally;
    const { ledger, civil } = this.#options;
    if (firstDay === null || lastDay === null) return { requests: 0, tokens: 0, costNanoDollars: 0 };
    const [from, to] = [dayNumber(firstDay), dayNumber(lastDay) + 1].map((day) => civil.firstQuarterOf(day));
    return heldInLedger(ledger, 'others', from, to);
  }
}

/** Some write a month as its first day. */
function monthly(entry: Sum): Sum {
  return entry.kind === 'month' ? entry : { ...entry, kind: 'month', month: entry.day.slice(0, 7) };
}

function largest(one: Usage, other: Usage): Usage {
  const tokens = { ...one.tokens };
  for (const name of Object.keys(tokens) as (keyof typeof tokens)[])
    tokens[name] = Math.max(tokens[name], other.tokens[name]);
  const cost = one.cost === null && other.cost === null ? null : Math.max(one.cost ?? 0, other.cost ?? 0);
  return { requests: Math.max(one.requests, other.requests), tokens, cost };
}
