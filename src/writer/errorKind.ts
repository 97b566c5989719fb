import { errorCode } from '../model/errors';

/**
 * What a failed write calls for. Transient: the same write may work in a moment, so it is retried. Persistent: it
 * will not work here until somebody acts, so the next place is tried at once. Unexpected: retried like a transient
 * one, but logged as an error, because nobody thought of it.
 */
export type ErrorKind = 'transient' | 'persistent' | 'unexpected';

const transient = new Set([
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOLCK',
  'ENOMEM',
  'ESTALE',
  'ETIMEDOUT',
  'ETXTBSY',
]);

const persistent = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'EFBIG',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'ENAMETOOLONG',
  'ENODEV',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'ENOTSUP',
  'ENXIO',
  'EOPNOTSUPP',
  'EPERM',
  'EROFS',
]);

export function errorKindOf(error: unknown): ErrorKind {
  const code = errorCode(error);
  if (transient.has(code)) return 'transient';
  return persistent.has(code) ? 'persistent' : 'unexpected';
}
