import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { LedgerError } from '../../src/model/errors';
import { moodOf } from '../../src/protocol/viewMood';
import { SnapshotStore } from '../../src/host/snapshotStore';
import type { EngineStart } from '../../src/protocol/engineApi';
import { TestFolder } from '../sources/claude/transcriptFixtures';
import { entry, startWriter, type Harness, waitUntil } from '../writer/support';
import { engineStart, message, TestEngine, wasmPath, writeTranscript } from './engineFixture';

/** As the extension puts them together: the engine's client, what the surfaces show, and the writer. */
interface Window {
  readonly engine: TestEngine;
  readonly store: SnapshotStore;
  readonly writer: Harness;
}

describe('while the database cannot be used', function () {
  this.timeout(60_000);
  let folder: TestFolder;
  let windows: Window[];
  let mounted: string[];

  beforeEach(() => {
    folder = new TestFolder();
    windows = [];
    mounted = [];
  });
  afterEach(async () => {
    for (const { engine, writer } of windows) {
      await writer.writer.shutdown();
      await engine.stop();
    }
    for (const path of mounted) spawnSync('umount', ['-l', path]);
    folder.remove();
  });

  const storage = (): string => folder.at('storage');
  const ledgerFolder = (): string => folder.at('storage', 'ledger');

  async function open(changes: Partial<EngineStart> = {}): Promise<Window> {
    const engine = new TestEngine(
      engineStart([folder.at('claude')], { storageFolder: storage(), ...changes }),
    );
    const store = new SnapshotStore(() => undefined);
    engine.client.on('snapshot', (snapshot) => store.accept(snapshot));
    engine.client.on('unavailable', (error) => store.setUnavailable(error.message));
    engine.client.onStatus((status) => store.setEngine(status));
    const writer = startWriter(storage(), {
      sink: { flush: (windowId) => engine.client.call('flush', { windowId, save: false }) },
    });
    const window = { engine, store, writer };
    windows.push(window);
    await store.load(folder.at('storage', 'latest.json'));
    return window;
  }

  async function close({ engine, writer }: Window): Promise<void> {
    await writer.writer.shutdown();
    await engine.stop();
    windows = windows.filter((each) => each.engine !== engine);
  }

  /** A window of yesterday, so to speak: it counted two messages and left its figures behind. */
  async function earlier(): Promise<void> {
    writeTranscript(folder.at('claude'), 'one', message('a'), message('b'));
    const window = await open();
    await window.engine.messages(2);
    await window.engine.client.call('flush', { windowId: 'x', save: true });
    await close(window);
    assert.ok(existsSync(folder.at('storage', 'latest.json')));
  }

  const mood = ({ store }: Window): string => moodOf(store.view(Date.now()));
  const shown = ({ store }: Window): number | undefined => store.snapshot?.periods.allTime.total.messages;

  /** Figures are shown with a warning, what is recorded is safe, and all is counted once it works again. */
  async function survives(window: Window, repair: () => void): Promise<void> {
    await waitUntil(() => mood(window) === 'failing', 'the surfaces say it');
    assert.equal(shown(window), 2, 'the figures of the last time are still shown');
    for (let index = 0; index < 25; index++) window.writer.writer.record(entry(`while-away-${index}`));
    const { durable } = await window.writer.writer.flush();
    assert.equal(durable, 'journal');
    assert.equal(window.writer.writer.stats().dropped, 0);
    writeTranscript(folder.at('claude'), 'two', message('c'));
    repair();
    await waitUntil(() => shown(window) === 28, 'everything is counted');
    await waitUntil(() => mood(window) === 'ready', 'the surfaces say that it works again');
    await waitUntil(
      async () => (await window.writer.writer.flush()).durable === 'ledger',
      'the writer says so too',
    );
  }

  it('because SQLite’s code is missing: cached figures, records in the journal, all counted afterwards', async () => {
    await earlier();
    const missing = folder.at('sql-wasm.wasm');
    const window = await open({ wasmPath: missing });
    await assert.rejects(
      window.engine.client.call('breakdown', { filter: {}, grain: 'day', by: [] }),
      (error: unknown) => LedgerError.is(error),
      'what cannot be answered is refused with a reason',
    );
    await survives(window, () => copyFileSync(wasmPath, missing));
  });

  it('because its folder cannot be entered: the same', async () => {
    await earlier();
    const aside = folder.at('aside');
    renameSync(ledgerFolder(), aside);
    writeFileSync(ledgerFolder(), 'a file in its place');
    await survives(await open(), () => {
      rmSync(ledgerFolder());
      renameSync(aside, ledgerFolder());
    });
  });

  it('because the disk is full: counted in memory, safe in the journal, saved when there is room', async function () {
    await earlier();
    const aside = folder.at('aside');
    renameSync(ledgerFolder(), aside);
    mkdirSync(ledgerFolder());
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', ledgerFolder()]);
    if (mount.status !== 0) {
      console.log(`      (skipped: ${String(mount.stderr).trim()})`);
      this.skip();
    }
    mounted.push(ledgerFolder());
    for (const name of ['2026-02.sqlite', '2026-02.index', 'catalog.sqlite'])
      copyFileSync(`${aside}/${name}`, `${ledgerFolder()}/${name}`);
    const window = await open();
    await window.engine.messages(2);
    const ballast = `${ledgerFolder()}/ballast`;
    assert.throws(() => writeFileSync(ballast, Buffer.alloc(4 << 20)), /ENOSPC/);
    assert.ok(statSync(ballast).size > 0);
    for (let index = 0; index < 25; index++) window.writer.writer.record(entry(`full-${index}`));
    await window.writer.writer.flush();
    await assert.rejects(
      window.engine.client.call('flush', { windowId: 'x', save: true }),
      (error: unknown) => LedgerError.is(error, 'disk-full'),
    );
    await waitUntil(() => shown(window) === 27, 'they are counted all the same');
    await window.engine.client.call('refresh', null);
    await waitUntil(() => mood(window) === 'failing', 'the surfaces say it');
    rmSync(ballast);
    await window.engine.client.call('flush', { windowId: 'x', save: true });
    await window.engine.client.call('refresh', null);
    await waitUntil(() => mood(window) === 'ready', 'the surfaces say that it works again');
    await close(window);
    const again = await open({ background: false });
    assert.equal((await again.engine.client.call('snapshot', null)).periods.allTime.total.messages, 27);
  });
});
