import type { CostState } from '../model/usageRecord';
import { compareText } from './row';

/** Whether `one` is to be kept rather than `other`: the larger total, and for equal ones an order of no meaning. */
export function betterCostState(one: CostState, other: CostState): boolean {
  const order =
    other.totalCost - one.totalCost ||
    one.epochMs - other.epochMs ||
    compareText(one.path, other.path) ||
    compareText(JSON.stringify(one.models), JSON.stringify(other.models));
  return order < 0;
}
