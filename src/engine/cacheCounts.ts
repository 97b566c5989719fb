/** How often a question was answered from what is in memory, and how often something had to be made for it. */
export class CacheCounts {
  hits = 0;
  misses = 0;

  count(hit: boolean): void {
    if (hit) this.hits++;
    else this.misses++;
  }
}
