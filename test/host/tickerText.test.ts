import assert from 'node:assert/strict';
import { templatePieces } from '../../src/host/displaySettings';
import { commandIds } from '../../src/host/commandIds';
import {
  type AskedFigures,
  nothingAsked,
  reachedLimit,
  type TickerText,
  tickerText,
} from '../../src/host/tickerText';
import { tickerTooltip } from '../../src/host/tickerTooltip';
import type { ActiveBlock } from '../../src/model/block';
import type { LimitState, LimitThreshold } from '../../src/model/limit';
import type { Snapshot } from '../../src/model/snapshot';
import type { PanelView } from '../../src/protocol/panelApi';
import { emptySnapshot, fixtureNow, healthyScan, measures, snapshotOf, viewOf } from '../webview/fixtures';
import { scenarios } from '../webview/scenarios';
import { plainL10n } from './plainL10n';

function ticker(view: PanelView, template = '{today}', asked: AskedFigures = nothingAsked): TickerText {
  const pieces = templatePieces(template, 'cost', () => undefined);
  return tickerText({ view, asked, pieces, locale: 'en', l10n: plainL10n });
}
const text = (view: PanelView, template?: string, asked?: AskedFigures): string =>
  ticker(view, template, asked).text;
const spoken = (view: PanelView, template?: string, asked?: AskedFigures): string =>
  ticker(view, template, asked).spoken;
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
        { progress: { filesTotal: 9, filesDone: 1, bytesTotal: 9, bytesDone: 1, remainingMs: null } },
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
      'knows that its day is over from the snapshot itself',
      viewOf(
        { ...spending(4_560_000_000), todayEndsEpochMs: fixtureNow + 60_000 },
        { nowEpochMs: fixtureNow + 60_000 },
      ),
      '$(history) $4.56 · 1m',
    ],
    [
      'does not pass off tomorrow’s figures as today’s when the clock has been set back',
      viewOf(
        { ...spending(4_560_000_000), todayEndsEpochMs: fixtureNow + 60_000 },
        { nowEpochMs: fixtureNow - 24 * 3_600_000 },
      ),
      '$(history) $4.56 · 1m',
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

const hour = 3_600_000;

function blockOf(parts: Partial<ActiveBlock> = {}): ActiveBlock {
  return {
    startEpochMs: fixtureNow - 2 * hour,
    endEpochMs: fixtureNow + 3 * hour,
    firstEpochMs: fixtureNow - 2 * hour,
    lastEpochMs: fixtureNow - 60_000,
    total: measures({ messages: 3, inputTokens: 5_000, costNanoDollars: 2_100_000_000 }),
    burnRate: { tokens: 42, costNanoDollars: 20_000_000 },
    projected: { tokens: 12_000, costNanoDollars: 5_700_000_000 },
    ...parts,
  };
}

function limitState(reached: LimitThreshold | null, parts: Partial<LimitState> = {}): LimitState {
  return {
    limit: { id: 'day:all', period: 'day', softNanoDollars: 4_000_000_000, hardNanoDollars: 5_000_000_000 },
    from: '2026-11-24',
    to: '2026-11-24',
    spentNanoDollars: 4_560_000_000,
    reached,
    muted: false,
    ...parts,
  };
}

describe('The ticker’s template', () => {
  const view = viewOf({ ...spending(4_560_000_000), block: blockOf() });
  const asked: AskedFigures = {
    project: measures({ messages: 1, inputTokens: 1_000, costNanoDollars: 1_300_000_000 }),
    branch: measures({ messages: 1, inputTokens: 10, costNanoDollars: 0 }),
    session: null,
  };

  it('shows each part that it names, in cost, tokens or both', () => {
    assert.equal(text(view, '{today:tokens}'), '$(pulse) 1.2K');
    assert.equal(text(view, '5h {block:both}'), '$(pulse) 5h $2.10 5K');
    assert.equal(text(view, '{project} of {today}', asked), '$(pulse) $1.30 of $4.56');
    assert.equal(text(view, '{branch} {month}', asked), '$(pulse) $0.00 $109.44');
  });

  it('shows a dash for what there is no figure of', () => {
    assert.equal(text(view, '{session}', asked), '$(pulse) –');
    assert.equal(text(viewOf(spending(4_560_000_000)), '{block}'), '$(pulse) –');
  });

  it('does not take a block that has ended for the running one', () => {
    const ended = { ...view, nowEpochMs: view.snapshot!.block!.endEpochMs };
    assert.equal(text(ended, '{block}'), '$(pulse) –');
  });

  it('shows money in the currency of the settings', () => {
    const euro = { ...view, money: { code: 'EUR', symbol: '', rate: 0.5 } };
    assert.equal(text(euro, '{today}'), '$(pulse) €2.28');
    assert.match(tooltip(euro), /€2\.28/);
    assert.doesNotMatch(tooltip(euro).replaceAll('$(', ''), /\$\d/);
  });

  it('gives up cents before its end, and never grows past its place', () => {
    assert.equal(text(view, '{today} of {month}, {block}'), '$(pulse) $4.56 of $109, $2.10');
    const long = text(view, `{today} $(flame) ${'and so on '.repeat(9)}`);
    assert.ok(Array.from(long).length <= 26 + '$(pulse) '.length, long);
    assert.match(long, /…$/);
    assert.doesNotMatch(long.slice(3), /\$\(/);
  });

  it('is spoken in words', () => {
    assert.equal(
      spoken(view, '{project}/{block:both}', asked),
      'Usage Ledger: $1.30 today in this project, $2.10, 5K tokens in this 5-hour block',
    );
    assert.equal(spoken(view, '{session}', asked), 'Usage Ledger: no figure in this session');
  });
});

describe('The ticker and limits', () => {
  const withLimits = (...limits: LimitState[]): PanelView => viewOf({ ...spending(4_560_000_000), limits });

  it('raise an alarm at the worst threshold that is reached', () => {
    assert.equal(reachedLimit(withLimits()), null);
    assert.equal(reachedLimit(withLimits(limitState(null))), null);
    assert.equal(reachedLimit(withLimits(limitState('soft'), limitState(null))), 'soft');
    assert.equal(reachedLimit(withLimits(limitState('soft'), limitState('hard'))), 'hard');
  });

  it('are silent when muted, and when the period is over', () => {
    assert.equal(reachedLimit(withLimits(limitState('hard', { muted: true }))), null);
    assert.equal(reachedLimit(withLimits(limitState('hard', { to: '2026-11-23' }))), null);
  });

  it('show and speak it, so that nobody needs the colour', () => {
    assert.equal(text(withLimits(limitState('hard'))), '$(bell) $4.56');
    assert.match(spoken(withLimits(limitState('soft'))), /a spending limit is reached/);
    assert.match(tooltip(withLimits(limitState('soft'))), /\$\(bell\) Today \| \$4\.56 \| \$5\.00 \| 91% \|/);
  });
});

describe('The ticker’s tooltip', () => {
  it('has a row for each period, names in order of cost, and links that run commands', () => {
    const shown = tooltip(viewOf(spending(4_560_000_000)));
    assert.match(shown, /\| \*\*Today\*\* \| \*\*\$4\.56\*\* \| \*\*1\.2K\*\* \| \*\*10\*\* \|/);
    assert.match(shown, /\| 7 days \| \$31\.92 \| 8\.4K \| 70 \|/);
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

  it('tells how the running block goes', () => {
    const shown = tooltip(viewOf({ ...spending(4_560_000_000), block: blockOf() }));
    assert.match(shown, /\| 5-hour block \| \$2\.10 \| 5K \| 3 \|/);
    assert.match(shown, /\$1\.20 an hour: the 5-hour block comes to \$5\.70 by 5:30.PM\./);
    const single = blockOf({ burnRate: null, projected: null });
    assert.match(tooltip(viewOf({ ...spending(1), block: single })), /The 5-hour block ends at 5:30.PM\./);
  });

  it('tells what the cache saved', () => {
    const shown = tooltip(
      viewOf(
        snapshotOf(() => [
          {
            name: 'm',
            total: measures({
              messages: 1,
              cacheReadSavedNanoDollars: 1_000_000_000,
              cacheWriteExtraNanoDollars: 100_000_000,
            }),
          },
        ]),
      ),
    );
    assert.match(shown, /Cache this month: \$24\.00 saved, \$2\.40 extra for writes\./);
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
