import { type NanoDollars } from '../model/cost';
import { civilDayOf } from '../model/format';
import { type Measures, totalTokens } from '../model/measures';
import type { BreakdownQuery, BreakdownRow, MessageRow, SessionRow } from '../model/query';

/** What one exported row stands for. */
export const exportGrains = ['message', 'session', 'day', 'month', 'project'] as const;
export type ExportGrain = (typeof exportGrains)[number];

export type Cell = string | number | boolean | null | readonly string[];
type Columns<Row> = Readonly<Record<string, (row: Row, timeZone: string) => Cell>>;

/** A kind of row, and what its columns say. Costs are null (in CSV: empty) where no price is known. */
export interface ExportTable<Row> {
  readonly columns: Columns<Row>;
  readonly total: (row: Row) => Measures;
}

/** All nine decimals, made from the integer: what is exported adds up to what is shown. */
export function exactDollars(cost: NanoDollars): string {
  const digits = String(Math.abs(cost)).padStart(10, '0');
  return `${cost < 0 ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

const tokenColumns: Columns<{ readonly total: Measures }> = {
  messages: ({ total }) => total.messages,
  input_tokens: ({ total }) => total.inputTokens,
  output_tokens: ({ total }) => total.outputTokens,
  cache_read_tokens: ({ total }) => total.cacheReadTokens,
  cache_write_5m_tokens: ({ total }) => total.cacheWrite5mTokens,
  cache_write_1h_tokens: ({ total }) => total.cacheWrite1hTokens,
  web_searches: ({ total }) => total.webSearches,
};

/** Of many messages; those without a price are counted beside the cost, which leaves them out. */
const sumColumns: Columns<{ readonly total: Measures }> = {
  ...tokenColumns,
  total_tokens: ({ total }) => totalTokens(total),
  cost_usd: ({ total }) => (nothingPriced(total) ? null : exactDollars(total.costNanoDollars)),
  cost_nano_usd: ({ total }) => (nothingPriced(total) ? null : total.costNanoDollars),
  unpriced_messages: ({ total }) => total.unpricedMessages,
  assumed_cost_nano_usd: ({ total }) => total.assumedCostNanoDollars,
  unfinished_messages: ({ total }) => total.unfinishedMessages,
  missing_cost_nano_usd: ({ total }) => total.missingCostNanoDollars,
  cache_read_saved_nano_usd: ({ total }) => total.cacheReadSavedNanoDollars,
  cache_write_extra_nano_usd: ({ total }) => total.cacheWriteExtraNanoDollars,
};

function nothingPriced(total: Measures): boolean {
  return total.unpricedMessages > 0 && total.unpricedMessages === total.messages;
}

export const messageTable: ExportTable<MessageRow> = {
  total: ({ total }) => total,
  columns: {
    time: (row) => new Date(row.epochMs).toISOString(),
    day: (row, timeZone) => civilDayOf(row.epochMs, timeZone),
    session: (row) => row.session,
    message_id: (row) => row.id,
    model: (row) => row.model,
    provider: (row) => row.provider,
    project: (row) => row.project,
    branch: (row) => row.branch,
    source: (row) => row.source,
    user: (row) => row.user,
    host: (row) => row.host,
    ...tokenColumns,
    cost_usd: (row) => (row.priced ? exactDollars(row.total.costNanoDollars) : null),
    cost_nano_usd: (row) => (row.priced ? row.total.costNanoDollars : null),
    priced: (row) => row.priced,
    price_assumed: (row) => row.total.assumedMessages > 0,
    unfinished: (row) => row.total.unfinishedMessages > 0,
    missing_output_tokens: (row) => row.total.missingOutputTokens,
    missing_cost_nano_usd: (row) => row.total.missingCostNanoDollars,
  },
};

export const sessionTable: ExportTable<SessionRow> = {
  total: ({ total }) => total,
  columns: {
    session: (row) => row.session,
    start: (row) => new Date(row.startEpochMs).toISOString(),
    end: (row) => new Date(row.endEpochMs).toISOString(),
    source: (row) => row.source,
    user: (row) => row.user,
    host: (row) => row.host,
    models: (row) => row.models,
    projects: (row) => row.projects,
    branches: (row) => row.branches,
    ...sumColumns,
    claude_code_cost_nano_usd: (row) => row.claudeCodeCostNanoDollars,
  },
};

type SumGrain = Exclude<ExportGrain, 'message' | 'session'>;

/** What is asked of the engine for rows that are sums, and how its answer becomes rows. */
export const sumTables: Readonly<
  Record<SumGrain, ExportTable<BreakdownRow> & Pick<BreakdownQuery, 'grain' | 'by'>>
> = {
  day: {
    grain: 'day',
    by: ['model'],
    total: ({ total }) => total,
    columns: { day: (row) => row.bucket, model: (row) => row.names.model ?? '', ...sumColumns },
  },
  month: {
    grain: 'month',
    by: ['model'],
    total: ({ total }) => total,
    columns: { month: (row) => row.bucket, model: (row) => row.names.model ?? '', ...sumColumns },
  },
  project: {
    grain: 'total',
    by: ['project'],
    total: ({ total }) => total,
    columns: { project: (row) => row.names.project ?? '', ...sumColumns },
  },
};

export const messageColumns: readonly string[] = Object.keys(messageTable.columns);
