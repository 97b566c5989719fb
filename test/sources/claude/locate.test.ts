import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { win32 } from 'node:path';
import { findRoots, isTranscript, listTranscripts } from '../../../src/sources/claude/locate';
import { TestFolder } from './transcriptFixtures';

const nowhere = { home: '/home/nobody', claudeConfigDir: undefined, xdgConfigHome: undefined };

describe('findRoots', () => {
  const paths = (...parameters: Parameters<typeof findRoots>): string[] =>
    findRoots(...parameters).map((root) => root.path);

  it('looks in both default places', () => {
    assert.deepEqual(paths(nowhere), ['/home/nobody/.config/claude', '/home/nobody/.claude']);
    assert.deepEqual(paths({ ...nowhere, xdgConfigHome: '/xdg', claudeConfigDir: ' , ' }), [
      '/xdg/claude',
      '/home/nobody/.claude',
    ]);
  });

  it('looks only where CLAUDE_CONFIG_DIR says, if it says something', () => {
    assert.deepEqual(paths({ ...nowhere, claudeConfigDir: '/a, ~/b ,/c/projects/,~,/a/,' }), [
      '/a',
      '/home/nobody/b',
      '/c',
      '/home/nobody',
    ]);
  });

  it('adds the folders of the setting, each folder once', () => {
    assert.deepEqual(paths({ ...nowhere, claudeConfigDir: '/a' }, ['/x', '~/y', '/a/projects', '']), [
      '/a',
      '/x',
      '/home/nobody/y',
    ]);
  });

  it('looks nowhere else if told so', () => {
    assert.deepEqual(paths({ ...nowhere, claudeConfigDir: '/a' }, ['/x'], ['/only']), ['/only']);
  });

  it('understands Windows paths', () => {
    const environment = {
      home: 'C:\\Users\\me',
      claudeConfigDir: '~\\.claude,D:\\data\\projects,~/other',
      xdgConfigHome: undefined,
    };
    assert.deepEqual(paths(environment, [], null, win32), [
      'C:\\Users\\me\\.claude',
      'D:\\data',
      'C:\\Users\\me\\other',
    ]);
  });

  it('says which are there', () => {
    const folder = new TestFolder();
    try {
      mkdirSync(folder.at('one', 'projects'), { recursive: true });
      mkdirSync(folder.at('two'));
      assert.deepEqual(
        findRoots(
          nowhere,
          [],
          ['one', 'two', 'three'].map((name) => folder.at(name)),
        ).map((root) => root.exists),
        [true, false, false],
      );
    } finally {
      folder.remove();
    }
  });
});

describe('listTranscripts', function () {
  this.timeout(20_000);

  let folder: TestFolder;
  beforeEach(() => (folder = new TestFolder()));
  afterEach(() => folder.remove());

  async function list(...roots: readonly string[]): Promise<string[]> {
    const { files, problems } = await listTranscripts(roots.map((path) => ({ path })));
    assert.deepEqual(problems, []);
    return files.map((file) => file.path.slice(folder.path.length + 1).replaceAll('\\', '/'));
  }

  it('finds sessions, subagents and old agent files, and nothing else', async () => {
    folder.write({
      'r/projects/-a/s1.jsonl': '1',
      'r/projects/-a/agent-1.jsonl': '22',
      'r/projects/-a/s1/subagents/agent-2.jsonl': '',
      'r/projects/-a/s1/subagents/workflows/w1/agent-3.jsonl': '',
      'r/projects/-a/s1/subagents/workflows/w1/journal.jsonl': '',
      'r/projects/-a/s1/tool-results/x.txt': '',
      'r/projects/-a/notes.json': '',
      'r/projects/-a/journal.jsonl': '',
      'r/history.jsonl': '',
    });
    mkdirSync(folder.at('r/projects/-a/folder.jsonl'));
    assert.deepEqual(await list(folder.at('r')), [
      'r/projects/-a/agent-1.jsonl',
      'r/projects/-a/journal.jsonl',
      'r/projects/-a/s1.jsonl',
      'r/projects/-a/s1/subagents/agent-2.jsonl',
      'r/projects/-a/s1/subagents/workflows/w1/agent-3.jsonl',
    ]);
    const { files } = await listTranscripts([{ path: folder.at('r') }]);
    assert.deepEqual([files[0]!.size, files[0]!.root], [2, folder.at('r')]);
  });

  it('takes a missing root for an empty one', async () => {
    assert.deepEqual(await list(folder.at('missing')), []);
  });

  it('counts a file once that several ways lead to', async () => {
    folder.write({ 'r/projects/-a/s.jsonl': 'x', 'r/projects/-b/t.jsonl': 'y' });
    symlinkSync(folder.at('r'), folder.at('second'));
    symlinkSync(folder.at('r/projects/-a'), folder.at('r/projects/-z'));
    symlinkSync(folder.at('r/projects/-a/s.jsonl'), folder.at('r/projects/-b/link.jsonl'));
    linkSync(folder.at('r/projects/-a/s.jsonl'), folder.at('r/projects/-b/hard.jsonl'));
    assert.deepEqual((await list(folder.at('r'), folder.at('second'), folder.at('r'))).length, 2);
  });

  it('knows a file by its own path, or else by the first of the links to it, whichever answers first', async () => {
    folder.write({ 'r/projects/-z/deep/er/s.jsonl': 'x', 'elsewhere/t.jsonl': 'y' });
    mkdirSync(folder.at('r/projects/-a/deep'), { recursive: true });
    symlinkSync(folder.at('r/projects/-z/deep/er/s.jsonl'), folder.at('r/projects/-a/link.jsonl'));
    symlinkSync(folder.at('r/projects/-z/deep'), folder.at('r/projects/-b'));
    for (const name of ['-z.jsonl', '-a/deep/t.jsonl', '-z/t.jsonl'])
      symlinkSync(folder.at('elsewhere/t.jsonl'), folder.at('r/projects', name));
    assert.deepEqual(await list(folder.at('r')), [
      'r/projects/-a/deep/t.jsonl',
      'r/projects/-z/deep/er/s.jsonl',
    ]);
  });

  it('follows links out of the root, and not in circles', async () => {
    folder.write({ 'r/projects/-a/s.jsonl': '', 'elsewhere/t.jsonl': '' });
    symlinkSync(folder.at('elsewhere'), folder.at('r/projects/-out'));
    symlinkSync(folder.at('r/projects'), folder.at('r/projects/-a/up'));
    symlinkSync(folder.at('r/projects/-a/self'), folder.at('r/projects/-a/self'));
    symlinkSync(folder.at('gone'), folder.at('r/projects/-a/dangling.jsonl'));
    assert.deepEqual(await list(folder.at('r')), ['r/projects/-a/s.jsonl', 'r/projects/-out/t.jsonl']);
  });

  it('reports what it cannot read, and reads the rest', async () => {
    folder.write({ 'r/projects/-a/s.jsonl': '', 'q/projects': 'a file where a folder should be' });
    const endless = `r/projects/${'x'.repeat(300)}`;
    const { files, problems } = await listTranscripts([
      { path: folder.at(endless) },
      { path: folder.at('q') },
      { path: folder.at('r') },
    ]);
    assert.equal(files.length, 1);
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      ['io'],
    );
  });

  it('lists thousands of files in parallel', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `r/projects/-p${index % 30}/s${index}.jsonl`);
    folder.write(Object.fromEntries(names.map((name) => [name, '{}'])));
    assert.deepEqual(await list(folder.at('r')), [...names].sort());
  });

  it('knows a transcript by its name', () => {
    assert.deepEqual(
      [
        'a.jsonl',
        'a.json',
        'C:\\s\\subagents\\workflows\\w\\journal.jsonl',
        '/x/workflows/w/journal.jsonl',
      ].map(isTranscript),
      [true, false, false, true],
    );
  });
});
