import { nanoDollars } from '../../model/cost';
import type { EpochMs } from '../../model/time';
import type { CostState, CostStateModel } from '../../model/usageRecord';
import { BadLineError } from './badLine';
import { countField, dollarsField, isObject, nameField, objectField } from './fields';
import type { JsonObject } from './fields';

/** Reads a `cost-state` line; `epochMs` is the last time that the file named before it. */
export function readCostState(
  line: JsonObject,
  file: { readonly path: string; readonly session: string },
  epochMs: EpochMs | null,
): CostState {
  const totalCost = dollarsField(line, 'totalCostUSD');
  if (totalCost === null) throw new BadLineError('bad-number');
  if (epochMs === null) throw new BadLineError('no-time');
  const usage = objectField(line, 'modelUsage') ?? {};
  return {
    session: nameField(line, 'sessionId') ?? file.session,
    path: file.path,
    epochMs,
    totalCost: nanoDollars(totalCost),
    models: Object.entries(usage).map(([model, counts]) => readModel(model, counts)),
  };
}

function readModel(model: string, counts: unknown): CostStateModel {
  if (!isObject(counts)) throw new BadLineError('wrong-type');
  return {
    model,
    inputTokens: countField(counts, 'inputTokens') ?? 0,
    outputTokens: countField(counts, 'outputTokens') ?? 0,
    cacheReadTokens: countField(counts, 'cacheReadInputTokens') ?? 0,
    cacheWriteTokens: countField(counts, 'cacheCreationInputTokens') ?? 0,
    webSearches: countField(counts, 'webSearchRequests') ?? 0,
    cost: nanoDollars(dollarsField(counts, 'costUSD') ?? 0),
  };
}
