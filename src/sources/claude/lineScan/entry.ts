// How an entry lies in memory: told.ts writes it in WebAssembly, ../lineScanner.ts reads it in JavaScript. Nothing but
// numbers, which both compilers understand the same. Places are in bytes from the beginning of an entry.

export const entryBytes = 160;

/** 64-bit floating point. */
export const epochMsAt = 0;
export const inputAt = 8;
export const outputAt = 16;
export const cacheReadAt = 24;
export const cacheWriteAt = 32;
export const cacheWrite5mAt = 40;
export const cacheWrite1hAt = 48;
export const webSearchesAt = 56;

/** 32-bit integers. */
export const whatAt = 64;
export const fromAt = 68;
export const toAt = 72;
export const flagsAt = 76;
export const charactersAt = 80;
export const lineHashAt = 84;
/** Of a line that is handed over, in the places of flags and characters. */
export const kindAt = 76;
export const markedAt = 80;

/** Texts: where one begins, and after it how long it is. */
export const idAt = 88;
export const requestAt = 96;
export const modelAt = 104;
export const sessionAt = 112;
export const cwdAt = 120;
export const branchAt = 128;
export const dollarsAt = 136;

/** Instead of a text's length: it is absent, or the one that was told last at this place. */
export const absent = -1;
export const same = -2;

/** What an entry is. */
export const handedOver = 0;
export const timed = 1;
export const billed = 2;

export const flagSidechain = 1;
export const flagFast = 2;
export const flagUsOnly = 4;
export const flagContent = 8;
export const flagStopped = 16;
export const flagLineHash = 32;
