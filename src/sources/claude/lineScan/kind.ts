import {
  backslash,
  colon,
  comma,
  newline,
  openBrace,
  openBracket,
  plainStringEnd,
  quote,
  skipSpace,
  stringStop,
} from './bytes';
import { NameTable } from './names';

/**
 * What a line can be, going by its first members:
 * - `answer`: an assistant's, or one whose message comes before any type, as answers are mostly written;
 * - `other`: of a type that carries neither usage nor a total, or a subagent's progress;
 * - `unsure`: they do not tell, so the line has to be searched.
 */
export const unsure: i32 = 0;
export const other: i32 = 1;
export const costState: i32 = 2;
export const answer: i32 = 3;

const types = new NameTable(['assistant', 'cost-state']);
const names = new NameTable(['type', 'message']);
/** Claude Code writes about a dozen before a line's type or message. */
const mostMembers = 20;

/** Tells the kind of a line without reading it to its end. It need not be JSON. */
export function kindOfLine(from: usize): i32 {
  let at = skipSpace(from);
  if (load<u8>(at) != openBrace) return unsure;
  for (let members = 0; members < mostMembers; members++) {
    const name = skipSpace(at + 1) + 1;
    if (load<u8>(name - 1) != quote) return unsure;
    const nameEnd = plainStringEnd(name);
    if (nameEnd == 0) return unsure;
    at = skipSpace(nameEnd + 1);
    if (load<u8>(at) != colon) return unsure;
    at = skipSpace(at + 1);
    const first = load<u8>(at);
    const known = names.find(name, nameEnd);
    if (known == 0) return first == quote ? kindOfType(at + 1) : unsure;
    if (first == quote) at = stringEnd(at + 1);
    else if (first == openBrace) return known == 1 ? answer : unsure;
    else if (first == openBracket) return unsure;
    else at = wordEnd(at);
    at = skipSpace(at);
    if (load<u8>(at) != comma) return unsure;
  }
  return unsure;
}

function kindOfType(from: usize): i32 {
  const to = plainStringEnd(from);
  if (to == 0) return unsure;
  const type = types.find(from, to);
  return type == 0 ? answer : type == 1 ? costState : other;
}

/** Past the closing quote, or where the string breaks off. */
function stringEnd(from: usize): usize {
  let at = stringStop(from);
  while (load<u8>(at) == backslash && load<u8>(at + 1) != newline) at = stringStop(at + 2);
  return load<u8>(at) == quote ? at + 1 : at;
}

/** Of a number, true, false or null. */
function wordEnd(from: usize): usize {
  let at = from;
  while (load<u8>(at) != comma && load<u8>(at) != newline) at++;
  return at;
}
