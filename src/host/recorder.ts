import { hostname } from 'node:os';
import { commands, l10n, Uri, window, workspace } from 'vscode';
import type { FlushOutcome, UsageEntry, WriterStats } from '../api';
import type { EntryContext } from '../model/entryContext';
import type { Log } from '../model/logRecord';
import type { CostMode } from '../model/rates';
import type { EpochMs } from '../model/time';
import type { Price, PricedRecord, UsageRecord } from '../model/usageRecord';
import { priceRecord } from '../pricing/price';
import type { UsageGroup } from '../writer/aggregate';
import { journalFoldersIn } from '../writer/journalPlaces';
import { UsageWriter } from '../writer/usageWriter';
import type { WindowIdentity } from '../writer/windowIdentity';
import type { WriterSettings } from '../writer/writerSettings';
import type { EngineClient } from './engineClient';
import { GitBranch } from './gitBranch';
import type { RateCardCache } from './rateCardCache';

/** What makes a record of an entry (src/sources/recorded); handed in, since this room does not know the sources. */
export interface EntryRules {
  /** @throws TypeError or RangeError naming the field that is wrong. */
  check(entry: unknown, nowEpochMs: EpochMs): UsageEntry;
  complete(entry: UsageEntry, context: EntryContext): UsageRecord;
  withPrice(record: UsageRecord, price: Price): PricedRecord;
}

export interface RecorderOptions {
  readonly identity: WindowIdentity;
  readonly storageFolder: string;
  readonly rules: EntryRules;
  readonly client: EngineClient;
  readonly cards: RateCardCache;
  readonly settings: Partial<WriterSettings>;
  /** Asked at each record, so that changed settings count at once. */
  readonly user: () => string;
  readonly costMode: () => CostMode;
  readonly log: Log;
}

/** Takes what other extensions record in this window: fills in what VS Code knows, prices it and writes it. */
export class Recorder {
  readonly branch = new GitBranch();
  readonly #options: RecorderOptions;
  readonly #writer: UsageWriter<UsageEntry>;
  readonly #hostName = hostname();
  #warned = false;
  #ownIds = 0;
  #place = { project: '', branch: '', untilEpochMs: 0 };

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { client, identity, log, settings, storageFolder } = options;
    this.#writer = new UsageWriter({
      window: identity,
      folders: journalFoldersIn(storageFolder),
      accept: (entry) => this.#accept(entry),
      log,
      sink: { flush: (windowId) => client.call('flush', { windowId, save: false }, { timeoutMs: 30_000 }) },
      settings,
      onEmergency: (file) => this.#warn(file),
    });
  }

  /** @throws TypeError or RangeError naming the field that is wrong; nothing is kept then. */
  record(entry: UsageEntry): PricedRecord {
    return this.#writer.record(entry);
  }

  /** Resolves when all that was recorded before is on disk and, if the engine can be reached, in every figure. */
  async flush(options: { readonly save: boolean }): Promise<FlushOutcome> {
    const outcome = await this.#writer.flush();
    if (!options.save || outcome.durable === 'journal') return outcome;
    const { client, identity } = this.#options;
    const saved = await client.call(
      'flush',
      { windowId: identity.windowId, save: true },
      { timeoutMs: 60_000 },
    );
    return { durable: saved.durable, records: outcome.records };
  }

  /** Sums of what is recorded and not in the engine's figures yet. */
  pending(): readonly UsageGroup[] {
    return [...this.#writer.pending().values()];
  }

  stats(): WriterStats {
    return this.#writer.stats();
  }

  /** Hands everything over; safe to call twice. */
  shutdown(): Promise<void> {
    return this.#writer.shutdown();
  }

  #accept(raw: UsageEntry): PricedRecord {
    const { rules, cards, costMode, identity, user } = this.#options;
    const entry = rules.check(raw, Date.now());
    const place = this.#placeNow();
    const record = rules.complete(entry, {
      clock: Date.now,
      // By this beginning the writer tells ids of its own from ids that a caller may give again.
      newId: () => `${identity.windowId}:${++this.#ownIds}`,
      project: place.project,
      branch: place.branch,
      user: user(),
      host: this.#hostName,
      source: 'api',
      windowId: identity.windowId,
      windowBeganEpochMs: identity.beganEpochMs,
    });
    const card = cards.find(record.model, record.provider, record.epochMs);
    return rules.withPrice(record, priceRecord(record, card, costMode()));
  }

  /** Asked of VS Code once a second at most: a storm of records must not ask for each. */
  #placeNow(): { readonly project: string; readonly branch: string } {
    const now = Date.now();
    if (now >= this.#place.untilEpochMs) {
      const project = workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
      this.#place = { project, branch: this.branch.name, untilEpochMs: now + 1_000 };
    }
    return this.#place;
  }

  /** Once a window: usage is written, but to a place that systems clean up. */
  #warn(file: string): void {
    if (this.#warned) return;
    this.#warned = true;
    const show = l10n.t('Show File');
    const text = l10n.t(
      'Usage Ledger cannot write to its own folder. What is recorded is kept in {0} until it can again.',
      file,
    );
    window.showWarningMessage(text, show).then(
      (choice) => {
        // Not in the system's file manager: that may be on another machine than the file.
        if (choice === show) void commands.executeCommand('vscode.open', Uri.file(file));
      },
      (error: unknown) => this.#options.log('warn', 'A warning could not be shown', { error: String(error) }),
    );
  }
}
