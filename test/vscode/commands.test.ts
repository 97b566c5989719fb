import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { UsageLedgerApi } from '../../src/api';
import { commandIds } from '../../src/host/commandIds';
import { exportGrains } from '../../src/host/exportTables';
import type { Snapshot } from '../../src/model/snapshot';

const unknownModel = 'a-model-of-the-command-tests';
const session = 'session-of-command-tests';

async function until<T>(what: string, look: () => T | undefined | false | null): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const found = look();
    if (found !== undefined && found !== false && found !== null) return found;
    await wait(100);
  }
  throw new Error(`it never came: ${what}`);
}

function line(id: string, model: string, time: Date, project: string): string {
  return `${JSON.stringify({
    type: 'assistant',
    cwd: project,
    sessionId: session,
    timestamp: time.toISOString(),
    requestId: `req_${id}`,
    uuid: id,
    message: {
      id,
      model,
      role: 'assistant',
      stop_reason: 'end_turn',
      usage: { input_tokens: 1_000, output_tokens: 2_000 },
    },
  })}\n`;
}

type Row = Record<string, string | number | null>;

describe('The palette’s commands in VS Code', function () {
  this.timeout(120_000);
  const configFolder = (process.env['CLAUDE_CONFIG_DIR'] ?? '').split(',')[0]!.replace(/^~/, homedir());
  const transcript = join(configFolder, 'projects', '-home-ada-commands', `${session}.jsonl`);
  const config = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('usageLedger');
  let folder: string;
  let api: UsageLedgerApi;
  const snapshot = (): Snapshot => api.getSnapshot() as Snapshot;
  const run = (id: string, argument?: unknown): Thenable<unknown> =>
    vscode.commands.executeCommand(id, argument);

  before(async () => {
    assert.notEqual(configFolder, '', 'the tests need a CLAUDE_CONFIG_DIR of their own');
    folder = mkdtempSync(join(tmpdir(), 'command-tests-'));
    const extension = vscode.extensions.getExtension<UsageLedgerApi>('usage-ledger.usage-ledger')!;
    api = await extension.activate();
    mkdirSync(dirname(transcript), { recursive: true });
    const days = [0, 1, 40].map((ago) => new Date(Date.now() - ago * 86_400_000));
    writeFileSync(
      transcript,
      days
        .map((day, index) => line(`cmd_${index}`, 'claude-sonnet-4-5', day, '/home/ada/com|mands'))
        .join(''),
    );
    await until('the messages', () => {
      const all = api.getSnapshot()?.periods.allTime.byProject;
      return all?.some(({ name, total }) => name === '/home/ada/com|mands' && total.messages === 3);
    });
  });

  after(() => {
    rmSync(folder, { recursive: true });
    rmSync(transcript, { force: true });
  });

  it('export every grain in every format, to the same sums as the panel shows', async () => {
    const { total } = snapshot().periods.allTime;
    for (const grain of exportGrains)
      for (const format of ['csv', 'json', 'jsonl'] as const) {
        const target = vscode.Uri.file(join(folder, `${grain}.${format}`));
        await run(commandIds.export, { grain, format, target });
        const text = readFileSync(target.fsPath, 'utf8');
        const rows =
          format === 'csv'
            ? csvRows(text)
            : format === 'json'
              ? (JSON.parse(text) as Row[])
              : text
                  .trimEnd()
                  .split('\n')
                  .map((each) => JSON.parse(each) as Row);
        const sum = (name: string): number => rows.reduce((whole, row) => whole + Number(row[name] ?? 0), 0);
        const what = `${grain} as ${format}`;
        assert.equal(sum('cost_nano_usd'), total.costNanoDollars, what);
        assert.equal(sum('output_tokens'), total.outputTokens, what);
        assert.equal(sum('messages'), total.messages, what);
      }
  });

  it('export a range of days and nothing else', async () => {
    const { from, to } = snapshot().periods.last7Days;
    const target = vscode.Uri.file(join(folder, 'week.json'));
    await run(commandIds.export, { grain: 'day', format: 'json', from, to, target });
    const rows = JSON.parse(readFileSync(target.fsPath, 'utf8')) as Row[];
    assert.ok(rows.length > 0 && rows.every(({ day }) => String(day) >= from && String(day) <= to));
    const nanos = rows.reduce((whole, row) => whole + Number(row['cost_nano_usd'] ?? 0), 0);
    assert.equal(nanos, snapshot().periods.last7Days.total.costNanoDollars);
  });

  it('export a table in Markdown to the clipboard', async () => {
    await run(commandIds.export, { grain: 'project', format: 'markdown' });
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /^\| project \| messages \|/);
    assert.ok(text.includes('/home/ada/com\\|mands'), text);
  });

  it('copy a summary of what is shown', async () => {
    await run(commandIds.copySummary);
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /\| Today \| \$[\d.,]+/);
    assert.ok(text.includes('claude-sonnet-4-5'));
  });

  it('set a price, which counts for past usage too', async () => {
    writeFileSync(transcript, line('cmd_unpriced', unknownModel, new Date(), '/home/ada/x'), { flag: 'a' });
    await until('the model without a price', () =>
      snapshot().unpricedModels.some(({ model }) => model === unknownModel),
    );
    const before = config().get('prices');
    await run(commandIds.setPrice, { model: unknownModel, input: 1, output: 100 });
    try {
      assert.deepEqual(config().get('prices'), {
        ...(before as object),
        [unknownModel]: { input: 1, output: 100 },
      });
      const priced = await until('the price', () =>
        snapshot().periods.today.byModel.find(
          ({ name, total }) => name === unknownModel && total.unpricedMessages === 0,
        ),
      );
      assert.equal(priced.total.costNanoDollars, 1_000 * 1_000 + 2_000 * 100_000);
    } finally {
      await config().update('prices', undefined, vscode.ConfigurationTarget.Global);
    }
    await until('the price to go', () =>
      snapshot().unpricedModels.some(({ model }) => model === unknownModel),
    );
  });

  it('rebuild the ledger to the very same figures, and keep what a transcript no longer holds', async () => {
    const before = snapshot().periods.allTime.total;
    const text = readFileSync(transcript, 'utf8');
    writeFileSync(transcript, '');
    try {
      await run(commandIds.rebuild, { confirmed: true });
    } finally {
      writeFileSync(transcript, text);
    }
    assert.deepEqual(snapshot().periods.allTime.total, before);
  });

  it('set a limit, once for a period and scope', async () => {
    try {
      await run(commandIds.setLimit, { period: 'month', hard: 1_000 });
      await run(commandIds.setLimit, { period: 'day', project: '/home/ada/x', soft: 500, hard: 600 });
      await run(commandIds.setLimit, { period: 'month', soft: 800, hard: 900 });
      assert.deepEqual(config().get('limits'), [
        { period: 'day', project: '/home/ada/x', soft: 500, hard: 600 },
        { period: 'month', soft: 800, hard: 900 },
      ]);
    } finally {
      await config().update('limits', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});

/** As simple as the cells of these tests: no quotes, no line ends inside. */
function csvRows(text: string): Row[] {
  const [head = [], ...rows] = text
    .trimEnd()
    .split('\r\n')
    .map((each) => each.split(','));
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
}
