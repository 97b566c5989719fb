import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { errorCode } from '../../model/errors';
import type { SessionTitle } from '../../model/query';
import { projectsFolder, type Root } from './locate';

/** Titles stand near the beginning (old versions) or are repeated near the end: of a larger file no more is read. */
const headBytes = 1 << 20;
const tailBytes = 4 << 20;
const longestTitle = 200;

const kinds = [
  { type: 'custom-title', field: 'customTitle', from: 'custom' },
  { type: 'ai-title', field: 'aiTitle', from: 'generated' },
  { type: 'summary', field: 'summary', from: 'summary' },
] as const;

/**
 * The title that a transcript gives its session: the last that its user chose, else the last that was generated, else
 * its last summary. A summary counts only if it is of a message in this file: old versions put those of other sessions
 * here as well. Looked for in a few megabytes at most, only in transcripts below the roots, and kept nowhere.
 * null: there is none, or the file is gone.
 */
export async function readSessionTitle(
  path: string,
  roots: readonly Pick<Root, 'path'>[],
): Promise<SessionTitle | null> {
  let handle: FileHandle;
  try {
    if (!path.endsWith('.jsonl') || !(await isBelow(path, roots))) return null;
    handle = await open(path, constants.O_RDONLY);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
  try {
    return titleIn(await endsOf(handle));
  } finally {
    await handle.close();
  }
}

/** Links are followed first: a path that leads out of the roots is none of theirs. */
async function isBelow(path: string, roots: readonly Pick<Root, 'path'>[]): Promise<boolean> {
  const real = await realpath(path);
  for (const root of roots) {
    const folder = await realpath(projectsFolder(root.path)).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (folder !== null && real.startsWith(folder + sep)) return true;
  }
  return false;
}

/** The whole text of a small file, the first and the last part of a larger one. */
async function endsOf(handle: FileHandle): Promise<string> {
  const stat = await handle.stat();
  if (!stat.isFile()) return '';
  const { size } = stat;
  if (size <= headBytes + tailBytes) return textAt(handle, 0, size);
  return `${await textAt(handle, 0, headBytes)}\n${await textAt(handle, size - tailBytes, tailBytes)}`;
}

async function textAt(handle: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('utf8', 0, bytesRead);
}

function titleIn(text: string): SessionTitle | null {
  for (const { type, field, from } of kinds) {
    const found = lastOf(text, type, (line) => {
      const title = line[field];
      if (typeof title !== 'string' || title.trim() === '') return null;
      if (type === 'summary' && !isOwnSummary(text, line['leafUuid'])) return null;
      return title.replaceAll(/\s+/g, ' ').trim().slice(0, longestTitle);
    });
    if (found !== null) return { title: found, from };
  }
  return null;
}

function isOwnSummary(text: string, leaf: unknown): boolean {
  return typeof leaf === 'string' && text.includes(`"uuid":"${leaf}"`);
}

/** The last line of a type that `read` can make something of. Other lines are not parsed. */
function lastOf(
  text: string,
  type: string,
  read: (line: Readonly<Record<string, unknown>>) => string | null,
): string | null {
  const mark = `"${type}"`;
  for (let at = text.lastIndexOf(mark); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(mark, at - 1)) {
    const from = text.lastIndexOf('\n', at) + 1;
    const to = text.indexOf('\n', at);
    // The type stands at the beginning: a mark far into a line is somebody's text.
    if (at - from > 200) continue;
    const line = parsed(text.slice(from, to < 0 ? text.length : to));
    if (line === null || line['type'] !== type) continue;
    const found = read(line);
    if (found !== null) return found;
  }
  return null;
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // A torn or damaged line has no title.
    return null;
  }
}
