import { Uri } from 'vscode';
import type { CivilDay } from '../model/time';
import { type ExportFormat, exportFormats } from './exportFormats';
import { type ExportGrain, exportGrains } from './exportTables';

/** What is exported, how, and where to. */
export interface ExportRequest {
  readonly grain: ExportGrain;
  /** Civil days, both inclusive; without them everything. */
  readonly from?: CivilDay;
  readonly to?: CivilDay;
  readonly format: ExportFormat;
  /** null: the clipboard, which takes Markdown and nothing else. */
  readonly target: Uri | null;
}

/** Takes what a keyboard shortcut or another extension gives the command, so that nobody is asked; null for anything else. */
export function exportRequest(given: unknown): ExportRequest | null {
  if (typeof given !== 'object' || given === null) return null;
  const { grain = 'message', from, to, format, target } = given as Record<string, unknown>;
  const knownGrain = exportGrains.find((each) => each === grain);
  const knownFormat = exportFormats.find((each) => each === format);
  if (knownGrain === undefined || knownFormat === undefined) return null;
  if (!isDayOrNothing(from) || !isDayOrNothing(to)) return null;
  const clipboard = knownFormat === 'markdown';
  if (clipboard ? knownGrain === 'message' : !(target instanceof Uri)) return null;
  return {
    grain: knownGrain,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    format: knownFormat,
    target: !clipboard && target instanceof Uri ? target : null,
  };
}

export function isCivilDay(text: string): boolean {
  const epochMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // 30 February is read as a day of March.
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(text);
}

function isDayOrNothing(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && isCivilDay(value));
}
