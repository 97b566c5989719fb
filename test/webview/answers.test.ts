import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { packSessions } from '../../src/model/packedSessions';
import { Answers } from '../../src/webview/answers';

/** A host whose answers come when the test says so, the same one as often as it is asked. */
class Host {
  readonly asked: string[] = [];
  readonly params: unknown[] = [];
  readonly #open: { readonly name: string; readonly end: (value: unknown) => void }[] = [];

  readonly call = (name: string, params?: unknown): Promise<never> => {
    this.asked.push(name);
    this.params.push(params);
    return new Promise((resolve) => {
      this.#open.push({ name, end: (value) => resolve(value as never) });
    });
  };

  async answer(name: string, value: unknown): Promise<void> {
    const at = this.#open.findIndex((each) => each.name === name);
    this.#open.splice(at, 1)[0]!.end(value);
    await wait(0);
  }
}

describe('what the page has asked', () => {
  let host: Host;
  let answers: Answers;
  let told: string[];

  const look = async (name: 'blocks' | 'history', first: unknown): Promise<void> => {
    const entry = answers.entry(name, {});
    entry.listeners.add(() => told.push(`${name} ${String(entry.result?.value)}`));
    void answers.want(entry);
    await host.answer(name, first);
  };

  beforeEach(async () => {
    host = new Host();
    answers = new Answers(host);
    told = [];
    void answers.refresh(() => undefined);
    await look('blocks', 1);
    await look('history', 1);
    assert.deepEqual(told, ['blocks 1', 'history 1']);
    told.length = 0;
    host.asked.length = host.params.length = 0;
  });

  it('is asked again when figures change, and shown in one with them', async () => {
    void answers.refresh(() => told.push('figures'));
    assert.deepEqual(host.asked, ['blocks', 'history']);
    await host.answer('blocks', 2);
    assert.deepEqual(told, []);
    await host.answer('history', 2);
    assert.deepEqual(told, ['figures', 'blocks 2', 'history 2']);
  });

  it('keeps nothing waiting that is there when one of them takes long', async () => {
    void answers.refresh(() => told.push('figures'));
    await host.answer('blocks', 2);
    await wait(150);
    assert.deepEqual(told, ['figures', 'blocks 2']);
    await host.answer('history', 2);
    assert.deepEqual(told, ['figures', 'blocks 2', 'history 2']);
  });

  it('is told at once where nothing was there before', async () => {
    void answers.refresh(() => told.push('figures'));
    const entry = answers.entry('patterns', {});
    entry.listeners.add(() => told.push('patterns'));
    void answers.want(entry);
    await host.answer('patterns', 1);
    assert.deepEqual(told, ['patterns']);
    await host.answer('blocks', 2);
    await host.answer('history', 2);
    assert.deepEqual(told, ['patterns', 'figures', 'blocks 2', 'history 2']);
  });

  it('is asked once more for figures that change while the question is under way, and never twice at once', async () => {
    void answers.refresh(() => told.push('one'));
    void answers.refresh(() => told.push('two'));
    assert.deepEqual(host.asked, ['blocks', 'history']);
    await host.answer('blocks', 2);
    await host.answer('history', 2);
    assert.deepEqual(host.asked, ['blocks', 'history', 'blocks', 'history']);
    await host.answer('blocks', 3);
    await host.answer('history', 3);
    assert.deepEqual(told.toSorted(), ['blocks 3', 'history 3', 'one', 'two']);
  });

  it('are sessions told by their changes once all of them are known', async () => {
    const entry = answers.entry('packedSessions', { from: '2026-11-01' });
    entry.listeners.add(() => undefined);
    void answers.want(entry);
    const nothing = { ...packSessions([]), gone: [] };
    await host.answer('packedSessions', { ...nothing, token: 'first', whole: true });
    void answers.refresh(() => undefined);
    await host.answer('packedSessions', { ...nothing, token: 'second', whole: false });
    void answers.refresh(() => undefined);
    const asked = host.params.filter((_, at) => host.asked[at] === 'packedSessions');
    assert.deepEqual(asked, [
      { from: '2026-11-01' },
      { from: '2026-11-01', since: 'first' },
      { from: '2026-11-01', since: 'second' },
    ]);
  });
});
