import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptModule } from './scriptModule';

interface Chosen {
  readonly profile: string;
  readonly claudeConfigDir: string;
  readonly description: string;
}

describe('npm start chooses the transcripts', () => {
  let choose: (given: readonly string[], env: Readonly<Record<string, string>>) => Chosen;
  let folder: string;

  before(async () => {
    const module = await scriptModule<{ chooseTranscripts: typeof choose }>('vscode/transcriptRoots.mjs');
    choose = module.chooseTranscripts;
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ul-roots-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function configDir(name: string, transcripts: boolean): string {
    const root = join(folder, name);
    mkdirSync(join(root, 'projects', '-p'), { recursive: true });
    if (transcripts) writeFileSync(join(root, 'projects', '-p', 's.jsonl'), '');
    return root;
  }

  it('that it is given', () => {
    const roots = [configDir('one', true), configDir('two', false)];
    assert.equal(choose(roots, {}).claudeConfigDir, roots.join(','));
  });

  it('and refuses a folder that is not there', () => {
    assert.throws(() => choose([join(folder, 'absent')], {}), /no such folder/);
  });

  it('of its user, leaving out folders without any', () => {
    const [full, empty] = [configDir('full', true), configDir('empty', false)];
    const chosen = choose([], { CLAUDE_CONFIG_DIR: `${empty}, ${full}` });
    assert.equal(chosen.claudeConfigDir, full);
    assert.match(chosen.description, /your own/);
  });

  it('or makes some up, for a profile in which no real ones are counted', () => {
    const real = choose([], { CLAUDE_CONFIG_DIR: configDir('full', true) });
    const madeUp = choose([], {
      CLAUDE_CONFIG_DIR: configDir('empty', false),
      USAGE_LEDGER_CACHE: join(folder, 'cache'),
    });
    assert.ok(existsSync(join(madeUp.claudeConfigDir, 'projects')));
    assert.match(madeUp.description, /made-up/);
    assert.notEqual(madeUp.profile, real.profile);
  });
});
