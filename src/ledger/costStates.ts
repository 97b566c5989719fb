import type { CostState } from '../model/usageRecord';
import { storableText } from './interning';
import type { Month } from './month';
import type { Months } from './months';
import { compareText, monthNumberOf } from './row';

/** Whether `one` is to be kept rather than `other`: the larger total, and for equal ones an order of no meaning. */
function isBetter(one: CostState, other: CostState): boolean {
  const order =
    other.totalCost - one.totalCost ||
    one.epochMs - other.epochMs ||
    compareText(one.path, other.path) ||
    compareText(JSON.stringify(one.models), JSON.stringify(other.models));
  return order < 0;
}

/** Claude Code's own totals, the best one of each session. */
export class CostStates {
  readonly #months: Months;
  readonly #bySession = new Map<string, CostState>();

  constructor(months: Months) {
    this.#months = months;
  }

  get(session: string): CostState | undefined {
    return this.#bySession.get(session);
  }

  /** Returns how many sessions have a new total. */
  fold(states: readonly CostState[]): number {
    let changed = 0;
    for (const state of states) {
      const session = storableText(state.session);
      const stored = { ...state, session, path: storableText(state.path) };
      if (!this.#keepIfBetter(stored)) continue;
      const month = this.#months.of(monthNumberOf(state.epochMs));
      month.costStates.set(session, stored);
      month.pendingCostStates.add(session);
      changed++;
    }
    return changed;
  }

  /** Takes in what a month's file holds. */
  adopt(month: Month, states: readonly CostState[]): void {
    for (const state of states) {
      month.costStates.set(state.session, state);
      this.#keepIfBetter(state);
    }
  }

  #keepIfBetter(state: CostState): boolean {
    const known = this.#bySession.get(state.session);
    if (known !== undefined && !isBetter(state, known)) return false;
    this.#bySession.set(state.session, state);
    return true;
  }
}
