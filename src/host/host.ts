import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { env, type ExtensionContext, l10n, type LogOutputChannel, window, workspace } from 'vscode';
import { formatCounted } from '../model/format';
import type { Log } from '../model/logRecord';
import type { EngineSettings, EngineStart } from '../protocol/engineApi';
import { moodOf } from '../protocol/viewMood';
import { newWindowIdentity } from '../writer/windowIdentity';
import { AttentionTeller } from './attention';
import { registerCommands } from './commands';
import { msUntilNextDay } from './dayChange';
import { EngineClient } from './engineClient';
import { reasonWords, troubleWords } from './errorWords';
import { FailureWarning } from './failureWarning';
import { HealthDocument } from './healthDocument';
import { ImportDocument } from './importDocument';
import { offerImports } from './importFolders';
import { showLimitNotice } from './limitNotice';
import { LimitNotices } from './limitNotices';
import { createLogChannel, logTo, writeRecord } from './log';
import { Panel } from './panel';
import { RateCardCache } from './rateCardCache';
import { type EntryRules, Recorder } from './recorder';
import { repricedMessage } from './repricedMessage';
import { readDisplaySettings, readSettings, readWriterSettings, settingsSection } from './settings';
import { SnapshotStore } from './snapshotStore';
import { SummaryView } from './summaryView';
import { Ticker } from './ticker';
import { TickerFigures } from './tickerFigures';
import { createTickerItem } from './tickerItem';
import { runningBlock } from './tickerText';
import { workspaceProjects } from './workspaceProjects';

/** How often a shown age grows. Nothing ticks while the figures are fresh. */
const agePeriodMs = 60_000;

const repricedShownMs = 10_000;

const beginMs = 10;

/** Everything of one window, wired together. */
export class Host {
  readonly #identity = newWindowIdentity(Date.now());
  readonly store: SnapshotStore;
  readonly client: EngineClient;
  readonly ticker: Ticker;
  readonly panel: Panel;
  readonly summaryView: SummaryView;
  readonly recorder: Recorder;
  readonly #attention: AttentionTeller;
  readonly #cards = new RateCardCache();
  readonly #limitNotices: LimitNotices;
  readonly #channel: LogOutputChannel;
  readonly #log: Log;
  readonly #storageFolder: string;
  /** null: they were not needed yet. */
  #settingsRead: EngineSettings | null = null;
  /** All that takes long has been begun with. */
  #begun = false;
  #stopped = false;
  #nextDay: NodeJS.Timeout | undefined;
  #age: NodeJS.Timeout | undefined;
  #blockEnd: NodeJS.Timeout | undefined;

  constructor(context: ExtensionContext, rules: EntryRules) {
    this.#channel = createLogChannel();
    this.#log = logTo(this.#channel);
    this.#storageFolder = context.globalStorageUri.fsPath;
    this.store = new SnapshotStore(this.#log);
    this.client = new EngineClient({
      workerPath: join(context.extensionPath, 'dist', 'engine.js'),
      start: () => this.#engineStart(context.extensionPath),
      log: this.#log,
    });
    this.recorder = new Recorder({
      identity: this.#identity,
      storageFolder: this.#storageFolder,
      rules,
      client: this.client,
      cards: this.#cards,
      settings: readWriterSettings(),
      user: () => this.#settings.user,
      costMode: () => this.#settings.costMode,
      log: this.#log,
    });
    const locale = env.language;
    const display = readDisplaySettings(this.#log);
    this.store.setMoney(display.money);
    this.ticker = new Ticker({
      settings: display.ticker,
      createItem: createTickerItem,
      figures: new TickerFigures({
        breakdown: (query) => this.client.call('breakdown', query, { timeoutMs: 30_000 }),
        sessions: (filter) => this.client.call('sessions', filter, { timeoutMs: 30_000 }),
        branch: () => this.recorder.branch.name,
        changed: () => this.#show(),
        log: this.#log,
      }),
      locale,
      l10n,
    });
    this.#limitNotices = new LimitNotices({
      claim: (notice) => this.client.call('claimLimitNotice', notice, { timeoutMs: 30_000 }),
      tell: (state) => {
        const { money } = this.store.view(Date.now());
        void showLimitNotice(state, { client: this.client, money, log: this.#log });
      },
      focused: () => window.state.focused,
      log: this.#log,
    });
    const pages = {
      extensionUri: context.extensionUri,
      locale,
      client: this.client,
      store: this.store,
      log: this.#log,
      onVisibility: () => this.#attention.changed(),
    };
    this.panel = new Panel(pages);
    this.summaryView = new SummaryView(pages);
    this.#attention = new AttentionTeller(
      this.client,
      () => ({
        windowId: this.#identity.windowId,
        focused: window.state.focused,
        panelShown: this.panel.visible || this.summaryView.visible,
      }),
      this.#log,
    );
    this.#listen(context);
  }

  /** Not read while VS Code waits for the extension: the system's time zone alone takes longer than all else. */
  get #settings(): EngineSettings {
    return (this.#settingsRead ??= readSettings(this.#log));
  }

  /** The zone in which this window counts days. */
  get timeZone(): string {
    return this.#settings.timeZone;
  }

  /**
   * Shows the last figures, then begins with the rest: what takes long would keep the first text waiting, and VS Code
   * waits for none of it.
   */
  async start(): Promise<void> {
    if (!(await this.store.load(join(this.#storageFolder, 'latest.json')))) this.#show();
    // The text is on its way when the loop has turned.
    await wait(beginMs);
    if (!this.#stopped) this.#beginWork();
  }

  #beginWork(): void {
    this.#begun = true;
    void this.#findWorkspaceFolders();
    void this.#cards.load(join(this.#storageFolder, 'rates.json'), this.#log);
    this.client.start();
    this.client.call('snapshot', null).then(
      (snapshot) => this.store.accept(snapshot),
      (error: unknown) => this.#log('error', 'The engine gave no snapshot', { error: String(error) }),
    );
    this.#show();
    this.#awaitNextDay();
  }

  /** Everything to disk, then an end to the engine. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#nextDay);
    clearInterval(this.#age);
    clearTimeout(this.#blockEnd);
    // Records first: the engine can only take what has been handed to it.
    await this.recorder.shutdown();
    await this.client.shutdown();
    this.#channel.dispose();
  }

  #engineStart(extensionPath: string): EngineStart {
    return {
      storageFolder: this.#storageFolder,
      onlyRoots: null,
      environment: {
        home: process.env['HOME'] ?? homedir(),
        claudeConfigDir: process.env['CLAUDE_CONFIG_DIR'],
        xdgConfigHome: process.env['XDG_CONFIG_HOME'],
      },
      wasmPath: join(extensionPath, 'dist', 'sql-wasm.wasm'),
      hostName: hostname(),
      windowId: this.#identity.windowId,
      background: true,
      settings: this.#settings,
    };
  }

  #listen(context: ExtensionContext): void {
    const { client, store, panel, summaryView, ticker } = this;
    const health = new HealthDocument(client, () => this.#settings.timeZone);
    const imports = new ImportDocument();
    const failures = new FailureWarning((count) => this.#warnOfFailures(count));
    client.on('snapshot', (snapshot) => {
      store.accept(snapshot);
      failures.look(snapshot.scan);
    });
    client.on('rateCards', (cards) => this.#cards.accept(cards));
    client.on('progress', (progress) => store.setProgress(progress));
    client.on('unavailable', ({ reason, message }) =>
      store.setUnavailable(reasonWords(reason, message, l10n)),
    );
    client.on('repriced', (repriced) => {
      const message = repricedMessage(repriced, l10n, env.language, store.view(Date.now()).money);
      this.#log('info', message, { models: repriced.models.join(', ') });
      window.setStatusBarMessage(message, repricedShownMs);
    });
    client.on('log', (record) => writeRecord(this.#log, record));
    client.onStatus(({ kind, reason }) =>
      store.setEngine({ kind, reason: reason === null ? null : reasonWords('crashed', reason, l10n) }),
    );
    store.onChange((change) => {
      this.#show();
      for (const surface of [panel, summaryView])
        if (change === 'progress') surface.updateProgress();
        else surface.update();
    });
    // Neither engine nor log is a subscription: those are disposed while `deactivate` still needs them.
    context.subscriptions.push(
      ticker,
      this.#limitNotices,
      panel,
      summaryView,
      summaryView.register(),
      health,
      imports,
      this.recorder.branch.connect(() => this.#show()),
      panel.register(),
      ...registerCommands({
        client,
        store,
        panel,
        channel: this.#channel,
        log: this.#log,
        recorder: this.recorder,
        health,
        storageFolder: this.#storageFolder,
        imports,
      }),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(settingsSection)) this.#configure();
        if (event.affectsConfiguration(`${settingsSection}.legacy`)) this.#offerImports(context);
      }),
      workspace.onDidChangeWorkspaceFolders(() => void this.#findWorkspaceFolders()),
      window.onDidChangeWindowState(({ focused }) => {
        this.#attention.changed();
        if (!focused) return;
        this.#show();
        // Worktrees come and go without a word.
        void this.#findWorkspaceFolders();
        this.#offerImports(context);
      }),
    );
    this.#offerImports(context);
  }

  #configure(): void {
    this.#settingsRead = readSettings(this.#log);
    const { ticker, money } = readDisplaySettings(this.#log);
    this.ticker.configure(ticker);
    this.store.setMoney(money);
    this.#show();
    this.#awaitNextDay();
    this.client.configure(this.#settings).catch((error: unknown) => {
      this.#log('error', 'The engine did not take the settings', { error: String(error) });
    });
  }

  #offerImports({ globalState }: ExtensionContext): void {
    offerImports(globalState, this.#log).catch((error: unknown) =>
      this.#log('error', 'The import of old files could not be offered', { error: String(error) }),
    );
  }

  async #findWorkspaceFolders(): Promise<void> {
    const open = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    this.store.setWorkspaceFolders(await workspaceProjects(open.map(({ uri }) => uri.fsPath)));
  }

  #show(): void {
    const view = this.store.view(Date.now());
    if (!this.#begun) {
      this.ticker.updateText(view);
      return;
    }
    this.ticker.update(view);
    this.#limitNotices.update(view);
    clearTimeout(this.#blockEnd);
    const block = runningBlock(view);
    if (block !== null)
      this.#blockEnd = setTimeout(() => this.#show(), block.endEpochMs - view.nowEpochMs + 1_000);
    const mood = moodOf(view);
    const ageShown = mood === 'stale' || mood === 'failing';
    if (ageShown && this.#age === undefined) this.#age = setInterval(() => this.#show(), agePeriodMs);
    if (!ageShown && this.#age !== undefined) {
      clearInterval(this.#age);
      this.#age = undefined;
    }
  }

  #warnOfFailures(count: number): void {
    const error = troubleWords(this.store.view(Date.now()), l10n) ?? '';
    const showLog = l10n.t('Show Log');
    const text = formatCounted(
      l10n.t('Usage Ledger: reading usage has failed {0} {0|time|times} in a row: {1}'),
      env.language,
      count,
      error,
    );
    void window.showWarningMessage(text, showLog).then((choice) => {
      if (choice === showLog) this.#channel.show();
    });
  }

  /** "Today" ends at midnight even if nothing happens: the engine is asked for the new day's figures. */
  #awaitNextDay(): void {
    clearTimeout(this.#nextDay);
    const wait = msUntilNextDay(Date.now(), this.#settings.timeZone) + 1_000;
    this.#nextDay = setTimeout(() => {
      this.client.call('snapshot', null).then(
        (snapshot) => this.store.accept(snapshot),
        (error: unknown) => this.#log('warn', 'No figures for the new day', { error: String(error) }),
      );
      this.#awaitNextDay();
    }, wait);
  }
}
