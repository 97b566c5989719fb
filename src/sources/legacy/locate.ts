import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, LedgerError, reasonOfSystemError } from '../../model/errors';
import type { LegacyKind } from '../../model/importReport';

/** A file, or the folder of a partitioned layout, that holds usage of one kind. */
export interface LegacySource {
  readonly kind: LegacyKind;
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

export interface LegacyFiles {
  /** In the order in which they are imported: the finest first. */
  readonly sources: readonly LegacySource[];
  readonly limits: string | null;
  readonly profiles: string | null;
}

const partitionedFolder = 'partitioned';

/** What there is to import in a folder. Throws the system's reason if it cannot be looked at. */
export async function findLegacyFiles(folder: string): Promise<LegacyFiles> {
  const whole = await sizeOf(folder, 'folder');
  if (whole === null) throw new LedgerError('not-found', `${folder} is no folder`);
  const file = async (kind: LegacyKind, name: string): Promise<LegacySource[]> => {
    const path = join(folder, name);
    const bytes = await sizeOf(path, 'file');
    return bytes === null ? [] : [{ kind, path, name, bytes }];
  };
  const partitioned = await partitionBytes(join(folder, partitionedFolder));
  const parts = (kind: LegacyKind, bytes: number): LegacySource[] =>
    bytes === 0 ? [] : [{ kind, path: join(folder, partitionedFolder), name: partitionedFolder, bytes }];
  return {
    sources: [
      ...(await file('usage', 'usage.json')),
      ...parts('partitioned-days', partitioned.days),
      ...(await file('daily-usage', 'daily_usage.json')),
      ...parts('partitioned-months', partitioned.months),
      ...(await file('monthly-usage', 'monthly_usage.json')),
    ],
    limits: await nameIfThere(join(folder, 'spending_limits.json')),
    profiles: await nameIfThere(join(folder, 'user_profiles.jsonl')),
  };
}

export interface PartitionFile {
  readonly path: string;
  /** Below the partitioned folder, with `/` on every system. */
  readonly name: string;
  readonly user: string;
  /** `2025-03-09` or `2025-03`, as the name says. */
  readonly period: string;
}

const partitionName = { day: /^daily_(\d{4}-\d{2}-\d{2})\.json$/, month: /^monthly_(\d{4}-\d{2})\.json$/ };

/** The files of `<hash>/<user>/<year-month>/`, by name within each folder, so that every run meets them alike. */
export async function* partitionFiles(root: string, of: 'day' | 'month'): AsyncGenerator<PartitionFile> {
  for (const hash of await namesIn(root))
    for (const user of await namesIn(join(root, hash)))
      for (const month of await namesIn(join(root, hash, user)))
        for (const file of await namesIn(join(root, hash, user, month))) {
          const period = partitionName[of].exec(file)?.[1];
          if (period === undefined) continue;
          const path = join(root, hash, user, month, file);
          yield { path, name: [hash, user, month, file].join('/'), user, period };
        }
}

async function partitionBytes(root: string): Promise<{ days: number; months: number }> {
  const sum = { days: 0, months: 0 };
  for await (const { path } of partitionFiles(root, 'day')) sum.days += (await sizeOf(path, 'file')) ?? 0;
  for await (const { path } of partitionFiles(root, 'month')) sum.months += (await sizeOf(path, 'file')) ?? 0;
  return sum;
}

/** Empty for what is no folder. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder)) names.push(name);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return [];
    throw new LedgerError(reasonOfSystemError(error), String(error), { cause: error });
  }
  return names.sort();
}

async function nameIfThere(path: string): Promise<string | null> {
  return (await sizeOf(path, 'file')) === null ? null : path;
}

/** null if there is none, or if it is of another sort. */
async function sizeOf(path: string, sort: 'file' | 'folder'): Promise<number | null> {
  try {
    const found = await stat(path);
    return (sort === 'file' ? found.isFile() : found.isDirectory()) ? found.size : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null;
    throw new LedgerError(reasonOfSystemError(error), String(error), { cause: error });
  }
}
