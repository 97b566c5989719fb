import assert from 'node:assert/strict';
import type { SessionRow } from '../../src/model/query';
import { addMeasures, noMeasures } from '../../src/model/measures';
import type { Ledger } from '../../src/ledger/ledger';
import type { MessageFilter } from '../../src/ledger/reader';
import { sessionRows } from '../../src/stats/sessions';
import { manyRecords, noon, openLedger, record } from '../ledger/fixtures';

const hour = 3_600_000;
const nextMonth = Date.UTC(2026, 11, 1);

function sessionsOf(ledger: Ledger, filter: MessageFilter = {}): Promise<readonly SessionRow[]> {
  return sessionRows(ledger.sessionParts(filter), (session) => ledger.costState(session));
}

describe('sessions', () => {
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await openLedger(null);
  });
  afterEach(() => ledger.close());

  it('gathers what files, names and months hold of one session', async () => {
    const origin = { path: '/c/projects/p/one.jsonl', beganEpochMs: noon, session: 'one' };
    const agent = { ...origin, path: '/c/projects/p/one/subagents/agent-1.jsonl', beganEpochMs: noon - 1 };
    ledger.fold([
      record({ key: 'a', origin: agent, epochMs: noon - hour, model: 'haiku', price: { cost: 1 } }),
      record({ key: 'b', origin, epochMs: noon, branch: 'main', price: { cost: 10 } }),
      record({ key: 'c', origin, epochMs: nextMonth, branch: 'dev', price: { cost: 90 } }),
    ]);
    ledger.foldCostStates([{ session: 'one', path: origin.path, epochMs: noon, totalCost: 150, models: [] }]);
    const [session, ...others] = await sessionsOf(ledger);
    assert.equal(others.length, 0);
    assert.equal(session?.startEpochMs, noon - hour);
    assert.equal(session.endEpochMs, nextMonth);
    assert.equal(session.total.messages, 3);
    assert.equal(session.total.costNanoDollars, 101);
    assert.deepEqual(session.models, ['claude-opus-4-5', 'haiku']);
    assert.deepEqual(session.branches, ['dev', 'main']);
    assert.equal(session.transcriptPath, origin.path, 'its own file, not the subagent that began before');
    assert.equal(session.claudeCodeCostNanoDollars, 150);
  });

  it('keeps sessions of one name apart that belong to two users, and knows no transcript of what was recorded', async () => {
    const origin = { path: 'journal', beganEpochMs: noon, session: 'chat' };
    ledger.fold([
      record({ key: 'a', origin, user: 'ada', source: 'api' }),
      record({ key: 'b', origin, user: 'bob', source: 'api', epochMs: noon + 1 }),
    ]);
    const found = await sessionsOf(ledger);
    assert.deepEqual(
      found.map(({ user, transcriptPath, claudeCodeCostNanoDollars }) => [
        user,
        transcriptPath,
        claudeCodeCostNanoDollars,
      ]),
      [
        ['bob', null, null],
        ['ada', null, null],
      ],
    );
  });

  it('says the same as the messages do, for any range, names and sessions, remembered or not', async () => {
    ledger.fold(manyRecords(4_000, 80));
    const filters: MessageFilter[] = [
      {},
      { fromEpochMs: noon - 20 * 24 * hour, toEpochMs: noon + hour },
      { fromEpochMs: noon, toEpochMs: noon },
      { only: { model: ['claude-haiku-4-5'], branch: ['main'] } },
      { only: { project: ['/home/ada/project-3'] }, fromEpochMs: noon },
      { sessions: ['session-4', 'session-15', 'nowhere'] },
      { only: { user: ['nobody'] } },
    ];
    for (const round of ['first', 'remembered'])
      for (const filter of filters) {
        const expected = new Map<string, { messages: number; cost: number; from: number; to: number }>();
        const total = noMeasures();
        for await (const rows of ledger.messages(filter))
          for (const row of rows) {
            addMeasures(total, row.total);
            const known = expected.get(row.session) ?? { messages: 0, cost: 0, from: row.epochMs, to: 0 };
            known.messages++;
            known.cost += row.total.costNanoDollars;
            known.to = row.epochMs;
            expected.set(row.session, known);
          }
        const found = await sessionsOf(ledger, filter);
        const sum = noMeasures();
        for (const session of found) addMeasures(sum, session.total);
        assert.deepEqual(sum, total, `${round} ${JSON.stringify(filter)}`);
        assert.deepEqual(
          new Map(
            found.map((session) => [
              session.session,
              {
                messages: session.total.messages,
                cost: session.total.costNanoDollars,
                from: session.startEpochMs,
                to: session.endEpochMs,
              },
            ]),
          ),
          expected,
        );
        assert.deepEqual(
          found.map(({ endEpochMs }) => endEpochMs),
          found.map(({ endEpochMs }) => endEpochMs).sort((one, other) => other - one),
        );
      }
  });

  it('forgets a remembered month as soon as a message of it changes', async () => {
    ledger.fold(manyRecords(300, 60));
    await sessionsOf(ledger);
    const before = (await sessionsOf(ledger)).reduce((sum, { total }) => sum + total.messages, 0);
    ledger.fold([record({ key: 'late', epochMs: Date.UTC(2026, 9, 20) })]);
    const after = await sessionsOf(ledger);
    assert.equal(
      after.reduce((sum, { total }) => sum + total.messages, 0),
      before + 1,
    );
    // A fuller copy takes it into the next month: nothing stays behind, also before anything is saved.
    ledger.fold([record({ key: 'late', epochMs: nextMonth, tokens: { output: 10_000 } })]);
    const moved = (await sessionsOf(ledger)).filter(({ session }) => session === 'one');
    assert.deepEqual(
      moved.map(({ total, startEpochMs }) => [total.messages, startEpochMs]),
      [[1, nextMonth]],
    );
  });

  it('leaves out copies that do not count', async () => {
    ledger.fold([
      record({ requestId: 'req_parent' }),
      record({ requestId: 'req_side', sidechain: true, tokens: { output: 999 } }),
    ]);
    const [session] = await sessionsOf(ledger);
    assert.equal(session?.total.messages, 1);
  });
});
