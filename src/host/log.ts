import { type LogOutputChannel, window } from 'vscode';
import type { Log, LogRecord } from '../model/logRecord';

export function createLogChannel(): LogOutputChannel {
  return window.createOutputChannel('Usage Ledger', { log: true });
}

/** Writes our log records to VS Code's log, which adds the time and filters by level. */
export function logTo(channel: LogOutputChannel): Log {
  return (level, message, data) => {
    const text = data === undefined ? message : `${message} ${JSON.stringify(data)}`;
    channel[level](text);
  };
}

export function writeRecord(log: Log, record: LogRecord): void {
  log(record.level, record.message, record.data);
}
