import { compareUsage, type Row } from './row';

/**
 * Says which of the rows of one key count, each once: a pure function of the set of rows.
 * - A row without a request belongs to the smallest request there is.
 * - Of the rows of one request the fullest counts; on a tie the parent's before the subagent's, then the earliest.
 * - A request that only subagents tell of gives way if another request has a parent's row.
 */
export function resolveGroup(rows: readonly Row[]): ReadonlySet<Row> {
  const counted = new Set<Row>();
  let smallest = '';
  for (const { requestId } of rows)
    if (requestId !== '' && (smallest === '' || requestId < smallest)) smallest = requestId;
  const requests = new Map<string, Row[]>();
  let anyParent = false;
  for (const row of rows) {
    const request = row.requestId === '' ? smallest : row.requestId;
    const members = requests.get(request);
    if (members === undefined) requests.set(request, [row]);
    else members.push(row);
    if (!row.sidechain) anyParent = true;
  }
  for (const members of requests.values()) {
    if (anyParent && members.every((row) => row.sidechain)) continue;
    counted.add(members.reduce((best, row) => (precedes(row, best) ? row : best)));
  }
  return counted;
}

function precedes(one: Row, other: Row): boolean {
  const order =
    other.tokenSum - one.tokenSum ||
    Number(one.sidechain) - Number(other.sidechain) ||
    compareUsage(one, other) ||
    // Same usage: the row that names its request.
    Number(one.requestId === '') - Number(other.requestId === '');
  return order < 0;
}
