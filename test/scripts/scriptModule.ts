import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Tests are compiled to out/test/<room>/<name>.test.js, with this file in each. */
export const projectRoot = join(__dirname, '..', '..', '..');

/**
 * A module of scripts/. They must run before anything is built, so they are plain JavaScript:
 * whoever loads one says what it exports.
 */
export async function scriptModule<Exports>(path: string): Promise<Exports> {
  return (await import(pathToFileURL(join(projectRoot, 'scripts', path)).href)) as Exports;
}
