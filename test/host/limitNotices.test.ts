import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { LimitNotices } from '../../src/host/limitNotices';
import type { LimitState, LimitThreshold } from '../../src/model/limit';
import type { PanelView } from '../../src/protocol/panelApi';
import { emptySnapshot, viewOf } from '../webview/fixtures';

const delayMs = 40;

function state(reached: LimitThreshold | null, parts: Partial<LimitState> = {}): LimitState {
  return {
    limit: { id: 'day:all', period: 'day', softNanoDollars: 1, hardNanoDollars: 2 },
    from: '2026-11-24',
    to: '2026-11-24',
    spentNanoDollars: 2,
    reached,
    muted: false,
    ...parts,
  };
}

const view = (...limits: LimitState[]): PanelView => viewOf(emptySnapshot({ limits }));

describe('Notices of limits', () => {
  /** What the leader has granted, over all windows. */
  let granted: Set<string>;
  let told: string[];
  let claims: number;
  let failing: boolean;
  const open: LimitNotices[] = [];
  const window = (name: string, focused: boolean): LimitNotices => {
    const notices = new LimitNotices({
      claim: ({ limit, from, threshold }) => {
        claims++;
        if (failing) return Promise.reject(new Error('no leader'));
        const key = `${limit} ${from} ${threshold}`;
        const first = !granted.has(key);
        granted.add(key);
        return Promise.resolve({ granted: first });
      },
      tell: ({ reached }) => told.push(`${name} ${reached}`),
      focused: () => focused,
      log: () => undefined,
      delayMs,
    });
    open.push(notices);
    return notices;
  };

  beforeEach(() => {
    granted = new Set();
    told = [];
    claims = 0;
    failing = false;
  });
  afterEach(() => {
    for (const notices of open.splice(0)) notices.dispose();
  });

  it('come once for a threshold, however many figures follow', async () => {
    const one = window('one', true);
    for (let round = 0; round < 20; round++) one.update(view(state('soft')));
    one.update(view(state('hard')));
    one.update(view(state('hard')));
    await wait(0);
    assert.deepEqual(told, ['one soft', 'one hard']);
    assert.equal(claims, 2);
  });

  it('come in the window that somebody looks at', async () => {
    const [behind, front] = [window('behind', false), window('front', true)];
    behind.update(view(state('hard')));
    front.update(view(state('hard')));
    await wait(delayMs * 3);
    assert.deepEqual(told, ['front hard']);
  });

  it('come in one of the others where nobody looks at any', async () => {
    const [one, two] = [window('one', false), window('two', false)];
    one.update(view(state('hard')));
    two.update(view(state('hard')));
    await wait(0);
    assert.deepEqual(told, []);
    await wait(delayMs * 3);
    assert.equal(told.length, 1);
  });

  it('do not come for what is muted, over, not reached, or only remembered from an earlier run', async () => {
    const one = window('one', true);
    one.update(view(state(null)));
    one.update(view(state('hard', { muted: true })));
    one.update(view(state('hard', { to: '2026-11-23' })));
    one.update({ ...view(state('hard')), origin: 'disk' });
    await wait(0);
    assert.equal(claims, 0);
  });

  it('do not come any more when the limit is raised meanwhile', async () => {
    const one = window('one', false);
    one.update(view(state('hard')));
    one.update(view(state(null)));
    await wait(delayMs * 3);
    assert.equal(claims, 0);
  });

  it('are tried again with the next figures while no engine can be asked', async () => {
    const one = window('one', true);
    failing = true;
    one.update(view(state('hard')));
    await wait(0);
    failing = false;
    one.update(view(state('hard')));
    await wait(0);
    assert.deepEqual(told, ['one hard']);
  });
});
