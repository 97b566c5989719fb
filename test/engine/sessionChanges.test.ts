import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { SessionRow } from '../../src/model/query';
import { latestFirst } from '../../src/model/sessionOrder';
import { SessionChanges } from '../../src/engine/sessionChanges';
import { afterAnswer, type ToldSessions } from '../../src/webview/toldSessions';
import { sessionRow } from '../model/sessionRow';

const filter = { from: '2026-11-01', to: '2026-11-30' };

/** Enough for a list to be told by its changes. */
function many(): Map<string, SessionRow> {
  return new Map(
    Array.from({ length: 120 }, (_, at) => [`s${at}`, sessionRow(`s${at}`, { endEpochMs: 2_000 + at })]),
  );
}

const edits: Record<string, (before: SessionRow, value: number) => Partial<SessionRow>> = {
  end: (_, value) => ({ endEpochMs: 2_000 + value }),
  start: (_, value) => ({ startEpochMs: value }),
  measure: ({ total }, value) => ({ total: { ...total, cacheReadTokens: value } }),
  claim: (_, value) => ({ claudeCodeCostNanoDollars: value }),
  models: ({ models }, value) => ({ models: [...models, `m${value}`] }),
  projects: (_, value) => ({ projects: [`p${value}`] }),
  branches: (_, value) => ({ branches: [`b${value}`] }),
  path: (_, value) => ({ transcriptPath: value % 2 === 0 ? null : `/other/${value}.jsonl` }),
};

describe('sessions told by their changes', () => {
  it('are for every page what they would be told whole, whenever it asks', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const), page: fc.nat(2) }),
      fc.record({
        kind: fc.constantFrom(...Object.keys(edits)),
        at: fc.nat(130),
        value: fc.nat(50),
      }),
      fc.record({ kind: fc.constant('drop' as const), at: fc.nat(130) }),
      fc.record({ kind: fc.constant('forget' as const), odds: fc.nat(9) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const changes = new SessionChanges();
        const now = many();
        const pages: (ToldSessions | undefined)[] = [undefined, undefined, undefined];
        const ask = (page: number): void => {
          const rows = [...now.values()].sort(latestFirst);
          const answer = changes.answer(filter, structuredClone(rows), pages[page]?.token);
          pages[page] = afterAnswer(pages[page], answer);
          assert.deepEqual(pages[page].rows, rows);
        };
        for (const each of steps)
          if ('page' in each) ask(each.page);
          else if ('odds' in each) {
            if (each.odds === 0) changes.clear();
          } else if (each.kind === 'drop') now.delete(`s${each.at}`);
          else if ('value' in each) {
            const before = now.get(`s${each.at}`) ?? sessionRow(`s${each.at}`);
            now.set(before.session, { ...before, ...edits[each.kind]!(before, each.value) });
          }
        for (const page of pages.keys()) ask(page);
      }),
    );
  });

  it('travel alone when they have changed, and leave the others the objects that they are', () => {
    const changes = new SessionChanges();
    const now = many();
    const whole = changes.answer(filter, [...now.values()].sort(latestFirst), undefined);
    assert.equal(whole.whole, true);
    const before = afterAnswer(undefined, whole);
    now.set('s7', sessionRow('s7', { endEpochMs: 9_000 }));
    now.delete('s8');
    const answer = changes.answer(filter, structuredClone([...now.values()]), before.token);
    assert.deepEqual([answer.sessions, answer.gone.length, answer.whole], [['s7'], 1, false]);
    const after = afterAnswer(before, answer);
    assert.deepEqual(
      [after.rows.length, after.rows[0]!.session, after.rows[0]!.endEpochMs],
      [119, 's7', 9_000],
    );
    const kept = new Set(before.rows);
    assert.equal(after.rows.filter((each) => !kept.has(each)).length, 1);
    assert.equal(
      afterAnswer(after, changes.answer(filter, structuredClone([...now.values()]), after.token)),
      after,
    );
  });

  it('are told whole where few are asked for, or where what was told is forgotten', () => {
    const changes = new SessionChanges();
    const few = [sessionRow('one')];
    const first = changes.answer(filter, few, undefined);
    assert.deepEqual([first.token, first.whole], ['', true]);
    const rows = [...many().values()];
    for (const from of ['a', 'b', 'c', 'd'])
      assert.equal(changes.answer({ from }, rows, undefined).sessions.length, 120);
    const { token } = changes.answer({ from: 'd' }, rows, undefined);
    assert.equal(changes.answer({ from: 'd' }, rows, token).sessions.length, 0);
    assert.equal(changes.answer({ from: 'c' }, rows, token).whole, true);
    changes.clear();
    assert.equal(changes.answer({ from: 'd' }, rows, token).whole, true);
  });
});
