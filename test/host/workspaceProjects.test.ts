import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceProjects } from '../../src/host/workspaceProjects';
import { isInFolders } from '../../src/model/folders';

describe('This project', () => {
  let folder: string;
  beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'projects-')))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const git = (inside: string, ...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@localhost', ...args], {
      cwd: inside,
      stdio: 'ignore',
    });

  function repository(): string {
    const main = join(folder, 'main');
    mkdirSync(join(main, 'packages', 'app'), { recursive: true });
    writeFileSync(join(main, 'packages', 'app', 'file'), '');
    git(main, 'init');
    git(main, 'add', '.');
    git(main, 'commit', '-m', 'first');
    return main;
  }

  it('is the folder itself where there is no repository', async () => {
    assert.deepEqual(await workspaceProjects([folder]), [folder]);
    assert.deepEqual(await workspaceProjects([]), []);
    assert.deepEqual(await workspaceProjects([join(folder, 'gone')]), [join(folder, 'gone')]);
  });

  it('is every worktree of the repository, seen from each of them', async () => {
    const main = repository();
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    git(main, 'worktree', 'add', '-b', 'one', one);
    git(main, 'worktree', 'add', '-b', 'two', two);
    for (const start of [main, one, two])
      assert.deepEqual((await workspaceProjects([start])).sort(), [main, one, two].sort(), start);
  });

  it('is the same part of every worktree where a part of the repository is open', async () => {
    const main = repository();
    const one = join(folder, 'one');
    git(main, 'worktree', 'add', '-b', 'one', one);
    assert.deepEqual(
      (await workspaceProjects([join(main, 'packages', 'app')])).sort(),
      [join(main, 'packages', 'app'), join(one, 'packages', 'app')].sort(),
    );
  });

  it('is both the link and what it leads to', async () => {
    const main = repository();
    symlinkSync(main, join(folder, 'link'));
    assert.deepEqual(await workspaceProjects([join(folder, 'link')]), [join(folder, 'link'), main]);
  });

  it('survives files that are no repository', async () => {
    writeFileSync(join(folder, '.git'), 'nonsense');
    assert.deepEqual(await workspaceProjects([folder]), [folder]);
  });
});

describe('A project in folders', () => {
  const cases: [string, string[], boolean][] = [
    ['/home/ada/app', ['/home/ada/app'], true],
    ['/home/ada/app/', ['/home/ada/app'], true],
    ['/home/ada/app/src/deep', ['/home/ada/app/'], true],
    ['/home/ada/app-two', ['/home/ada/app'], false],
    ['/home/ada', ['/home/ada/app'], false],
    ['/home/Ada/app', ['/home/ada/app'], false],
    ['/anything', ['/'], true],
    ['c:\\Work\\App\\src', ['C:\\work\\app'], true],
    ['C:/work/app', ['c:\\work\\app'], true],
    ['', ['/'], false],
    ['/home/ada', [''], false],
    ['/home/ada', [], false],
  ];
  for (const [project, folders, expected] of cases)
    it(`${expected ? 'has' : 'has not'} ${project || 'nothing'} in ${folders.join(', ') || 'none'}`, () =>
      assert.equal(isInFolders(project, folders), expected));
});
