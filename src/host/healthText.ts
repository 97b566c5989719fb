import {
  formatBytes,
  formatCount,
  formatDateTime,
  formatPreciseTime,
  formatShare,
  plainName,
} from '../model/format';
import type { EngineHealth, RunHealth } from '../model/health';
import { badLineWords } from './badDataWords';
import type { L10n } from './l10n';

export interface HealthTextOptions {
  readonly locale: string;
  readonly timeZone: string;
  readonly l10n: L10n;
}

type Line = readonly [label: string, value: string];

/** The health as plain text, for reading and for pasting into a report of a problem. */
export function healthText(health: EngineHealth, options: HealthTextOptions): string {
  const { l10n } = options;
  const write = new HealthWriter(options);
  return [
    section(l10n.t('Scanning'), write.scanning(health)),
    section(l10n.t('Folders'), write.roots(health)),
    section(l10n.t('Watcher'), write.watcher(health)),
    section(l10n.t('Memory and cache'), write.cache(health)),
    section(l10n.t('Ledger'), write.ledger(health)),
    write.badLines(health),
    table(l10n.t('Last runs, newest first'), write.runs(health.runs)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

class HealthWriter {
  readonly #l10n: L10n;
  readonly #locale: string;
  readonly #timeZone: string;

  constructor({ l10n, locale, timeZone }: HealthTextOptions) {
    this.#l10n = l10n;
    this.#locale = locale;
    this.#timeZone = timeZone;
  }

  scanning({ scan, consecutiveFailures, nextSweepEpochMs }: EngineHealth): Line[] {
    const l10n = this.#l10n;
    const lines: Line[] = [
      [l10n.t('State'), this.#state(scan.state)],
      [l10n.t('All transcripts read once'), this.#yes(scan.complete)],
      [l10n.t('Runs'), this.#count(scan.runs)],
      [l10n.t('Failed runs'), this.#count(scan.failures)],
      [l10n.t('Failed runs in a row'), this.#count(consecutiveFailures)],
      [l10n.t('Last run'), this.#moment(scan.lastFinishedEpochMs)],
      [l10n.t('Next look at everything'), this.#moment(nextSweepEpochMs)],
      [l10n.t('Lines that could not be read'), this.#count(scan.badLines)],
    ];
    if (scan.lastError !== null) lines.push([l10n.t('Last error'), plainName(scan.lastError, 400)]);
    return lines;
  }

  roots({ scan }: EngineHealth): Line[] {
    const l10n = this.#l10n;
    return scan.roots.map(({ path, exists }) => [
      plainName(path, 400),
      exists ? l10n.t('there') : l10n.t('not there'),
    ]);
  }

  watcher({ watcher }: EngineHealth): Line[] {
    const l10n = this.#l10n;
    const lines: Line[] = [
      [l10n.t('Changes are noticed'), this.#watchMode(watcher.mode)],
      [l10n.t('Watched folders'), this.#count(watcher.folders)],
    ];
    if (watcher.reason !== null) lines.push([l10n.t('Reason'), plainName(watcher.reason, 400)]);
    return lines;
  }

  cache({ cache, runs, snapshotRing, metrics, memoryBytes }: EngineHealth): Line[] {
    const l10n = this.#l10n;
    const seen = sumOf(runs, ({ filesSeen }) => filesSeen);
    return [
      [l10n.t('Answers from memory'), this.#count(cache.hits)],
      [l10n.t('Answers that were computed'), this.#count(cache.misses)],
      [
        l10n.t('Files not opened in the last runs'),
        seen === 0 ? '–' : formatShare(sumOf(runs, ({ filesSkipped }) => filesSkipped) / seen, this.#locale),
      ],
      [
        l10n.t('Snapshots kept'),
        l10n.t(
          '{0} of {1}, {2}',
          this.#count(snapshotRing.entries),
          this.#count(snapshotRing.capacity),
          formatBytes(snapshotRing.bytes, this.#locale),
        ),
      ],
      [l10n.t('Memory of the engine'), formatBytes(memoryBytes, this.#locale)],
      [l10n.t('Metrics'), this.#metrics(metrics)],
    ];
  }

  ledger({ ledger, lease }: EngineHealth): Line[] {
    const l10n = this.#l10n;
    return [
      [l10n.t('Months'), this.#count(ledger.months)],
      [
        l10n.t('Months open'),
        l10n.t('{0} of {1}', this.#count(ledger.openMonths), this.#count(ledger.maxOpenMonths)),
      ],
      [l10n.t('Sums of sessions remembered'), this.#count(ledger.rememberedSessionParts)],
      [l10n.t('Month files'), formatBytes(ledger.monthBytes, this.#locale)],
      [l10n.t('Messages not saved yet'), this.#count(ledger.pendingRows)],
      [l10n.t('Saves'), this.#count(ledger.checkpoints)],
      [l10n.t('Last save'), this.#moment(ledger.lastCheckpointEpochMs)],
      [l10n.t('Size of the last save'), formatBytes(ledger.lastCheckpointBytes, this.#locale)],
      [l10n.t('Damaged files recovered'), this.#count(ledger.recoveries)],
      [
        l10n.t('Leadership'),
        lease === null
          ? l10n.t('none: the ledger is in memory')
          : l10n.t('number {0}, since {1}', lease.epoch, this.#moment(lease.sinceEpochMs)),
      ],
    ];
  }

  badLines({ scan }: EngineHealth): string {
    const l10n = this.#l10n;
    if (scan.badLineExamples.length === 0) return '';
    return table(l10n.t('Lines that could not be read'), [
      [l10n.t('File'), l10n.t('Offset'), l10n.t('Reason')],
      ...[...scan.badLineExamples]
        .reverse()
        .map(({ path, offset, reason }) => [
          plainName(path, 400),
          this.#count(offset),
          badLineWords(reason, l10n),
        ]),
    ]);
  }

  runs(runs: readonly RunHealth[]): string[][] {
    const l10n = this.#l10n;
    return [
      [
        l10n.t('Began'),
        l10n.t('Looked at'),
        l10n.t('Files seen'),
        l10n.t('Skipped'),
        l10n.t('Read'),
        l10n.t('Bytes'),
        l10n.t('Lines'),
        l10n.t('File errors'),
        l10n.t('Milliseconds'),
        l10n.t('Error'),
      ],
      ...runs.map((run) => [
        formatPreciseTime(run.startedEpochMs, this.#timeZone, this.#locale),
        run.scope === 'everything' ? l10n.t('everything') : l10n.t('changed files'),
        ...[run.filesSeen, run.filesSkipped, run.filesRead, run.bytesRead, run.linesRead, run.fileErrors].map(
          (count) => this.#count(count),
        ),
        formatCount(run.durationMs, this.#locale, run.durationMs < 100 ? 1 : 0),
        run.error === null ? '' : plainName(run.error, 200),
      ]),
    ];
  }

  #state(state: EngineHealth['scan']['state']): string {
    const l10n = this.#l10n;
    switch (state) {
      case 'empty':
        return l10n.t('no usage found');
      case 'scanning':
        return l10n.t('reading for the first time');
      case 'ready':
        return l10n.t('up to date');
      case 'failing':
        return l10n.t('failing');
    }
  }

  #watchMode(mode: EngineHealth['watcher']['mode']): string {
    const l10n = this.#l10n;
    switch (mode) {
      case 'events':
        return l10n.t('at once, as the system tells them');
      case 'polling':
        return l10n.t('by looking again and again');
      case 'off':
        return l10n.t('only when asked');
    }
  }

  #metrics(metrics: EngineHealth['metrics']): string {
    const l10n = this.#l10n;
    if (metrics === null) return l10n.t('not served');
    return metrics.error === null
      ? l10n.t('served on port {0}', metrics.port)
      : l10n.t('not served on port {0}: {1}', metrics.port, plainName(metrics.error, 200));
  }

  #yes(value: boolean): string {
    return value ? this.#l10n.t('yes') : this.#l10n.t('no');
  }

  #count(value: number): string {
    return formatCount(value, this.#locale);
  }

  #moment(epochMs: number | null): string {
    return epochMs === null ? '–' : formatDateTime(epochMs, this.#timeZone, this.#locale);
  }
}

function sumOf(runs: readonly RunHealth[], pick: (run: RunHealth) => number): number {
  return runs.reduce((sum, run) => sum + pick(run), 0);
}

function section(title: string, lines: readonly Line[]): string {
  const width = Math.max(0, ...lines.map(([label]) => label.length));
  return [title, ...lines.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)].join('\n');
}

function table(title: string, rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return [
    title,
    ...rows.map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    ),
  ].join('\n');
}
