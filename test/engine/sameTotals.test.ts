import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { BreakdownRow, MessageRow } from '../../src/model/query';
import { Leader } from '../../src/engine/leader';
import { transcriptLine } from '../sources/claude/transcriptArbitrary';
import { TestFolder, text, type Json } from '../sources/claude/transcriptFixtures';
import { engineStart } from './engineFixture';

function open(root: string, storageFolder: string | null): Promise<Leader> {
  const start = engineStart([root], { storageFolder, background: false });
  return Leader.open({ start, lease: null, tell: () => undefined, log: () => undefined });
}

interface Outcome {
  readonly days: readonly BreakdownRow[];
  readonly messages: readonly MessageRow[];
  readonly badLines: number;
}

async function outcome(leader: Leader): Promise<Outcome> {
  const { scan } = await leader.calls.snapshot(null);
  const days = await leader.calls.breakdown({ filter: {}, grain: 'day', by: ['model', 'project', 'branch'] });
  const { stream } = await leader.calls.openMessages({});
  const messages = await leader.calls.nextMessages({ stream });
  assert.deepEqual(leader.verify(), []);
  const order = (row: BreakdownRow): string => JSON.stringify([row.bucket, row.names]);
  return {
    days: [...days].sort((a, b) => (order(a) < order(b) ? -1 : 1)),
    messages: [...messages].sort((a, b) => (`${a.id} ${a.epochMs}` < `${b.id} ${b.epochMs}` ? -1 : 1)),
    badLines: scan.badLines,
  };
}

/** A fork has lines of another session under its own id. */
function forked(line: Json | string, session: string): Json | string {
  return typeof line === 'string' ? line : { ...line, sessionId: session };
}

const tree = fc
  .record({
    sessions: fc.array(fc.array(transcriptLine({ plain: false }), { minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 4,
    }),
    forks: fc.array(fc.record({ from: fc.nat(), lines: fc.nat({ max: 12 }) }), { maxLength: 2 }),
    names: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 6, maxLength: 6 }),
  })
  .map(({ sessions, forks, names }) => {
    const files = [...sessions];
    for (const { from, lines } of forks) {
      const source = sessions[from % sessions.length]!;
      files.push(source.slice(0, lines).map((line) => forked(line, `fork-${files.length}`)));
    }
    return files.map((lines, index) => ({
      name: `session-${names[index]!}`,
      bytes: Buffer.from(text(...lines)),
    }));
  });

/** How far each file has been written at each step, as shares of the whole. */
const growth = fc.array(
  fc.record({
    shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
    restart: fc.boolean(),
  }),
  { maxLength: 4 },
);

describe('the same totals', function () {
  this.timeout(120_000);

  it('come out of any order, any split and any number of restarts as of one clean run', async () => {
    await fc.assert(
      fc.asyncProperty(tree, growth, async (files, steps) => {
        const folder = new TestFolder();
        try {
          const grown = folder.at('grown');
          const write = (root: string, name: string, bytes: Uint8Array): void => {
            const path = join(root, 'projects', '-work-app', `${name}.jsonl`);
            mkdirSync(dirname(path), { recursive: true });
            writeFileSync(path, bytes);
          };
          const written = files.map(() => 0);
          let leader = await open(grown, folder.at('storage'));
          for (const { shares, restart } of steps) {
            for (const [index, { name, bytes }] of files.entries()) {
              const size = Math.max(written[index]!, Math.floor(bytes.length * shares[index]!));
              if (size > 0) write(grown, name, bytes.subarray(0, size));
              written[index] = size;
            }
            await leader.calls.refresh(null);
            if (!restart) continue;
            await leader.stop();
            leader = await open(grown, folder.at('storage'));
          }
          for (const { name, bytes } of files) write(grown, name, bytes);
          await leader.calls.refresh(null);
          const piecemeal = await outcome(leader);
          await leader.stop();

          const clean = await open(grown, null);
          await clean.calls.refresh(null);
          const atOnce = await outcome(clean);
          await clean.stop();
          assert.deepEqual(piecemeal, atOnce);
        } finally {
          folder.remove();
        }
      }),
      { numRuns: 30 },
    );
  });
});
