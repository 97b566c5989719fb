import { userInfo } from 'node:os';
import { workspace } from 'vscode';
import type { Log } from '../model/logRecord';
import type { EngineSettings } from '../protocol/engineApi';
import type { WriterSettings } from '../writer/writerSettings';
import { type DisplaySettings, displaySettings } from './displaySettings';
import { type RawSettings, engineSettings, writerSettings } from './settingValues';

export const settingsSection = 'usageLedger';

/** Reads the settings and makes them safe to use; what is wrong with them is logged. */
export function readSettings(log: Log): EngineSettings {
  const config = workspace.getConfiguration(settingsSection);
  const raw: RawSettings = {
    configDirs: config.get('claude.configDirs'),
    timeZone: config.get('timeZone'),
    costMode: config.get('cost.mode'),
    prices: config.get('prices'),
    limits: config.get('limits'),
    user: config.get('user'),
    messageDetailMonths: config.get('retention.messageDetail'),
    openMonths: config.get('cache.openMonths'),
    minIntervalSeconds: config.get('scan.minInterval'),
    maxIntervalSeconds: config.get('scan.maxInterval'),
    metricsPort: config.get('metrics.port'),
  };
  return engineSettings(raw, {
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    user: systemUser(),
    log,
  });
}

/** How figures look; of no concern to the engine. */
export function readDisplaySettings(log: Log): DisplaySettings {
  const config = workspace.getConfiguration(settingsSection);
  return displaySettings((name) => config.get(name), log);
}

/** How recorded usage is written; read once, when a window starts. */
export function readWriterSettings(): WriterSettings {
  const config = workspace.getConfiguration(`${settingsSection}.writer`);
  return writerSettings((name) => config.get(name));
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name; usage is then under no user.
    return '';
  }
}
