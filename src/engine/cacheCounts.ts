/** How often a question was answered with what was there, and how often its answer had to be made. */
export class CacheCounts {
  hits = 0;
  misses = 0;

  count(hit: boolean): void {
    if (hit) this.hits++;
    else this.misses++;
  }

  /** The same handlers of questions whose answers are made each time, which count that. */
  countingMade<Calls extends object>(calls: Calls): Calls {
    const counting = Object.entries(calls).map(([name, answer]: [string, (params: unknown) => unknown]) => [
      name,
      (params: unknown) => {
        this.count(false);
        return answer(params);
      },
    ]);
    return Object.fromEntries(counting) as Calls;
  }
}
