import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { panelStrings } from '../../src/host/panelStrings';
import { formatCounted } from '../../src/model/format';
import { plainL10n } from './plainL10n';

const root = process.cwd();
const bundle = (name: string): Record<string, string> =>
  JSON.parse(readFileSync(join(root, 'l10n', name), 'utf8')) as Record<string, string>;

const languages = [
  { locale: 'en', texts: bundle('bundle.l10n.json') },
  { locale: 'de', texts: bundle('bundle.l10n.de.json') },
];

/** `{0|message|messages}` */
const formsOf = (text: string): { readonly place: number; readonly forms: readonly string[] }[] =>
  [...text.matchAll(/\{(\d+)((?:\|[^|{}]*)+)\}/g)].map(([, place, forms]) => ({
    place: Number(place),
    forms: forms!.slice(1).split('|'),
  }));

const isCounted = (text: string): boolean => formsOf(text).length > 0;

/** A number and, right after it, a noun in the plural that can be counted. */
const plural =
  /\{\d+\} (?:(?!of |von )\S+ )?(?:messages|sessions|days|months|rows|entries|files|lines|users|profiles|sums|tokens|requests|limits|times|runs|Nachrichten|Sitzungen|Tage|Monate|Monaten|Zeilen|Einträge|Dateien|Benutzern|Profile|Summen|Anfragen|Ausgabenlimits|Läufe)\b/;

const sourcesOf = (folder: string): string =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');

describe('Words that follow a number', () => {
  for (const { locale, texts } of languages)
    describe(`in ${locale}`, () => {
      const counted = Object.entries(texts).filter(([key, text]) => isCounted(key) || isCounted(text));

      it('are there, each with all the forms that the language has', () => {
        assert.ok(counted.length > 30);
        const { pluralCategories } = new Intl.PluralRules(locale).resolvedOptions();
        for (const [, text] of counted)
          for (const { forms } of formsOf(text)) assert.equal(forms.length, pluralCategories.length, text);
      });

      for (const count of [0, 1, 2])
        it(`fit ${count}`, () => {
          for (const [, text] of counted) {
            const said = formatCounted(text, locale, count, count, count, count);
            // As a reader would choose them, by hand.
            const expected = text
              .replace(/\{\d+\|([^|{}]*)\|([^|{}]*)\}/g, count === 1 ? '$1' : '$2')
              .replace(/\{\d+\}/g, String(count));
            assert.equal(said, expected);
            assert.doesNotMatch(said, /[{}|]/);
          }
        });

      it('have a form of their own wherever a number stands before them', () => {
        for (const text of Object.values(texts)) assert.doesNotMatch(text, plural);
      });
    });

  it('get their number in the host and on the page: no text with forms is only filled', () => {
    const host = sourcesOf('src/host');
    const strings = Object.entries(panelStrings(plainL10n));
    const page = sourcesOf('src/webview');
    for (const key of Object.keys(languages[0]!.texts).filter(isCounted)) {
      const names = strings.filter(([, text]) => text === key).map(([name]) => name);
      for (const name of names)
        assert.match(page, new RegExp(`show\\.words\\(\\s*strings\\.${name}\\b`), `${name}: ${key}`);
      // Given to `l10n.t` alone, which would know nothing to put in.
      assert.ok(!new RegExp(`l10n\\.t\\(\\s*'${escaped(key)}',\\s*[^\\s)]`).test(host), key);
    }
  });

  it('are written as numbers of the language, or as the caller has written them', () => {
    assert.equal(formatCounted('{0} {0|row|rows}', 'en', 1_234), '1,234 rows');
    assert.equal(formatCounted('{0} {0|Zeile|Zeilen}', 'de', 1_234), '1.234 Zeilen');
    assert.equal(
      formatCounted('{0} {0|token|tokens}', 'en', { count: 2_500_000, text: '2.5M' }),
      '2.5M tokens',
    );
    assert.equal(formatCounted('{1} of {0} {0|file|files}', 'en', 1, 'none'), 'none of 1 file');
  });

  it('are in English form in a window whose language nobody has translated', () => {
    assert.equal(formatCounted('{0} {0|row|rows}', 'ru', 1), '1 row');
    assert.equal(formatCounted('{0} {0|row|rows}', 'ru', 2), '2 rows');
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
