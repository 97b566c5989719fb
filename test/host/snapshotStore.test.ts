import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SnapshotStore, type StoreChange } from '../../src/host/snapshotStore';
import { emptySnapshot } from '../webview/fixtures';

describe('SnapshotStore', () => {
  let folder: string;
  let file: string;
  let logged: string[];
  let changes: StoreChange[];
  let store: SnapshotStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'snapshot-store-'));
    file = join(folder, 'latest.json');
    logged = [];
    changes = [];
    store = new SnapshotStore((_level, message) => logged.push(message));
    store.onChange((change) => changes.push(change));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('shows the last run’s figures until the engine has newer ones', async () => {
    writeFileSync(file, JSON.stringify(emptySnapshot({ generation: 7 })));
    assert.equal(await store.load(file), true);
    assert.equal(store.snapshot?.generation, 7);
    assert.equal(store.view(0).origin, 'disk');
    store.accept(emptySnapshot({ generation: 8 }));
    assert.equal(store.view(0).origin, 'engine');
    assert.deepEqual(changes, ['snapshot', 'snapshot']);
  });

  it('does not go back to the last run’s figures when the engine was faster', async () => {
    writeFileSync(file, JSON.stringify(emptySnapshot({ generation: 7 })));
    const loading = store.load(file);
    store.accept(emptySnapshot({ generation: 8 }));
    await loading;
    assert.equal(store.snapshot?.generation, 8);
  });

  it('is quiet about a first start', async () => {
    assert.equal(await store.load(file), false);
    assert.equal(store.snapshot, null);
    assert.deepEqual(logged, []);
  });

  const damaged: [string, string][] = [
    ['is empty', ''],
    ['is torn', JSON.stringify(emptySnapshot()).slice(0, 200)],
    ['has another format', JSON.stringify({ ...emptySnapshot(), format: 2 })],
    ['lacks a period', JSON.stringify({ ...emptySnapshot(), periods: {} })],
    ['is no object', '[1]'],
    ['is nothing', 'null'],
  ];
  for (const [how, content] of damaged)
    it(`ignores a file that ${how}, and says so in the log`, async () => {
      writeFileSync(file, content);
      await store.load(file);
      assert.equal(store.snapshot, null);
      assert.equal(logged.length, 1);
    });

  it('says that the ledger cannot be used until the next snapshot', () => {
    store.setEngine({ kind: 'running', reason: null });
    store.setUnavailable('disk full');
    assert.deepEqual(store.view(0).engine, { kind: 'unavailable', reason: 'disk full' });
    store.accept(emptySnapshot());
    assert.equal(store.view(0).engine.kind, 'running');
  });

  it('tells of another currency and other folders, once each', () => {
    let told = 0;
    store.onChange((change) => {
      assert.equal(change, 'context');
      told++;
    });
    for (let round = 0; round < 2; round++) {
      store.setMoney({ code: 'EUR', symbol: '', rate: 0.9 });
      store.setWorkspaceFolders(['/home/ada/app']);
    }
    assert.equal(told, 2);
    assert.equal(store.view(0).money.code, 'EUR');
    assert.deepEqual(store.view(0).workspaceFolders, ['/home/ada/app']);
  });

  it('forgets the progress of an engine that is gone', () => {
    store.setProgress({ filesTotal: 2, filesDone: 1, bytesTotal: 2, bytesDone: 1, remainingMs: null });
    store.setEngine({ kind: 'restarting', reason: 'crash' });
    assert.equal(store.view(0).progress, null);
  });
});
