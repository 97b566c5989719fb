import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { UsageLedgerApi } from '../../src/api';
import { commandIds, panelViewType, summaryViewId } from '../../src/host/commandIds';
import type { Snapshot } from '../../src/model/snapshot';

const extensionId = 'usage-ledger.usage-ledger';

interface Manifest {
  readonly contributes: {
    readonly commands: { command: string }[];
    readonly configuration: { properties: Record<string, { default: unknown }> };
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until<T>(what: string, look: () => T | undefined | false | null): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const found = look();
    if (found !== undefined && found !== false && found !== null) return found;
    await pause(100);
  }
  throw new Error(`it never came: ${what}`);
}

/** The tests' own config folder, as the harness sets it; never the one of the person at this machine. */
function configFolder(): string {
  const folder = process.env['CLAUDE_CONFIG_DIR'];
  assert.ok(folder !== undefined && folder !== '', 'the tests need a CLAUDE_CONFIG_DIR of their own');
  return folder.split(',')[0]!.replace(/^~/, homedir());
}

function assistantLine(id: string, model: string, outputTokens: number): string {
  return `${JSON.stringify({
    type: 'assistant',
    cwd: '/home/ada/atlas',
    sessionId: 'session-of-host-tests',
    timestamp: new Date().toISOString(),
    requestId: `req_${id}`,
    uuid: id,
    message: {
      id,
      model,
      role: 'assistant',
      stop_reason: 'end_turn',
      usage: { input_tokens: 1_000, output_tokens: outputTokens },
    },
  })}\n`;
}

function panelTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(panelViewType));
}

describe('The extension in VS Code', function () {
  this.timeout(120_000);
  const transcript = join(configFolder(), 'projects', '-home-ada-atlas', 'session-of-host-tests.jsonl');
  const unknownModel = 'a-model-that-nobody-has-priced';
  let folder: string;
  let extension: vscode.Extension<UsageLedgerApi>;
  let api: UsageLedgerApi;

  /** The public type promises less than what is there. */
  const snapshot = (): Snapshot => {
    const now = api.getSnapshot();
    assert.ok(now !== undefined);
    return now as Snapshot;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'host-tests-'));
    extension = vscode.extensions.getExtension(extensionId)!;
    await until('activation', () => extension.isActive);
    api = extension.exports;
  });

  after(() => {
    rmSync(folder, { recursive: true });
    rmSync(transcript, { force: true });
  });

  it('activates by itself once VS Code has started, with an API of version 1', () => {
    assert.equal(api.apiVersion, 1);
  });

  it('registers the commands of its manifest, and no others', async () => {
    const manifest = extension.packageJSON as Manifest;
    const registered = (await vscode.commands.getCommands(true)).filter(
      // VS Code adds some of its own for every view.
      (id) =>
        id.startsWith('usageLedger.') &&
        !id.includes('.resetViewLocation') &&
        !id.startsWith(`${summaryViewId}.`),
    );
    assert.deepEqual(registered.sort(), manifest.contributes.commands.map(({ command }) => command).sort());
  });

  it('has settings with the defaults of its manifest', () => {
    const manifest = extension.packageJSON as Manifest;
    for (const [name, { default: expected }] of Object.entries(
      manifest.contributes.configuration.properties,
    )) {
      const found = vscode.workspace.getConfiguration().inspect(name)?.defaultValue;
      assert.deepEqual(found, expected, name);
    }
  });

  it('loads nothing heavy to activate: no database, no watcher, no price data, no CSV', () => {
    const bundle = readFileSync(join(extension.extensionPath, 'dist', 'extension.js'), 'utf8');
    for (const part of ['initSqlJs', 'chokidar', 'genai-prices', 'record_delimiter'])
      assert.ok(!bundle.includes(part), part);
  });

  it('has figures soon after a first start, without transcripts', async () => {
    await until('a snapshot', () => api.getSnapshot());
    assert.equal(snapshot().format, 1);
    assert.ok(snapshot().scan.roots.length > 0);
  });

  it('counts a line that is appended to a transcript, without a command, and tells listeners', async () => {
    let told = 0;
    const listening = api.onDidChange(() => told++);
    mkdirSync(dirname(transcript), { recursive: true });
    writeFileSync(transcript, assistantLine('msg_host_1', 'claude-sonnet-4-5', 2_000));
    const seen = await until('the first message', () => {
      const found = snapshot().periods.today.byProject.find(({ name }) => name === '/home/ada/atlas');
      return found?.total.messages === 1 ? found : null;
    });
    // 1,000 tokens in at $3 and 2,000 out at $15 a million.
    assert.equal(seen.total.costNanoDollars, 33_000_000);
    writeFileSync(transcript, assistantLine('msg_host_2', unknownModel, 10), { flag: 'a' });
    await until('the second message', () =>
      snapshot().unpricedModels.some(({ model }) => model === unknownModel),
    );
    assert.ok(told >= 2);
    listening.dispose();
  });

  it('exports to CSV and JSON exactly what it shows', async () => {
    const csv = vscode.Uri.file(join(folder, 'usage.csv'));
    const json = vscode.Uri.file(join(folder, 'usage.json'));
    await vscode.commands.executeCommand(commandIds.export, { format: 'csv', target: csv });
    await vscode.commands.executeCommand(commandIds.export, { format: 'json', target: json });
    const { total } = snapshot().periods.allTime;
    const rows = JSON.parse(readFileSync(json.fsPath, 'utf8')) as Record<string, string | number | null>[];
    const sum = (name: string): number => rows.reduce((whole, row) => whole + Number(row[name] ?? 0), 0);
    assert.equal(rows.length, total.messages);
    assert.equal(sum('cost_nano_usd'), total.costNanoDollars);
    assert.equal(sum('output_tokens'), total.outputTokens);
    assert.equal(rows.filter(({ cost_usd }) => cost_usd === null).length, total.unpricedMessages);
    const lines = readFileSync(csv.fsPath, 'utf8').trimEnd().split('\r\n');
    const column = lines[0]!.split(',').indexOf('cost_nano_usd');
    const nanos = lines.slice(1).reduce((whole, line) => whole + Number(line.split(',')[column]), 0);
    assert.equal(lines.length - 1, total.messages);
    assert.equal(nanos, total.costNanoDollars);
  });

  it('prices in retrospect what gets a price in the settings', async () => {
    const config = vscode.workspace.getConfiguration('usageLedger');
    const priced = { [unknownModel]: { input: 1, output: 100 } };
    await config.update('prices', priced, vscode.ConfigurationTarget.Global);
    try {
      const found = await until('the price', () => {
        const model = snapshot().periods.today.byModel.find(({ name }) => name === unknownModel);
        return model?.total.unpricedMessages === 0 ? model : null;
      });
      assert.equal(found.total.costNanoDollars, 2_000_000);
    } finally {
      await config.update('prices', undefined, vscode.ConfigurationTarget.Global);
    }
    await until('the price to go', () =>
      snapshot().unpricedModels.some(({ model }) => model === unknownModel),
    );
  });

  it('refreshes and flushes on command', async () => {
    await vscode.commands.executeCommand(commandIds.refresh);
    await vscode.commands.executeCommand(commandIds.flush);
    assert.equal(snapshot().scan.state, 'ready');
  });

  it('shows one panel, however often it is asked for', async () => {
    assert.equal(panelTabs().length, 0);
    await vscode.commands.executeCommand(commandIds.showPanel);
    await until('the panel', () => panelTabs().length === 1);
    await vscode.commands.executeCommand(commandIds.showPanel);
    await pause(300);
    assert.equal(panelTabs().length, 1);
    assert.equal(panelTabs()[0]!.label, 'Usage Ledger');
    await vscode.window.tabGroups.close(panelTabs());
    await until('the panel to close', () => panelTabs().length === 0);
    await vscode.commands.executeCommand(commandIds.showPanel);
    await until('a new panel', () => panelTabs().length === 1);
    await vscode.window.tabGroups.close(panelTabs());
  });
});
