import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandIds, panelViewType } from '../../src/host/commandIds';
import { displaySettings, tickerMetrics, tickerParts } from '../../src/host/displaySettings';
import { engineSettings } from '../../src/host/settingValues';

interface Manifest {
  readonly l10n: string;
  readonly icon: string;
  readonly extensionKind: string[];
  readonly activationEvents: string[];
  readonly contributes: {
    readonly commands: { command: string; category: string; title: string }[];
    readonly configuration: { properties: Record<string, Setting> };
  };
}

interface Setting {
  readonly type: string;
  readonly enum?: string[];
  readonly order: number;
  readonly scope: string;
  readonly default: unknown;
  readonly markdownDescription: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const root = process.cwd();
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const manifest = read('package.json') as Manifest;
const { contributes } = manifest;
const words = read('package.nls.json') as Record<string, string>;
const settings = Object.entries(contributes.configuration.properties);

/** Every string that the sources hand to `l10n.t`. */
function translated(): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync(join(root, 'src/host'))) {
    const source = readFileSync(join(root, 'src/host', name), 'utf8');
    for (const [, text] of source.matchAll(/l10n\.t\(\s*'((?:[^'\\]|\\.)*)'/g)) found.add(text!);
  }
  return found;
}

describe('The manifest', () => {
  it('declares the commands that the code registers, and no others', () => {
    assert.deepEqual(
      contributes.commands.map(({ command }) => command).sort(),
      Object.values(commandIds).sort(),
    );
  });

  it('wakes for its panel and after start-up, where the transcripts are', () => {
    assert.deepEqual(manifest.activationEvents, ['onStartupFinished', `onWebviewPanel:${panelViewType}`]);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
  });

  it('keeps every setting out of reach of a repository', () => {
    // `application` goes where the person goes; what concerns paths or money spent belongs to one machine.
    for (const [name, { scope }] of settings)
      assert.equal(scope, /^usageLedger\.(ticker|currency)\./.test(name) ? 'application' : 'machine', name);
  });

  it('gives every setting a type, an order of its own, a description, and numbers their bounds', () => {
    const orders = new Set<number>();
    for (const [name, setting] of settings) {
      assert.ok(name.startsWith('usageLedger.'), name);
      assert.ok(setting.type, name);
      assert.match(setting.markdownDescription, /^%.+%$/, name);
      assert.ok(!orders.has(setting.order), name);
      orders.add(setting.order);
      if (setting.type === 'number')
        assert.ok(setting.minimum !== undefined && setting.maximum !== undefined, name);
    }
  });

  it('has the defaults that the code falls back to', () => {
    const value = (name: string): unknown =>
      contributes.configuration.properties[`usageLedger.${name}`]!.default;
    const defaults = { timeZone: 'UTC', user: 'ada', log: () => undefined };
    const nothing = {
      configDirs: undefined,
      timeZone: undefined,
      costMode: undefined,
      prices: undefined,
      limits: undefined,
      user: undefined,
      messageDetailMonths: undefined,
      openMonths: undefined,
      minIntervalSeconds: undefined,
      maxIntervalSeconds: undefined,
      metricsPort: undefined,
    };
    const declared = {
      configDirs: value('claude.configDirs'),
      timeZone: value('timeZone'),
      costMode: value('cost.mode'),
      prices: value('prices'),
      limits: value('limits'),
      user: value('user'),
      messageDetailMonths: value('retention.messageDetail'),
      openMonths: value('cache.openMonths'),
      minIntervalSeconds: value('scan.minInterval'),
      maxIntervalSeconds: value('scan.maxInterval'),
      metricsPort: value('metrics.port'),
    };
    assert.deepEqual(engineSettings(declared, defaults), engineSettings(nothing, defaults));
    const { log } = defaults;
    assert.deepEqual(
      displaySettings(value, log),
      displaySettings(() => undefined, log),
    );
  });

  it('offers for the ticker what the code can show', () => {
    const choices = (name: string): unknown => contributes.configuration.properties[name]?.enum;
    assert.deepEqual(choices('usageLedger.ticker.show'), tickerParts);
    assert.deepEqual(choices('usageLedger.ticker.metric'), tickerMetrics);
  });

  it('has all its words, and no words to spare', () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/"%([^"%]+)%"/g)].map(([, key]) => key!));
    assert.deepEqual([...used].sort(), Object.keys(words).sort());
  });

  it('has a bundle with every string of the code, for translators to start from', () => {
    const bundle = read('l10n/bundle.l10n.json') as Record<string, string>;
    assert.deepEqual(Object.keys(bundle).sort(), [...translated()].sort());
    for (const [key, text] of Object.entries(bundle)) assert.equal(text, key);
  });
});
