import { toErrorMessage } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { Ledger } from '../ledger/ledger';

const hourMs = 3_600_000;
/** The first one waits until a window has started and its first sweep is most likely over. */
const firstAfterMs = 60_000;

export interface UpkeepOptions {
  readonly ledger: Ledger;
  /** Months before the present one whose messages are kept; 0 keeps all. */
  readonly messageDetailMonths: () => number;
  /** Lets go of what else is only kept to be asked for soon. */
  readonly tidy: () => void;
  readonly log: Log;
}

/** What the ledger needs now and then: caches that nobody uses are let go, and old months made sums of. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(afterMs = firstAfterMs): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.run().finally(() => this.start(hourMs));
    }, afterMs);
    this.#timer.unref();
  }

  /** One at a time. What fails has been logged, and is tried again the next time. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { ledger, tidy, log } = this.#options;
    try {
      ledger.tidy(Date.now() - hourMs);
      tidy();
      for (const month of this.#oldMonths()) {
        if (this.#stopped) return;
        const messages = await ledger.retention.compact(month);
        if (messages > 0) log('info', 'messages of an old month were made sums of', { month, messages });
      }
    } catch (error) {
      const { reason, message } = toErrorMessage(error);
      if (!this.#stopped) log('warn', 'the upkeep of the ledger failed', { reason, message });
    }
  }

  #oldMonths(): string[] {
    const kept = this.#options.messageDetailMonths();
    if (kept === 0) return [];
    const now = new Date(Date.now());
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - kept))
      .toISOString()
      .slice(0, 7);
    return this.#options.ledger.months().filter((month) => month < first);
  }
}
