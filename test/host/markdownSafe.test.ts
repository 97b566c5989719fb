import assert from 'node:assert/strict';
import fc from 'fast-check';
import { markdownName } from '../../src/host/markdownSafe';

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
