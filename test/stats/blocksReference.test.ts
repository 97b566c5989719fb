import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { totalTokens } from '../../src/model/measures';
import { quarterHourMs, quarterHourOf } from '../../src/model/time';
import { Leader } from '../../src/engine/leader';
import { engineStart } from '../engine/engineFixture';
import { findReferenceProgram, ReferenceProgram } from '../sources/claude/referenceProgram';
import { TestFolder } from '../sources/claude/transcriptFixtures';

const corpora = join('..', 'shared', 'transcripts');

/** Where messages count that the reference leaves out, or counts twice (docs/counting.md). */
const countedOtherwise = new Set([
  'entireio__cli',
  'iansherr__claude-code-log',
  'moredip__session-share',
  'slopus__happy',
  'vdavid__claude-session-analyzer',
]);

describe('5-hour blocks of real transcripts', function () {
  this.timeout(120_000);
  const source = findReferenceProgram();
  let folder: TestFolder;
  before(function () {
    folder = new TestFolder();
    if (source === null || !existsSync(corpora)) this.skip();
  });
  after(() => folder.remove());

  for (const name of existsSync(corpora) ? readdirSync(corpora) : []) {
    const root = join(corpora, name);
    if (!existsSync(join(root, 'projects')) || countedOtherwise.has(name)) continue;
    it(`are those of the reference program: ${name}`, async () => {
      const program = new ReferenceProgram(source!, folder.path);
      const leader = await Leader.open({
        start: engineStart([root], { background: false }),
        lease: null,
        tell: () => undefined,
        log: () => undefined,
      });
      try {
        await leader.calls.refresh(null);
        const ours = (await leader.calls.blocks({})).map((block) => ({
          start: new Date(block.startEpochMs).toISOString(),
          last: new Date(block.lastEpochMs).toISOString(),
          tokens: totalTokens(block.total),
        }));
        // Of a block of the past the quarter hour of its last message is known.
        const theirs = (await program.blocks(root)).map((block) => ({
          ...block,
          last: new Date((quarterHourOf(Date.parse(block.last)) + 1) * quarterHourMs - 1).toISOString(),
        }));
        assert.ok(ours.length > 0);
        assert.deepEqual(ours, theirs);
      } finally {
        await leader.stop();
      }
    });
  }
});
