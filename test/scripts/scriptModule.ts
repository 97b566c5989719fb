import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Tests and benches are run in it. Where this file lies says nothing: it is compiled into each of them. */
export const projectRoot = resolve();

/**
 * A module of scripts/. They must run before anything is built, so they are plain JavaScript:
 * whoever loads one says what it exports.
 */
export async function scriptModule<Exports>(path: string): Promise<Exports> {
  return (await import(pathToFileURL(join(projectRoot, 'scripts', path)).href)) as Exports;
}
