import assert from 'node:assert/strict';
import { AttentionKeeper } from '../../src/engine/attention';

function keeper(): { attention: AttentionKeeper; slowdown: () => number; wakes: () => number } {
  let slowdown = 1;
  let wakes = 0;
  const attention = new AttentionKeeper({
    wake: () => {
      wakes++;
    },
    setSlowdown: (value) => {
      slowdown = value;
    },
  });
  return { attention, slowdown: () => slowdown, wakes: () => wakes };
}

const away = { focused: false, panelShown: false };

describe('the attention of people', () => {
  it('slows the sweeps down when no window has the focus, and only then', () => {
    const { attention, slowdown } = keeper();
    assert.equal(slowdown(), 1);
    attention.told({ windowId: 'a', ...away });
    assert.equal(slowdown(), 4);
    attention.told({ windowId: 'b', focused: true, panelShown: false });
    assert.equal(slowdown(), 1);
    attention.told({ windowId: 'b', ...away });
    assert.equal(slowdown(), 4);
  });

  it('does not count a window that has gone', () => {
    const { attention, slowdown } = keeper();
    attention.told({ windowId: 'a', ...away });
    attention.told({ windowId: 'b', focused: true, panelShown: true });
    attention.gone('b');
    assert.equal(slowdown(), 4);
    attention.gone('a');
    assert.equal(slowdown(), 1, 'nobody has said anything');
  });

  it('brings the next sweep forward when a window gets the focus or shows the panel', () => {
    const { attention, wakes } = keeper();
    attention.told({ windowId: 'a', focused: true, panelShown: false });
    assert.equal(wakes(), 1);
    attention.told({ windowId: 'a', focused: true, panelShown: true });
    assert.equal(wakes(), 2);
    attention.told({ windowId: 'a', focused: true, panelShown: true });
    attention.told({ windowId: 'a', focused: false, panelShown: true });
    attention.told({ windowId: 'a', ...away });
    assert.equal(wakes(), 2, 'leaving is no reason to look');
  });
});
