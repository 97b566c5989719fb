import assert from 'node:assert/strict';
import { commandIds } from '../../src/host/commandIds';
import { tickerText } from '../../src/host/tickerText';
import { tickerTooltip } from '../../src/host/tickerTooltip';
import type { Snapshot } from '../../src/model/snapshot';
import type { PanelView } from '../../src/protocol/panelApi';
import { emptySnapshot, fixtureNow, healthyScan, measures, snapshotOf, viewOf } from '../webview/fixtures';
import { scenarios } from '../webview/scenarios';
import { plainL10n } from './plainL10n';

const text = (view: PanelView): string => tickerText(view, 'en', plainL10n).text;
const spoken = (view: PanelView): string => tickerText(view, 'en', plainL10n).spoken;
const tooltip = (view: PanelView): string => tickerTooltip(view, 'en', plainL10n).replaceAll('&nbsp;', '');

function spending(cost: number, unpricedMessages = 0): Snapshot {
  return snapshotOf(
    () => [
      {
        name: 'claude-opus-4-6',
        total: measures({
          messages: 10,
          unpricedMessages,
          inputTokens: 1_000,
          outputTokens: 200,
          costNanoDollars: cost,
        }),
      },
    ],
    ['/home/ada/work|space', '/home/ada/$(zap)'],
  );
}

const first = { ...healthyScan, complete: false, state: 'scanning' as const };

describe('The ticker', () => {
  const cases: [string, PanelView, string][] = [
    ['shows today’s cost', viewOf(spending(4_560_000_000)), '$(pulse) $4.56'],
    ['drops cents that nobody reads', viewOf(spending(12_345_678_000_000)), '$(pulse) $12,346'],
    ['says less than a cent rather than nothing', viewOf(spending(4_000_000)), '$(pulse) <$0.01'],
    ['says that some messages have no price', viewOf(spending(4_560_000_000, 3)), '$(pulse) $4.56 +?'],
    ['says that no message has a price', viewOf(spending(0, 10)), '$(pulse) ?'],
    ['has no figure before there is one', viewOf(null), '$(pulse) –'],
    ['shows nothing spent where nothing was found', scenarios['empty']!.view, '$(pulse) $0.00'],
    ['shows how far the first scan is', scenarios['scanning']!.view, '$(sync~spin) 45%'],
    [
      'shows what a first scan has found so far while it says no more',
      viewOf({ ...spending(4_560_000_000), scan: first }),
      '$(sync~spin) $4.56',
    ],
    [
      'does not fuss over later scans',
      viewOf(
        { ...spending(4_560_000_000), scan: { ...first, complete: true } },
        { progress: { filesTotal: 9, filesDone: 1, bytesTotal: 9, bytesDone: 1 } },
      ),
      '$(pulse) $4.56',
    ],
    [
      'shows fresh figures of an earlier run without doubt',
      viewOf({ ...spending(4_560_000_000), takenEpochMs: fixtureNow - 60_000 }, { origin: 'disk' }),
      '$(pulse) $4.56',
    ],
    [
      'shows the age of figures that nothing has confirmed',
      viewOf({ ...spending(4_560_000_000), takenEpochMs: fixtureNow - 11_000_000 }, { origin: 'disk' }),
      '$(history) $4.56 · 3h',
    ],
    [
      'does not pass off yesterday’s figures as today’s',
      viewOf(spending(4_560_000_000), { nowEpochMs: fixtureNow + 10 * 3_600_000 }),
      '$(history) $4.56 · 10h',
    ],
    [
      'warns while the engine is down',
      viewOf(spending(4_560_000_000), { engine: { kind: 'failing', reason: 'no luck' } }),
      '$(warning) $4.56',
    ],
    [
      'warns while the ledger cannot be used',
      viewOf(spending(4_560_000_000), { engine: { kind: 'unavailable', reason: 'disk full' } }),
      '$(warning) $4.56',
    ],
    [
      'warns while scans fail',
      viewOf({ ...spending(4_560_000_000), scan: { ...healthyScan, state: 'failing' } }),
      '$(warning) $4.56',
    ],
  ];
  for (const [what, view, expected] of cases) it(what, () => assert.equal(text(view), expected));

  it('stays short in every state', () => {
    for (const [name, { view }] of Object.entries(scenarios))
      assert.ok(text(view).replace(/\$\([^)]*\)/, 'i').length <= 20, `${name}: ${text(view)}`);
  });

  it('speaks without icons and abbreviations', () => {
    assert.equal(
      spoken(viewOf(spending(4_560_000_000, 3))),
      'Usage Ledger: $4.56 today, and 3 messages without a price',
    );
    for (const { view } of Object.values(scenarios)) assert.doesNotMatch(spoken(view), /\$\(/);
  });
});

describe('The ticker’s tooltip', () => {
  it('has a row for each period, names in order of cost, and links that run commands', () => {
    const shown = tooltip(viewOf(spending(4_560_000_000)));
    assert.match(shown, /\| \*\*Today\*\* \| \*\*\$4\.56\*\* \| \*\*1\.2K\*\* \| \*\*10\*\* \|/);
    assert.match(shown, /\| 7 days \| \$31\.92 \| 8\.4K \| 70 \|/);
    assert.match(shown, /\| 30 days \| \$136\.80 \| 36K \| 300 \|/);
    assert.match(shown, /\| This month \| \$109\.44 \| 28\.8K \| 240 \|/);
    assert.match(shown, /\| claude\\-opus\\-4\\-6 \| \$4\.56 \| 1\.2K \| 10 \|/);
    for (const id of [commandIds.showPanel, commandIds.refresh, commandIds.export])
      assert.ok(shown.includes(`(command:${id})`), id);
  });

  it('keeps names from data harmless', () => {
    const shown = tooltip(viewOf(spending(4_560_000_000)));
    assert.ok(shown.includes('work\\|space'));
    assert.ok(!shown.includes('$(zap)'));
    const { view } = scenarios['hostile']!;
    assert.doesNotMatch(tooltip(view), /<img|<script|\]\(command:evil/);
  });

  it('has tables whose rows all have the same number of cells', () => {
    for (const { view } of Object.values(scenarios))
      for (const block of tooltip(view)
        .split('\n\n')
        .filter((each) => each.startsWith('|'))) {
        const widths = block.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length);
        assert.equal(new Set(widths).size, 1, block);
      }
  });

  it('says what the figures leave open', () => {
    const shown = tooltip(scenarios['unsure']!.view);
    assert.match(shown, /No price for 120 messages of the last 30 days/);
    assert.match(shown, /rest on assumed prices/);
    assert.match(shown, /under\\?-recorded in 177 messages/);
  });

  it('says where it looked when it found nothing', () => {
    const shown = tooltip(scenarios['empty']!.view);
    assert.match(shown, /\/home\\\/ada\\\/\\\.claude/);
    assert.match(shown, /not there/);
  });

  it('says why updating fails, and offers the log', () => {
    const shown = tooltip(scenarios['failing']!.view);
    assert.match(shown, /EACCES/);
    assert.ok(shown.includes(`(command:${commandIds.showLog})`));
    assert.match(tooltip(scenarios['failingEmpty']!.view), /Reading usage fails/);
  });

  it('shows no table of nothing', () => {
    assert.doesNotMatch(tooltip(viewOf(emptySnapshot())), /\| /);
  });
});
