import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';

/**
 * The folders that are "this project": the workspace's own and, where one lies in a Git repository, the same folder in
 * the repository's other worktrees. Read from Git's files: nothing is run.
 */
export async function workspaceProjects(folders: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of folders) {
    found.add(folder);
    // A transcript names the folder that the shell was in, which may be the one behind a link.
    const real = await realpath(folder).catch(() => folder);
    found.add(real);
    for (const other of await inOtherWorktrees(real)) found.add(other);
  }
  return [...found];
}

async function inOtherWorktrees(folder: string): Promise<string[]> {
  for (let root = folder; ; root = dirname(root)) {
    const gitFolder = await gitFolderOf(join(root, '.git'));
    if (gitFolder !== null) {
      const inside = relative(root, folder);
      return (await worktreesOf(gitFolder)).filter((tree) => tree !== root).map((tree) => join(tree, inside));
    }
    if (dirname(root) === root) return [];
  }
}

/** The folder that all worktrees of a repository share; null where there is no repository. */
async function gitFolderOf(dotGit: string): Promise<string | null> {
  const kind = await stat(dotGit).catch(() => null);
  if (kind === null) return null;
  if (kind.isDirectory()) return dotGit;
  const pointer = /^gitdir:\s*(.+?)\s*$/m.exec((await text(dotGit)) ?? '')?.[1];
  if (pointer === undefined) return null;
  const own = resolve(dirname(dotGit), pointer);
  const shared = await text(join(own, 'commondir'));
  return shared === null ? own : resolve(own, shared.trim());
}

async function worktreesOf(gitFolder: string): Promise<string[]> {
  const main = basename(gitFolder) === '.git' ? [dirname(gitFolder)] : [];
  const names = await readdir(join(gitFolder, 'worktrees')).catch(() => []);
  const pointers = await Promise.all(
    names.map(async (name) => {
      const folder = join(gitFolder, 'worktrees', name);
      const pointer = (await text(join(folder, 'gitdir')))?.trim();
      // Git may write it relative to the folder that it stands in.
      return pointer === undefined || pointer === '' ? [] : [dirname(resolve(folder, pointer))];
    }),
  );
  return [...main, ...pointers.flat()];
}

/** null for what cannot be read: then it says nothing about worktrees. */
function text(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
