import { folderLabels, plainName } from '../../model/format';
import type { PatternFinding } from '../../model/patterns';
import { fill, type Words } from '../words';

/** One finding as a sentence. */
export function sentenceOf(
  finding: PatternFinding,
  { strings, show }: Pick<Words, 'strings' | 'show'>,
): string {
  const change = (ratio: number): string =>
    fill(ratio >= 0 ? strings.moreBy : strings.lessBy, show.share(Math.abs(ratio)));
  const list = (parts: readonly string[]): string => show.list(parts);
  switch (finding.kind) {
    case 'users':
      return show.words(
        strings.patternUsers,
        finding.count,
        list(
          finding.users
            .slice(0, 5)
            .map(({ name, share }) => `${nameOf(name, strings.unknown)} (${show.share(share)})`),
        ),
      );
    case 'busiestHours':
      return fill(
        strings.patternHours,
        list(finding.hours.map(({ at, share }) => `${show.hours(at)} (${show.share(share)})`)),
      );
    case 'busiestWeekdays':
      return fill(
        strings.patternWeekdays,
        list(finding.weekdays.map(({ at, share }) => `${show.weekday(at, 'long')} (${show.share(share)})`)),
      );
    case 'trend':
      return finding.change === null
        ? show.words(strings.patternTrendNew, finding.days, show.cost(finding.costNanoDollars))
        : show.words(
            strings.patternTrend,
            finding.days,
            show.cost(finding.costNanoDollars),
            change(finding.change),
            show.cost(finding.costBeforeNanoDollars),
          );
    case 'unusualDay':
      return fill(
        strings.patternUnusual,
        show.longDay(finding.day),
        show.cost(finding.costNanoDollars),
        show.cost(finding.medianNanoDollars),
        nameOf(finding.topModel, strings.unknown),
        folderOf(finding.topProject, strings.noProject),
      );
    case 'modelShift':
      return fill(
        finding.share >= finding.shareBefore ? strings.patternModelUp : strings.patternModelDown,
        nameOf(finding.model, strings.unknown),
        show.share(finding.shareBefore),
        show.share(finding.share),
      );
    case 'projectGrowth':
      return fill(
        strings.patternProject,
        folderOf(finding.project, strings.noProject),
        show.cost(finding.costBeforeNanoDollars),
        show.cost(finding.costNanoDollars),
      );
    case 'cacheEfficiency':
      return fill(
        strings.patternCache,
        show.share(finding.readShare),
        show.cost(finding.savedNanoDollars),
        show.cost(finding.writeExtraNanoDollars),
      );
  }
}

function nameOf(name: string, empty: string): string {
  return name === '' ? empty : plainName(name, 60);
}

function folderOf(path: string, empty: string): string {
  return path === '' ? empty : plainName(folderLabels([path]).get(path) ?? path, 60);
}
