/** Reads RFC 4180, no more and no less. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') {
      for (at++; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (text[at] === '"') at++;
        cell += text[at]!;
      }
    } else if (text[at] === ',') {
      rows.at(-1)!.push(cell);
      cell = '';
    } else if (text.startsWith('\r\n', at)) {
      rows.at(-1)!.push(cell);
      cell = '';
      rows.push([]);
      at++;
    } else cell += text[at]!;
  }
  return rows.slice(0, -1);
}
