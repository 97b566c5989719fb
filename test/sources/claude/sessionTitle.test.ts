import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSessionTitle } from '../../../src/sources/claude/sessionTitle';
import { removeFolder, temporaryFolder } from '../../ledger/fixtures';

type Line = Readonly<Record<string, unknown>>;

describe('session titles', () => {
  let folder: string;
  let root: { readonly path: string };
  beforeEach(() => {
    folder = temporaryFolder();
    root = { path: join(folder, 'claude') };
    mkdirSync(join(root.path, 'projects', 'p'), { recursive: true });
  });
  afterEach(() => removeFolder(folder));

  function transcript(lines: readonly (Line | string)[], name = 'one.jsonl'): string {
    const path = join(root.path, 'projects', 'p', name);
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    writeFileSync(path, `${text.join('\n')}\n`);
    return path;
  }
  const message = { parentUuid: null, type: 'user', uuid: 'leaf', message: { content: 'hello' } };
  const custom = (customTitle: string): Line => ({ type: 'custom-title', customTitle, sessionId: 's' });
  const generated = (aiTitle: string): Line => ({ type: 'ai-title', aiTitle, sessionId: 's' });
  const summary = (text: string, leafUuid = 'leaf'): Line => ({ type: 'summary', summary: text, leafUuid });

  it('are the last that the user chose, else the last generated, else the last summary', async () => {
    const all = [summary('first'), custom('Mine'), message, custom('Mine  too'), generated('Made')];
    assert.deepEqual(await readSessionTitle(transcript(all), [root]), { title: 'Mine too', from: 'custom' });
    assert.deepEqual(
      await readSessionTitle(transcript([generated('Made'), summary('S'), message, generated('Later')]), [
        root,
      ]),
      { title: 'Later', from: 'generated' },
    );
    assert.deepEqual(await readSessionTitle(transcript([message, summary('S'), summary('T')]), [root]), {
      title: 'T',
      from: 'summary',
    });
    assert.equal(await readSessionTitle(transcript([message]), [root]), null);
  });

  it('are not those of other sessions, nor what somebody wrote about titles, nor of a torn line', async () => {
    const talk = { ...message, message: { content: JSON.stringify(custom('Talk')) } };
    const lines = [
      summary('Other', 'elsewhere'),
      message,
      talk,
      '{"type":"custom-title","customTitle":"Torn',
    ];
    assert.equal(await readSessionTitle(transcript(lines), [root]), null);
  });

  it('are found at both ends of a file of any size', async () => {
    const filler = Array.from({ length: 8_000 }, () => ({ type: 'user', text: 'x'.repeat(1_000) }));
    assert.equal(
      (await readSessionTitle(transcript([generated('Early'), ...filler]), [root]))?.title,
      'Early',
    );
    assert.equal(
      (await readSessionTitle(transcript([generated('Early'), ...filler, generated('Late')]), [root]))?.title,
      'Late',
    );
  });

  it('are read from transcripts below the roots alone', async () => {
    const outside = join(folder, 'outside.jsonl');
    writeFileSync(outside, `${JSON.stringify(custom('Secret'))}\n`);
    assert.equal(await readSessionTitle(outside, [root]), null);
    assert.equal(
      await readSessionTitle(join(root.path, 'projects', '..', '..', 'outside.jsonl'), [root]),
      null,
    );
    const link = join(root.path, 'projects', 'p', 'link.jsonl');
    symlinkSync(outside, link);
    assert.equal(await readSessionTitle(link, [root]), null);
    assert.equal(await readSessionTitle(transcript([custom('Text')], 'notes.txt'), [root]), null);
    assert.equal(await readSessionTitle(join(root.path, 'projects', 'p', 'gone.jsonl'), [root]), null);
    mkdirSync(join(root.path, 'projects', 'p', 'folder.jsonl'));
    assert.equal(await readSessionTitle(join(root.path, 'projects', 'p', 'folder.jsonl'), [root]), null);
  });
});
