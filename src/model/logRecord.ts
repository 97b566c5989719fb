import type { EpochMs } from './time';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the log: the engine posts them, the host writes them. Never holds text of a transcript. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly epochMs: EpochMs;
  readonly message: string;
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
}

export type Log = (level: LogLevel, message: string, data?: LogRecord['data']) => void;
