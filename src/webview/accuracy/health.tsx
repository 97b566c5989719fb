import type { ComponentChildren } from 'preact';
import type { EngineHealth, RunHealth } from '../../model/health';
import type { Snapshot } from '../../model/snapshot';
import { useAnswer } from '../useAnswer';
import { Icon } from '../parts/icon';
import { Outcome, Section } from '../parts/section';
import { fill, useWords } from '../words';

/** How the figures come about: first what the snapshot tells, then what the engine tells when asked. */
export function Health({ snapshot }: { readonly snapshot: Snapshot }) {
  const { strings, show, run } = useWords();
  const { scan, timeZone } = snapshot;
  const answer = useAnswer('health', null);
  const at = scan.lastFinishedEpochMs;
  const when = at === null ? strings.never : show.dateTime(at);
  const watching = {
    events: strings.watchingEvents,
    polling: strings.watchingPolling,
    off: strings.watchingOff,
  }[scan.watcher];
  const health = answer.known?.result ?? null;
  return (
    <Section title={strings.health} class="health">
      <dl class="factList">
        <Fact name={strings.lastScan}>
          {show.words(strings.lastScanValue, when, scan.filesRead, scan.filesSeen)}
        </Fact>
        <Fact name={strings.watching}>
          {watching}
          {health !== null && health.watcher.reason !== null && (
            <span class="soft"> · {health.watcher.reason}</span>
          )}
        </Fact>
        <Fact name={strings.window}>{scan.role === 'leader' ? strings.leader : strings.follower}</Fact>
        <Fact name={strings.badLines}>{show.count(scan.badLines)}</Fact>
        <Fact name={strings.folders}>
          <ul class="roots">
            {scan.roots.map(({ path, exists }) => (
              <li key={path}>
                <Icon name={exists ? 'check' : 'cross'} />
                <code dir="ltr">{path}</code>
                <span class="soft">{exists ? strings.found : strings.notFound}</span>
              </li>
            ))}
          </ul>
        </Fact>
        {health !== null && <EngineFacts health={health} />}
      </dl>
      {health === null && answer.error !== null && <Outcome error={answer.error} retry={answer.retry} />}
      {health !== null && health.runs.length > 0 && <Runs runs={health.runs} />}
      <p class="soft sectionFoot">
        {fill(strings.timeZone, timeZone)}{' '}
        <button type="button" class="link" onClick={() => run('openSettings')}>
          {strings.openSettings}
        </button>{' '}
        <button type="button" class="link" onClick={() => run('showLog')}>
          {strings.showLog}
        </button>
      </p>
    </Section>
  );
}

function EngineFacts({ health }: { readonly health: EngineHealth }) {
  const { strings, show } = useWords();
  const { ledger, cache, consecutiveFailures, nextSweepEpochMs, memoryBytes } = health;
  const asked = cache.hits + cache.misses;
  return (
    <>
      <Fact name={strings.ledger}>
        {show.words(strings.ledgerValue, ledger.months, show.bytes(ledger.monthBytes))}
        <span class="soft">
          {' · '}
          {ledger.lastCheckpointEpochMs === null || ledger.monthBytes === 0
            ? strings.notSavedYet
            : fill(strings.savedAt, show.dateTime(ledger.lastCheckpointEpochMs))}
        </span>
      </Fact>
      {ledger.recoveries > 0 && <Fact name={strings.recoveries}>{show.count(ledger.recoveries)}</Fact>}
      {nextSweepEpochMs !== null && <Fact name={strings.nextScan}>{show.dateTime(nextSweepEpochMs)}</Fact>}
      {consecutiveFailures > 0 && <Fact name={strings.failedRuns}>{show.count(consecutiveFailures)}</Fact>}
      {asked > 0 && <Fact name={strings.fromMemory}>{show.share(cache.hits / asked)}</Fact>}
      <Fact name={strings.memory}>{show.bytes(memoryBytes)}</Fact>
    </>
  );
}

const shownRuns = 8;

function Runs({ runs }: { readonly runs: readonly RunHealth[] }) {
  const { strings, show } = useWords();
  return (
    <details class="runs">
      <summary>{strings.lastRuns}</summary>
      <div class="wide" tabindex={0} role="group" aria-label={strings.lastRuns}>
        <table>
          <thead>
            <tr>
              <th scope="col">{strings.time}</th>
              <th scope="col" class="number">
                {strings.filesReadColumn}
              </th>
              <th scope="col" class="number">
                {strings.bytesReadColumn}
              </th>
              <th scope="col" class="number">
                {strings.took}
              </th>
              <th scope="col">{strings.outcome}</th>
            </tr>
          </thead>
          <tbody>
            {runs.slice(0, shownRuns).map((each) => (
              <tr key={each.startedEpochMs}>
                <th scope="row">{show.dateTime(each.startedEpochMs)}</th>
                <td class="number">
                  {show.count(each.filesRead)} / {show.count(each.filesSeen)}
                </td>
                <td class="number">{show.bytes(each.bytesRead)}</td>
                <td class="number">{show.milliseconds(each.durationMs)}</td>
                <td>
                  {each.error ??
                    (each.fileErrors > 0 ? show.words(strings.fileErrors, each.fileErrors) : strings.fine)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
