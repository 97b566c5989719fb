import { join } from 'node:path';
import { errorCode } from '../model/errors';
import type { JournalFileSystem } from './fileSystem';
import { segmentFileName } from './journalFormat';
import { listSegments, readSegment, type SegmentFile } from './journalReader';
import type { JournalPlace } from './journalPlaces';

export interface StrayResult {
  readonly moved: number;
  /** Still there, because their window lives or because moving them failed. */
  readonly left: number;
  readonly errors: readonly unknown[];
}

let copies = 0;

/**
 * Brings segments that were written to another place into the folder that the engine reads. Whoever does it twice, or
 * at the same time as somebody else, at worst brings a segment that was folded before: folding it again changes nothing.
 */
export async function bringHome(
  fileSystem: JournalFileSystem,
  from: JournalPlace,
  home: string,
  /** null: not this window's, so it must be dead. */
  mayMove: (file: SegmentFile) => boolean | null,
): Promise<StrayResult> {
  const status = await fileSystem.status(from.folder);
  if (status?.isFolder !== true) return { moved: 0, left: 0, errors: [] };
  let moved = 0;
  let left = 0;
  const errors: unknown[] = [];
  for (const file of await listSegments(from.folder, fileSystem)) {
    try {
      if (mayMove(file) ?? (await isFinished(file))) {
        await move(fileSystem, file, join(home, segmentFileName(file.windowId, file.sequence)));
        moved++;
      } else left++;
    } catch (error) {
      // ENOENT: another window has just brought it home.
      if (errorCode(error) === 'ENOENT' && (await fileSystem.status(file.path)) === null) continue;
      left++;
      errors.push(error);
    }
  }
  if (moved > 0) await fileSystem.syncFolder(home);
  return { moved, left, errors };
}

/** A living window brings its segments home itself. */
async function isFinished(file: SegmentFile): Promise<boolean> {
  return (await readSegment({ ...file, superseded: false })).closed;
}

async function move(fileSystem: JournalFileSystem, file: SegmentFile, to: string): Promise<void> {
  try {
    await fileSystem.rename(file.path, to);
    return;
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
  }
  const half = `${to}.${process.pid}-${copies++}.tmp`;
  try {
    await fileSystem.copy(file.path, half);
    await fileSystem.rename(half, to);
  } catch (error) {
    await fileSystem.remove(half).catch(() => undefined);
    throw error;
  }
  await fileSystem.remove(file.path);
}
