import { realpath } from 'node:fs/promises';
import { extname, join, relative, isAbsolute } from 'node:path';
import { errorCode } from '../model/errors';

/**
 * The transcript that a page asks to see, as the path that it really has; null if there is none. Only what is inside
 * a folder that transcripts are read from is shown, whatever the page says.
 */
export async function findTranscript(
  path: string,
  roots: readonly { readonly path: string }[],
): Promise<string | null> {
  if (typeof path !== 'string' || !isAbsolute(path) || extname(path) !== '.jsonl') return null;
  const real = await realPathOf(path);
  if (real === null || extname(real) !== '.jsonl') return null;
  for (const root of roots) {
    const folder = await realPathOf(join(root.path, 'projects'));
    if (folder === null) continue;
    const inside = relative(folder, real);
    if (inside !== '' && !inside.startsWith('..') && !isAbsolute(inside)) return real;
  }
  return null;
}

async function realPathOf(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    // Gone, or not to be seen: either way there is nothing to show.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'].includes(errorCode(error))) return null;
    throw error;
  }
}
