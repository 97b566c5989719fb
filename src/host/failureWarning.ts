import type { ScanHealth } from '../model/snapshot';

/** A run may fail because of something that passes; this many in a row do not. */
const failuresInARow = 5;

/** Says once that runs keep failing, and again only when one has succeeded in between. */
export class FailureWarning {
  readonly #warn: (failures: number) => void;
  #said = false;

  constructor(warn: (failures: number) => void) {
    this.#warn = warn;
  }

  /** Of all windows, the one whose engine fails says so. */
  look({ role, consecutiveFailures = 0 }: ScanHealth): void {
    if (consecutiveFailures === 0) this.#said = false;
    if (this.#said || role !== 'leader' || consecutiveFailures < failuresInARow) return;
    this.#said = true;
    this.#warn(consecutiveFailures);
  }
}
