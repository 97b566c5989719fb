import { open } from 'node:fs/promises';
import { fieldsOf, isObject, text } from './fields';

/** The users that a file with one profile a line names. Their totals repeat what the usage files tell. */
export async function* profileUsers(path: string): AsyncGenerator<string> {
  const file = await open(path);
  try {
    for await (const line of file.readLines()) {
      const user = userOf(line);
      if (user !== null) yield user;
    }
  } finally {
    await file.close();
  }
}

function userOf(line: string): string | null {
  try {
    const profile: unknown = JSON.parse(line);
    return isObject(profile) ? text(fieldsOf(profile), ['user', 'userid', 'username', 'id', 'name']) : null;
  } catch {
    // A line that is none names nobody, and no usage hangs on it.
    return null;
  }
}
