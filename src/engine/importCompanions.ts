import { readFile, stat } from 'node:fs/promises';
import { type ErrorMessage, LedgerError, toErrorMessage } from '../model/errors';
import type { ImportReport, ProposedLimit } from '../model/importReport';
import { readLimits } from '../sources/legacy/limits';
import type { LegacyFiles } from '../sources/legacy/locate';
import { profileUsers } from '../sources/legacy/profiles';
import type { ImportTally } from './importTally';

// What lies beside old usage files and is no usage.

const largestLimitsBytes = 4 * 1024 * 1024;

/** How many users have a profile, and how many of them no usage in these files. */
export async function countProfiles(
  { profiles }: LegacyFiles,
  { users }: ImportTally,
): Promise<Pick<ImportReport, 'profiles' | 'profilesWithoutUsage'>> {
  const counts = { profiles: 0, profilesWithoutUsage: 0 };
  if (profiles === null) return counts;
  for await (const user of profileUsers(profiles)) {
    counts.profiles++;
    if (!users.has(user)) counts.profilesWithoutUsage++;
  }
  return counts;
}

/** None, and a problem in the report, if the file cannot be read. */
export async function proposedLimits(
  { limits }: LegacyFiles,
  { problems }: ImportTally,
): Promise<readonly ProposedLimit[]> {
  if (limits === null) return [];
  try {
    if ((await stat(limits)).size > largestLimitsBytes)
      throw new LedgerError('invalid', 'the file is too large');
    return readLimits(JSON.parse(await readFile(limits, 'utf8')));
  } catch (error) {
    problems.push({ file: 'spending_limits.json', error: withoutStack(error) });
    return [];
  }
}

export function withoutStack(error: unknown): ErrorMessage {
  const { reason, message } = toErrorMessage(error);
  return { reason, message };
}
