import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { addTokens, withoutZeros } from './countOnce';
import type { DayTokens } from './countOnce';

interface Daily {
  readonly daily: readonly {
    readonly date: string;
    readonly modelBreakdowns: readonly {
      readonly modelName: string;
      readonly inputTokens: number;
      readonly outputTokens: number;
      readonly cacheCreationTokens: number;
      readonly cacheReadTokens: number;
    }[];
  }[];
}

interface Blocks {
  readonly blocks: readonly {
    readonly startTime: string;
    readonly actualEndTime: string;
    readonly totalTokens: number;
    readonly isGap: boolean;
  }[];
}

/** Where npm put the reference program's binary for this platform; null if it has none. */
export function findReferenceProgram(): string | null {
  const name = process.platform === 'win32' ? 'ccusage.exe' : 'ccusage';
  const path = join('node_modules', '@ccusage', `ccusage-${process.platform}-${process.arch}`, 'bin', name);
  return existsSync(path) ? path : null;
}

/** The reference program, in a place where it may run: npm does not always keep the run bit. */
export class ReferenceProgram {
  readonly #binary: string;
  readonly #home: string;

  constructor(source: string, folder: string) {
    this.#binary = join(folder, 'bin', 'reference');
    this.#home = join(folder, 'home');
    mkdirSync(dirname(this.#binary), { recursive: true });
    mkdirSync(this.#home, { recursive: true });
    copyFileSync(source, this.#binary);
    chmodSync(this.#binary, 0o755);
  }

  async #report(root: string, ...command: readonly string[]): Promise<unknown> {
    const { stdout } = await promisify(execFile)(this.#binary, [...command, '--json', '--offline'], {
      env: { HOME: this.#home, TZ: 'UTC', CLAUDE_CONFIG_DIR: root },
      maxBuffer: 1 << 26,
    });
    return JSON.parse(stdout);
  }

  /** Its 5-hour blocks, oldest first: when each starts, its last message, and all its tokens. */
  async blocks(root: string): Promise<readonly { start: string; last: string; tokens: number }[]> {
    const { blocks } = (await this.#report(root, 'blocks')) as Blocks;
    return blocks
      .filter(({ isGap }) => !isGap)
      .map(({ startTime, actualEndTime, totalTokens }) => ({
        start: startTime,
        last: actualEndTime,
        tokens: totalTokens,
      }));
  }

  async tokens(root: string): Promise<Map<string, DayTokens>> {
    const days = new Map<string, DayTokens>();
    const { daily } = (await this.#report(root, 'claude', 'daily')) as Daily;
    for (const { date, modelBreakdowns } of daily) {
      for (const model of modelBreakdowns) {
        const name = `${date} ${model.modelName}`;
        const { inputTokens, outputTokens, cacheCreationTokens, cacheReadTokens } = model;
        days.set(
          name,
          addTokens(days.get(name), [inputTokens, outputTokens, cacheCreationTokens, cacheReadTokens]),
        );
      }
    }
    return withoutZeros(days);
  }
}
