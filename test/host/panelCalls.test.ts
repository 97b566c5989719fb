import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerError } from '../../src/model/errors';
import { checkAsked } from '../../src/host/panelCalls';
import { findTranscript } from '../../src/host/transcriptFile';

describe('What the panel asks', () => {
  it('is passed on with what is understood, and nothing else', () => {
    assert.deepEqual(
      checkAsked('breakdown', {
        filter: { from: '2026-11-01', to: '2026-11-24', only: { model: ['m'] }, extra: 1 },
        grain: 'weekdayHour',
        by: ['project'],
        more: true,
      }),
      {
        filter: { from: '2026-11-01', to: '2026-11-24', only: { model: ['m'] } },
        grain: 'weekdayHour',
        by: ['project'],
      },
    );
    assert.deepEqual(checkAsked('packedSessions', { sessions: ['a'] }), { sessions: ['a'] });
    assert.deepEqual(checkAsked('packedSessions', { since: 'x 1', other: 1 }), { since: 'x 1' });
    assert.equal(checkAsked('health', { anything: 1 }), null);
  });

  it('is refused when it makes no sense', () => {
    const refused = (name: Parameters<typeof checkAsked>[0], params: unknown): void =>
      assert.throws(
        () => checkAsked(name, params),
        (error) => LedgerError.is(error, 'invalid'),
      );
    refused('breakdown', { filter: {}, grain: 'second', by: [] });
    refused('breakdown', { filter: {}, grain: 'day', by: ['session'] });
    refused('breakdown', { filter: { from: '2026-13-40' }, grain: 'day', by: [] });
    refused('packedSessions', { only: { constructor: ['x'] } });
    refused('packedSessions', null);
    refused('packedSessions', { since: 1 });
    refused('nextMessages', { stream: '1' });
    refused('sessionTitle', { transcriptPath: 1 });
  });
});

describe('A transcript that the panel opens', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'panel-transcript-')));
  const root = join(folder, 'claude');
  const transcript = join(root, 'projects', 'p', 's.jsonl');
  const secret = join(folder, 'secret.jsonl');

  before(() => {
    mkdirSync(join(root, 'projects', 'p'), { recursive: true });
    writeFileSync(transcript, '');
    writeFileSync(join(root, 'projects', 'p', 'notes.txt'), '');
    writeFileSync(secret, '');
    symlinkSync(secret, join(root, 'projects', 'p', 'link.jsonl'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is inside a folder that is read, and really so', async () => {
    const roots = [{ path: join(folder, 'nowhere') }, { path: root }];
    assert.equal(await findTranscript(transcript, roots), transcript);
    assert.equal(await findTranscript(secret, roots), null);
    assert.equal(await findTranscript(join(root, 'projects', 'p', 'link.jsonl'), roots), null);
    assert.equal(await findTranscript(join(root, 'projects', '..', '..', 'secret.jsonl'), roots), null);
    assert.equal(await findTranscript(join(root, 'projects', 'p', 'notes.txt'), roots), null);
    assert.equal(await findTranscript(join(root, 'projects', 'p', 'gone.jsonl'), roots), null);
    assert.equal(await findTranscript('s.jsonl', roots), null);
  });
});
