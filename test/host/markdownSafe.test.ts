import assert from 'node:assert/strict';
import fc from 'fast-check';
import { markdownCell, markdownName } from '../../src/host/markdownSafe';

describe('A name in Markdown', () => {
  it('stays itself where nothing in it means anything', () => {
    assert.equal(markdownName('usage ledger'), 'usage ledger');
  });

  const cases: [string, string][] = [
    ['a|b', 'a\\|b'],
    ['`code`', '\\`code\\`'],
    ['<img src=x>', '&lt;img src\\=x&gt;'],
    ['a & b', 'a &amp; b'],
    ['[x](command:evil)', '\\[x\\]\\(command\\:evil\\)'],
    ['$(zap)', '\\$\u2060\\(zap\\)'],
    ['https://example.org', 'https\\:\u2060\\/\\/example\\.org'],
    ['WWW.example.org', 'WWW\u2060\\.example\\.org'],
    ['ada@example.org', 'ada\\@\u2060example\\.org'],
    ['two\nlines', 'two lines'],
    ['\u202egnp.exe', 'gnp\\.exe'],
    ['\u05e9\u05dc\u05d5\u05dd', '\u2068\u05e9\u05dc\u05d5\u05dd\u2069'],
  ];
  for (const [name, markdown] of cases)
    it(`takes ${JSON.stringify(name)} literally`, () => assert.equal(markdownName(name), markdown));

  it('has an end', () => {
    const long = markdownName('x'.repeat(300), 40);
    assert.equal(Array.from(long).length, 40);
    assert.ok(long.endsWith('…'));
  });

  it('never leaves a live character of Markdown, HTML or icons, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (name) => {
        const text = markdownName(name, 80);
        assert.doesNotMatch(text, /(^|[^\\])(\\\\)*[|`*_[\]()$!#~]/, text);
        assert.doesNotMatch(text, /[<>\n\r]/);
        assert.doesNotMatch(text, /\$\\?\(/);
      }),
    );
  });
});

describe('A name in a Markdown table that is pasted elsewhere', () => {
  const cases: [string, string][] = [
    ['claude-opus-4-8', 'claude-opus-4-8'],
    ['/home/ada/a|b', '/home/ada/a\\|b'],
    ['[x](command:y)', '\\[x\\]\\(command:y\\)'],
    ['https://example.org', 'https:\u2060//example.org'],
    ['@somebody', '@\u2060somebody'],
    ['two\r\nlines', 'two lines'],
  ];
  for (const [name, markdown] of cases)
    it(`takes ${JSON.stringify(name)} literally`, () => assert.equal(markdownCell(name), markdown));
});
