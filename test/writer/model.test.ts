import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JournalFileSystem } from '../../src/writer/fileSystem';
import {
  entry,
  faultyFileSystem,
  readJournal,
  remove,
  startWriter,
  temporaryFolder,
  type Harness,
} from './support';

/** What a plain array would have done. */
interface Model {
  /** Recorded by windows that still run or ended in order, or acknowledged by a flush: must be there. */
  kept: number[];
  /** Recorded by the present window, and in memory at worst. */
  recent: number[];
  /** Recorded by windows that crashed before anybody said it was kept: may be there. */
  lost: number[];
  next: number;
}

interface Real {
  folder: string;
  harness: Harness;
  fault: { codes: readonly string[]; step: number; where: RegExp } | null;
  crash: () => void;
}

/** A file system whose process dies: from then on no step happens any more, and none comes back. */
function mortal(real: JournalFileSystem): { fileSystem: JournalFileSystem; crash: () => void } {
  let dead = false;
  const handler: ProxyHandler<JournalFileSystem> = {
    get(target, name, receiver) {
      const method = Reflect.get(target, name, receiver) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (!dead) return method(...args);
        if (String(name).endsWith('Sync')) throw Object.assign(new Error('dead'), { code: 'EIO' });
        return new Promise(() => undefined);
      };
    },
  };
  return { fileSystem: new Proxy(real, handler), crash: () => (dead = true) };
}

function start(real: Pick<Real, 'folder' | 'fault'>): Pick<Real, 'harness' | 'crash'> {
  const faulty = faultyFileSystem((_, path) => {
    const { fault } = real;
    if (fault === null || !fault.where.test(path)) return null;
    return fault.codes[fault.step++ % fault.codes.length]!;
  });
  const { fileSystem, crash } = mortal(faulty);
  const harness = startWriter(real.folder, {
    fileSystem,
    settings: { flushRecords: 20, flushIntervalMs: 30, retryDelaysMs: [1], maxQueuedRecords: 1e6 },
    timing: { overtakeMs: 5 },
  });
  return { harness, crash };
}

async function present({ harness }: Real): Promise<Map<number, number>> {
  const { primary, backup, emergency } = harness.folders;
  const found = new Map<number, number>();
  for (const place of [primary, backup, emergency]) {
    for (const { key, tokens } of (await readJournal(place)).records)
      found.set(Number(key.slice(5)), tokens.input);
  }
  return found;
}

async function check(model: Model, real: Real): Promise<void> {
  const found = await present(real);
  for (const id of model.kept) assert.equal(found.get(id), id, `record ${id} was kept`);
  const known = new Set([...model.kept, ...model.recent, ...model.lost]);
  for (const [id, tokens] of found) {
    assert.ok(known.has(id), `record ${id} was recorded`);
    assert.equal(tokens, id);
  }
}

type Command = fc.AsyncCommand<Model, Real>;

const record = (count: number): Command => ({
  check: () => true,
  run: (model, { harness }) => {
    for (let more = count; more > 0; more--) {
      harness.writer.record(entry(`p${model.next}`, { inputTokens: model.next }));
      model.recent.push(model.next++);
    }
    return Promise.resolve();
  },
  toString: () => `record ${count}`,
});

const flush = (): Command => ({
  check: () => true,
  run: async (model, real) => {
    const before = [...model.recent];
    try {
      await real.harness.writer.flush();
    } catch (error) {
      assert.ok(real.fault !== null, `a flush fails only while something is broken: ${String(error)}`);
      return;
    }
    model.kept.push(...before);
    model.recent = model.recent.filter((id) => !before.includes(id));
    await check(model, real);
  },
  toString: () => 'flush',
});

const pause = (ms: number): Command => ({
  check: () => true,
  run: async () => new Promise((resolve) => setTimeout(resolve, ms)),
  toString: () => `pause ${ms}`,
});

const crash = (): Command => ({
  check: () => true,
  run: async (model, real) => {
    real.crash();
    const { journaled, queued } = real.harness.writer.stats();
    assert.ok(journaled + queued > 0 || model.recent.length === 0);
    model.lost.push(...model.recent);
    model.recent = [];
    Object.assign(real, start(real));
    await check(model, real);
  },
  toString: () => 'crash',
});

const restart = (): Command => ({
  check: () => true,
  run: async (model, real) => {
    await real.harness.writer.shutdown();
    if (real.harness.writer.stats().dropped === 0) model.kept.push(...model.recent);
    else {
      assert.ok(real.fault !== null, 'nothing is dropped while a folder works');
      model.lost.push(...model.recent);
    }
    model.recent = [];
    Object.assign(real, start(real));
    await check(model, real);
  },
  toString: () => 'restart',
});

const faultOn = (codes: readonly string[], where: RegExp): Command => ({
  check: () => true,
  run: (_, real) => {
    real.fault = { codes, where, step: 0 };
    return Promise.resolve();
  },
  toString: () => `fault ${codes.join()} in ${where.source}`,
});

const faultOff = (): Command => ({
  check: () => true,
  run: (_, real) => {
    real.fault = null;
    return Promise.resolve();
  },
  toString: () => 'fault off',
});

describe('the usage writer against a plain array', () => {
  it('keeps what it says it has kept, whatever happens', async () => {
    const commands = fc.commands(
      [
        fc.integer({ min: 1, max: 60 }).map(record),
        fc.constant(flush()),
        fc.integer({ min: 0, max: 12 }).map(pause),
        fc.constant(crash()),
        fc.constant(restart()),
        fc
          .tuple(
            fc.array(fc.constantFrom('ENOSPC', 'EIO', 'EACCES', 'EBUSY', 'short', 'none'), {
              minLength: 1,
              maxLength: 4,
            }),
            fc.constantFrom(/journal\//, /journal-backup\//, /./),
          )
          .map(([codes, where]) => faultOn(codes, where)),
        fc.constant(faultOff()),
      ],
      { maxCommands: 25 },
    );
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const folder = temporaryFolder();
        const real = { folder, fault: null } as unknown as Real;
        Object.assign(real, start(real));
        const model: Model = { kept: [], recent: [], lost: [], next: 1 };
        try {
          await fc.asyncModelRun(() => ({ model, real }), steps);
          real.fault = null;
          await flush().run(model, real);
          assert.equal(model.recent.length, 0);
        } finally {
          await real.harness.writer.shutdown();
          remove(folder);
        }
      }),
      { numRuns: Number(process.env['USAGE_LEDGER_MODEL_RUNS'] ?? 40), interruptAfterTimeLimit: 60_000 },
    );
  }).timeout(120_000);
});
