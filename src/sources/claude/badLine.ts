/** Why a line could not be counted. */
export type BadLineReason =
  | 'not-json'
  | 'wrong-type'
  | 'bad-number'
  | 'bad-timestamp'
  | 'bad-version'
  | 'empty-name'
  | 'name-too-long'
  | 'no-model'
  | 'no-tokens'
  | 'bad-iteration'
  | 'no-time'
  | 'line-too-long';

export interface BadLine {
  /** Absolute, in bytes, of the line's first byte. */
  readonly offset: number;
  readonly reason: BadLineReason;
}

/** Thrown while a line is read, caught where lines are counted; never leaves the parser. */
export class BadLineError extends Error {
  readonly reason: BadLineReason;

  constructor(reason: BadLineReason) {
    super(reason);
    this.reason = reason;
  }
}
