// Where things live that clones share and that are expensive to make: a VS Code, a profile for `npm start`.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** `$USAGE_LEDGER_CACHE`, else below the user's cache folder; never inside a clone, so that fresh clones profit. */
export function cacheFolder(env = process.env) {
  if (env.USAGE_LEDGER_CACHE) return resolve(env.USAGE_LEDGER_CACHE);
  if (env.XDG_CACHE_HOME) return join(resolve(env.XDG_CACHE_HOME), 'usage-ledger');
  return join(homedir(), '.cache', 'usage-ledger');
}

/**
 * The folder `name` in the cache, made by `make` when it is not there yet. It is made beside its place
 * and renamed into it, under a lock: what has the name is whole, and two runs make it once.
 * @param {string} name
 * @param {(folder: string) => Promise<void>} make
 */
export async function cachedFolder(name, make) {
  const target = join(cacheFolder(), name);
  if (existsSync(target)) return target;
  const unlock = await lock(`${target}.lock`);
  try {
    if (existsSync(target)) return target;
    const unfinished = `${target}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    try {
      await make(unfinished);
      renameSync(unfinished, target);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    return target;
  } finally {
    unlock();
  }
}

/** Waits until nobody else alive holds the lock; a holder that died without letting go does not count. */
async function lock(path) {
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      const release = () => rmSync(path, { force: true });
      process.once('exit', release);
      return () => {
        process.removeListener('exit', release);
        release();
      };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isHeld(path)) rmSync(path, { force: true });
    else await sleep(250);
  }
}

/** Longer than any making takes. */
const longestHeldMs = 15 * 60_000;

function isHeld(path) {
  let holder;
  let ageMs;
  try {
    holder = Number(readFileSync(path, 'utf8'));
    ageMs = Date.now() - statSync(path).mtimeMs;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
  // An empty one was just made and its number is still to come, unless its maker died in between.
  if (ageMs > (holder === 0 ? 5000 : longestHeldMs)) return false;
  if (holder === 0) return true;
  try {
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
