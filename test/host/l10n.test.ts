import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { L10n } from '../../src/host/l10n';
import { templatePieces } from '../../src/host/displaySettings';
import { nothingAsked, tickerText } from '../../src/host/tickerText';
import { tickerTooltip } from '../../src/host/tickerTooltip';
import { formatAge, formatCount, formatDuration } from '../../src/model/format';
import { measures, snapshotOf, viewOf } from '../webview/fixtures';

type Texts = Readonly<Record<string, string>>;

const read = (path: string): Texts => JSON.parse(readFileSync(join(process.cwd(), path), 'utf8')) as Texts;

/** The English texts of a kind, and where those of the other languages lie. */
const kinds = [
  { folder: '.', english: 'package.nls.json', other: /^package\.nls\.([a-z-]+)\.json$/ },
  { folder: 'l10n', english: 'bundle.l10n.json', other: /^bundle\.l10n\.([a-z-]+)\.json$/ },
];

/** Words that a language shares with English; anything else that is equal was forgotten. */
const shared: Readonly<Record<string, readonly string[]>> = {
  de: [
    'Branch',
    'Branches',
    'Bytes',
    'Format',
    'Ledger',
    'Limit',
    'Limits',
    'Usage Ledger',
    'Usage Ledger, {0} ({1})',
    'Usage Ledger: {0}',
    '{0} ({1})',
    '{0}: {1}',
  ],
};

/** Without the forms of words: `{0|message|messages}` is no place of a figure. */
const slots = (text: string): string[] => (text.match(/\{[\w:]*\}/g) ?? []).sort();
/** What a translation has to leave as it is: names of settings and files, and what a link runs. */
const links = (text: string): string[] => (text.match(/\]\((?:command|https):[^)]*\)/g) ?? []).sort();
const settingNames = (text: string): string[] => (text.match(/`[~/a-z][\w./]*`/gi) ?? []).sort();

const files = kinds.flatMap(({ folder, english, other }) =>
  readdirSync(join(process.cwd(), folder)).flatMap((name) => {
    const language = other.exec(name)?.[1];
    return language === undefined
      ? []
      : [{ language, path: join(folder, name), base: join(folder, english) }];
  }),
);

describe('The other languages', () => {
  it('are each there for the manifest and for the code', () => {
    const byFolder = kinds.map(({ folder }) =>
      files
        .filter(({ path }) => (folder === 'l10n') === path.startsWith('l10n'))
        .map(({ language }) => language)
        .sort(),
    );
    assert.deepEqual(byFolder[0], byFolder[1]);
    assert.deepEqual(byFolder[0], Object.keys(shared));
  });

  for (const { language, path, base } of files)
    describe(path, () => {
      const texts = read(path);
      const english = read(base);

      it('has every text, and no text to spare', () => {
        assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort());
      });

      it('keeps the places that figures and names go to, the links and the names of settings', () => {
        for (const [key, text] of Object.entries(english)) {
          const translated = texts[key] ?? '';
          assert.deepEqual(slots(translated), slots(text), key);
          assert.deepEqual(links(translated), links(text), key);
          assert.deepEqual(settingNames(translated), settingNames(text), key);
        }
      });

      it('leaves no text empty, with stray space or in English', () => {
        for (const [key, text] of Object.entries(texts)) {
          assert.notEqual(text, '', key);
          assert.equal(text, text.trim(), key);
          if (text === english[key]) assert.ok(shared[language]?.includes(text), `${key} is in English`);
        }
      });

      it('names commands as the palette does', () => {
        const commands = new Set(
          Object.values(read(base === 'package.nls.json' ? path : `package.nls.${language}.json`)),
        );
        for (const [key, text] of Object.entries(texts))
          for (const [, name] of text.matchAll(/(?<![*\w])\*([^*\n]+)\*(?![*\w])/g))
            assert.ok(commands.has(name!) || commands.has(`${name!}…`), `${key}: ${name!}`);
      });
    });
});

describe('A window in German', () => {
  const bundle = read('l10n/bundle.l10n.de.json');
  const german: L10n = {
    t: (message, ...args) =>
      (bundle[message] ?? message).replace(/\{(\d+)\}/g, (slot, index) =>
        String(args[Number(index)] ?? slot),
      ),
  };
  const view = viewOf(
    snapshotOf(() => [
      {
        name: 'model',
        total: measures({ messages: 1_234, inputTokens: 2_500_000, costNanoDollars: 4_560_000_000 }),
      },
    ]),
  );
  const plain = (text: string): string => text.replaceAll('&nbsp;', ' ').replace(/\s/g, ' ');

  it('has its words, numbers, money and days in German', () => {
    const pieces = templatePieces('{today:both}', 'cost', () => undefined);
    const { text, spoken } = tickerText({ view, asked: nothingAsked, pieces, locale: 'de', l10n: german });
    assert.equal(plain(text), '$(pulse) 4,56 $ 2,5 Mio.');
    assert.equal(plain(spoken), 'Usage Ledger: 4,56 $, 2,5 Mio. Token heute');
    const tooltip = plain(tickerTooltip(view, 'de', german));
    assert.match(tooltip, /\*\*Heute\*\* \| +\*\*4,56 \$\*\* \| +\*\*2,5 Mio\.\*\* \| +\*\*1\.234\*\*/);
    assert.match(tooltip, /\d+\. [A-ZÄ][a-zä]+\.? \|/);
  });

  it('has its spans of time in German, and decimals with a comma', () => {
    assert.equal(plain(formatAge(5 * 60_000, 'de')), '5 Min.');
    assert.match(plain(formatDuration(130 * 60_000, 'de')), /^2 ?(h|Std\.) 10 Min\.$/);
    assert.equal(formatDuration(130 * 60_000, 'en'), '2h 10m');
    assert.equal(formatDuration(20_000, 'en'), '<1m');
    assert.equal(formatCount(12.34, 'de', 1), '12,3');
  });
});
