/** Why something failed, for code to decide on; messages are for people and are never matched. */
export type LedgerErrorReason =
  | 'cancelled'
  | 'timeout'
  | 'closed'
  | 'crashed'
  | 'busy'
  | 'invalid'
  | 'not-found'
  | 'corrupt'
  | 'newer-schema'
  | 'lease-lost'
  | 'no-leader'
  | 'unavailable'
  | 'disk-full'
  | 'permission'
  | 'io'
  | 'unexpected';

export class LedgerError extends Error {
  readonly reason: LedgerErrorReason;

  constructor(reason: LedgerErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LedgerError';
    this.reason = reason;
  }

  static is(error: unknown, reason?: LedgerErrorReason): error is LedgerError {
    // By name: an engine's bundles have a class of their own each.
    const isOurs = error instanceof Error && error.name === 'LedgerError' && 'reason' in error;
    return isOurs && (reason === undefined || error.reason === reason);
  }
}

/** A failure as it travels between threads and processes. */
export interface ErrorMessage {
  readonly reason: LedgerErrorReason;
  readonly message: string;
  readonly stack?: string;
}

export function toErrorMessage(error: unknown): ErrorMessage {
  const base = error instanceof Error ? error : new Error(String(error));
  const reason = LedgerError.is(error) ? error.reason : reasonOfSystemError(error);
  return { reason, message: base.message, ...(base.stack === undefined ? {} : { stack: base.stack }) };
}

export function fromErrorMessage(message: ErrorMessage): LedgerError {
  return new LedgerError(message.reason, message.message, { cause: message.stack });
}

/** Sorts Node's system errors (`ENOSPC`, `EACCES` …) by what can be done about them. */
export function reasonOfSystemError(error: unknown): LedgerErrorReason {
  const code = errorCode(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'disk-full';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'permission';
    case 'ENOENT':
      return 'not-found';
    case '':
      return 'unexpected';
    default:
      return 'io';
  }
}

/** The `code` of a Node system error, or ''. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
