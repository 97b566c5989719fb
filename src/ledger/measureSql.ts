import { measureCount } from './row';
import { measureColumns } from './schema';

export const places = (count: number): string => Array(count).fill('?').join(', ');

/** Adds sums to a table of sums. */
export const upsertInto = (
  table: 'rollup' | 'compacted_rollup',
): string => `INSERT INTO ${table} (quarter_hour, dimension_set, ${measureColumns.join(', ')})
  VALUES (${places(measureCount + 2)})
  ON CONFLICT DO UPDATE SET ${measureColumns.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`;

/** The measures of `writeMeasures`, said a second time in SQL: verify() holds one against the other. */
const unfinished = 'flags & 2 != 0';
const measureSumList = [
  'sum(requests)',
  'sum(iif(cost_nano_dollars IS NULL, requests, 0))',
  'sum(iif(cost_nano_dollars IS NOT NULL AND flags & 1 != 0, requests, 0))',
  `sum(iif(${unfinished}, requests, 0))`,
  'sum(input_tokens)',
  'sum(output_tokens)',
  'sum(cache_read_tokens)',
  'sum(cache_write_5m_tokens)',
  'sum(cache_write_1h_tokens)',
  'sum(web_searches)',
  'sum(ifnull(cost_nano_dollars, 0))',
  'sum(iif(flags & 1 != 0, ifnull(cost_nano_dollars, 0), 0))',
  `sum(iif(${unfinished}, missing_output_tokens, 0))`,
  `sum(iif(${unfinished}, missing_cost_nano_dollars, 0))`,
  'sum(cache_read_saved_nano_dollars)',
  'sum(cache_write_extra_nano_dollars)',
];
export const measureSums = measureSumList.join(', ');
export const namedMeasureSums = measureSumList
  .map((sum, index) => `${sum} AS ${measureColumns[index]!}`)
  .join(', ');

/** All rows of keys none of whose counted rows lacks a price. */
export const notUnpriced =
  'hash NOT IN (SELECT hash FROM message WHERE counted = 1 AND cost_nano_dollars IS NULL)';

/** The same of the keys after ?1, up to ?2. */
export const compactableBetween = `hash > ?1 AND hash <= ?2 AND hash NOT IN (
  SELECT hash FROM message WHERE hash > ?1 AND hash <= ?2 AND counted = 1 AND cost_nano_dollars IS NULL)`;
