import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type ExportOptions, exportToFile, exportToText, type RowSource } from '../../src/host/exportFile';
import { type ExportFormat, rowWriter } from '../../src/host/exportFormats';
import {
  exactDollars,
  messageColumns as exportColumns,
  messageTable,
  sessionTable,
  sumTables,
} from '../../src/host/exportTables';
import { nanoPerDollar } from '../../src/model/cost';
import { LedgerError } from '../../src/model/errors';
import type { BreakdownRow, MessageRow, SessionRow } from '../../src/model/query';
import { measures } from '../webview/fixtures';
import { parseCsv } from './parseCsv';

function row(parts: Partial<MessageRow> = {}): MessageRow {
  return {
    id: 'msg_1',
    epochMs: Date.UTC(2026, 10, 24, 23, 30),
    session: 'session',
    model: 'claude-opus-4-6',
    provider: 'anthropic',
    project: '/home/ada/work',
    branch: 'main',
    source: 'claude-code',
    user: 'ada',
    host: 'engine',
    priced: true,
    total: measures({ messages: 1, inputTokens: 10, outputTokens: 20, costNanoDollars: 123_456_789 }),
    ...parts,
  };
}

function sourceOf(chunks: readonly (readonly MessageRow[])[]): RowSource<MessageRow> & { closed: number } {
  let at = 0;
  return {
    closed: 0,
    next: () => Promise.resolve(chunks[at++] ?? []),
    close() {
      this.closed++;
      return Promise.resolve();
    },
  };
}

function csvRows(rows: readonly MessageRow[], timeZone: string): string {
  return rowWriter('csv', messageTable, timeZone).rows(rows, true);
}

function exportMessages({
  file,
  ...options
}: Omit<ExportOptions<MessageRow>, 'table'> & { readonly file: string }): ReturnType<typeof exportToFile> {
  return exportToFile({ table: messageTable, ...options }, file);
}

describe('An export', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'export-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const many = Array.from({ length: 2_500 }, (_, index) =>
    row({
      id: `msg_${index}`,
      priced: index % 10 !== 0,
      total: measures({
        messages: 1,
        outputTokens: index,
        unpricedMessages: index % 10 === 0 ? 1 : 0,
        costNanoDollars: index % 10 === 0 ? 0 : 1_000_000_007 * (index + 1),
      }),
    }),
  );
  const chunks = [many.slice(0, 1000), many.slice(1000, 2000), many.slice(2000)];
  const total = many.reduce((sum, each) => sum + each.total.costNanoDollars, 0);

  it('to CSV adds up exactly to what was counted, in dollars and in nano-dollars', async () => {
    const file = join(folder, 'usage.csv');
    const result = await exportMessages({ source: sourceOf(chunks), file, format: 'csv', timeZone: 'UTC' });
    assert.deepEqual(result, { rows: 2_500, costNanoDollars: total });
    const [head, ...rows] = parseCsv(readFileSync(file, 'utf8'));
    assert.deepEqual(head, exportColumns);
    const column = (name: string): string[] => rows.map((cells) => cells[head.indexOf(name)]!);
    const nanos = column('cost_nano_usd').reduce((sum, cell) => sum + Number(cell), 0);
    assert.equal(nanos, total);
    const dollars = column('cost_usd').reduce((sum, cell) => sum + BigInt(cell.replace('.', '')), 0n);
    assert.equal(dollars, BigInt(total));
    assert.equal(column('cost_usd').filter((cell) => cell === '').length, 250);
    assert.equal(column('priced').filter((cell) => cell === 'false').length, 250);
  });

  it('to JSON holds the same rows', async () => {
    const file = join(folder, 'usage.json');
    await exportMessages({ source: sourceOf(chunks), file, format: 'json', timeZone: 'UTC' });
    const rows = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>[];
    assert.equal(rows.length, 2_500);
    assert.deepEqual(Object.keys(rows[0]!), exportColumns);
    assert.equal(rows[0]!['cost_usd'], null);
    assert.equal(rows[1]!['cost_usd'], '2.000000014');
    assert.equal(
      rows.reduce((sum, each) => sum + Number(each['cost_nano_usd']), 0),
      total,
    );
  });

  it('to JSON Lines is one object a line, the same as in JSON', async () => {
    const file = join(folder, 'usage.jsonl');
    await exportMessages({ source: sourceOf(chunks), file, format: 'jsonl', timeZone: 'UTC' });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, 2_500);
    const json = join(folder, 'usage.json');
    await exportMessages({ source: sourceOf(chunks), file: json, format: 'json', timeZone: 'UTC' });
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      JSON.parse(readFileSync(json, 'utf8')),
    );
  });

  it('of sessions has their names as lists in JSON and as one cell in CSV', () => {
    const session: SessionRow = {
      session: 's1',
      source: 'claude-code',
      user: 'ada',
      host: 'engine',
      models: ['claude-opus-4-6', 'claude-haiku-4-5'],
      projects: ['/home/ada/work'],
      branches: ['main', 'side'],
      startEpochMs: Date.UTC(2026, 10, 24, 9),
      endEpochMs: Date.UTC(2026, 10, 24, 10),
      total: measures({ messages: 5, costNanoDollars: 1_500_000_000 }),
      transcriptPath: '/home/ada/.claude/projects/s1.jsonl',
      claudeCodeCostNanoDollars: null,
    };
    const text = (format: ExportFormat): string =>
      rowWriter(format, sessionTable, 'UTC').rows([session], true);
    const json = JSON.parse(text('jsonl')) as Record<string, unknown>;
    assert.deepEqual(json['models'], ['claude-opus-4-6', 'claude-haiku-4-5']);
    assert.equal(json['cost_usd'], '1.500000000');
    assert.ok(parseCsv(text('csv'))[0]!.includes('main; side'));
  });

  it('of sums leaves the cost out where nothing has a price, and only there', () => {
    const of = (parts: Parameters<typeof measures>[0]): Record<string, unknown> => {
      const day: BreakdownRow = { bucket: '2026-11-24', names: { model: 'm' }, total: measures(parts) };
      return JSON.parse(rowWriter('jsonl', sumTables.day, 'UTC').rows([day], true)) as Record<
        string,
        unknown
      >;
    };
    assert.equal(of({ messages: 2, unpricedMessages: 2 })['cost_usd'], null);
    assert.equal(of({ messages: 2, unpricedMessages: 1, costNanoDollars: 5 })['cost_usd'], '0.000000005');
    assert.equal(of({})['cost_usd'], '0.000000000');
  });

  it('to Markdown is one table, whatever the names are', async () => {
    const names = ['a|b', '[x](command:y)', '<img src=x>', '`code`', 'two\nlines', '**bold**', 'a\\|b'];
    const rows = names.map((project): BreakdownRow => ({
      bucket: '',
      names: { project },
      total: measures({}),
    }));
    const left = [...rows];
    const { text } = await exportToText(
      {
        table: sumTables.project,
        format: 'markdown',
        timeZone: 'UTC',
        source: {
          next: () => Promise.resolve(left.splice(0)),
          close: () => Promise.resolve(),
        },
      },
      100,
    );
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, names.length + 2);
    const widths = lines.map((line) => line.replaceAll(/\\./g, '').split('|').length);
    assert.equal(new Set(widths).size, 1, text);
    assert.doesNotMatch(text, /[^\\][[<`*]/);
  });

  it('to the clipboard refuses what is too much', async () => {
    await assert.rejects(
      exportToText(
        { table: messageTable, format: 'markdown', timeZone: 'UTC', source: sourceOf(chunks) },
        2_000,
      ),
      (error) => LedgerError.is(error, 'invalid'),
    );
  });

  it('of nothing is a header or an empty list', async () => {
    const csv = join(folder, 'a.csv');
    const json = join(folder, 'a.json');
    await exportMessages({ source: sourceOf([]), file: csv, format: 'csv', timeZone: 'UTC' });
    await exportMessages({ source: sourceOf([]), file: json, format: 'json', timeZone: 'UTC' });
    assert.equal(parseCsv(readFileSync(csv, 'utf8')).length, 1);
    assert.deepEqual(JSON.parse(readFileSync(json, 'utf8')), []);
  });

  it('counts days in the zone that was asked for', () => {
    assert.equal(parseCsv(csvRows([row()], 'Europe/Berlin'))[0]![1], '2026-11-25');
    assert.equal(parseCsv(csvRows([row()], 'America/New_York'))[0]![1], '2026-11-24');
  });

  it('keeps the old file, leaves nothing else, and closes its source when it is cancelled', async () => {
    const file = join(folder, 'usage.csv');
    writeFileSync(file, 'old');
    const abort = new AbortController();
    const source = sourceOf(chunks);
    await assert.rejects(
      exportMessages({
        source,
        file,
        format: 'csv',
        timeZone: 'UTC',
        signal: abort.signal,
        onProgress: () => abort.abort(),
      }),
      (error) => LedgerError.is(error, 'cancelled'),
    );
    assert.equal(readFileSync(file, 'utf8'), 'old');
    assert.deepEqual(readdirSync(folder), ['usage.csv']);
    assert.equal(source.closed, 1);
  });

  it('leaves nothing behind when its source fails or its place cannot be taken', async () => {
    const failing: RowSource<MessageRow> = {
      next: () => Promise.reject(new LedgerError('crashed', 'gone')),
      close: () => Promise.resolve(),
    };
    const file = join(folder, 'usage.json');
    await assert.rejects(exportMessages({ source: failing, file, format: 'json', timeZone: 'UTC' }), /gone/);
    assert.deepEqual(readdirSync(folder), []);
    mkdirSync(join(folder, 'taken'));
    writeFileSync(join(folder, 'taken', 'x'), '');
    await assert.rejects(
      exportMessages({
        source: sourceOf(chunks),
        file: join(folder, 'taken'),
        format: 'csv',
        timeZone: 'UTC',
      }),
    );
    assert.deepEqual(readdirSync(folder), ['taken']);
  });

  for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1'])
    it(`makes text of the name ${JSON.stringify(formula)}`, () => {
      const [cells] = parseCsv(csvRows([row({ project: formula, branch: formula })], 'UTC'));
      assert.equal(cells![exportColumns.indexOf('project')], `'${formula}`);
    });

  it('reads back to the names it was given, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (project, branch) => {
        const [cells, ...rest] = parseCsv(csvRows([row({ project, branch })], 'UTC'));
        assert.equal(rest.length, 0);
        assert.equal(cells!.length, exportColumns.length);
        assert.ok([project, `'${project}`].includes(cells![exportColumns.indexOf('project')]!));
        assert.ok([branch, `'${branch}`].includes(cells![exportColumns.indexOf('branch')]!));
      }),
      { numRuns: 40 },
    );
  });

  it('writes dollars with all nine decimals', () => {
    assert.equal(exactDollars(0), '0.000000000');
    assert.equal(exactDollars(1), '0.000000001');
    assert.equal(exactDollars(12 * nanoPerDollar + 30), '12.000000030');
  });
});
