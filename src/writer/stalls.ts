/** The disk has not answered in time. */
export class Stalled extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Operations in the background that hang: given up, and counted until they have come back. */
export class Stalls {
  readonly #patienceMs: number;
  #hanging = 0;

  /** @param patienceMs after which an operation is given up. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  get any(): boolean {
    return this.#hanging > 0;
  }

  /** @throws {Stalled} when the work takes too long; it then goes on by itself, and its outcome is ignored. */
  async unlessStalled(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const stall = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#hanging++;
        const back = () => this.#hanging--;
        work.then(back, back);
        reject(new Stalled(`no answer from the disk within ${this.#patienceMs} ms`));
      }, this.#patienceMs);
    });
    try {
      await Promise.race([work, stall]);
    } finally {
      clearTimeout(timer);
    }
  }
}
