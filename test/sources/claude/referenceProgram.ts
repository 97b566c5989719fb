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

  async tokens(root: string): Promise<Map<string, DayTokens>> {
    const { stdout } = await promisify(execFile)(this.#binary, ['claude', 'daily', '--json', '--offline'], {
      env: { HOME: this.#home, TZ: 'UTC', CLAUDE_CONFIG_DIR: root },
      maxBuffer: 1 << 26,
    });
    const days = new Map<string, DayTokens>();
    for (const { date, modelBreakdowns } of (JSON.parse(stdout) as Daily).daily) {
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
