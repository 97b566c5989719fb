import { plainName } from '../model/format';

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Keeps `$(name)` from being read as an icon, which happens after Markdown's own escapes are gone. */
const wordJoiner = '\u2060';

/**
 * A name from data as literal Markdown text that is safe in a table cell: nothing in it formats, links, opens HTML,
 * becomes an icon, ends the cell, or turns the reading direction of its neighbours.
 */
export function markdownName(name: string, maxCharacters = 48): string {
  const plain = plainName(name, maxCharacters);
  const text = unlinked(plain)
    .replace(/[!-/:-@[-`{-~]/g, '\\$&')
    .replaceAll('\\$\\(', `\\$${wordJoiner}\\(`)
    .replaceAll('\\<', '&lt;')
    .replaceAll('\\>', '&gt;')
    .replaceAll('\\&', '&amp;');
  return rightToLeft.test(plain) ? `\u2068${text}\u2069` : text;
}

/** A figure or a name as one cell of a Markdown table that is pasted elsewhere: it formats, links and ends nothing. */
export function markdownCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return unlinked(plainName(value, 300)).replace(/[\\`*_{}[\]<>()#|~$&!]/g, '\\$&');
}

/** Bare addresses become links, and `@name` calls somebody, without any markup that could be escaped. */
function unlinked(text: string): string {
  return text
    .replaceAll('://', `:${wordJoiner}//`)
    .replace(/(www)\./gi, `$1${wordJoiner}.`)
    .replaceAll('@', `@${wordJoiner}`);
}
