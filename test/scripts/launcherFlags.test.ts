import assert from 'node:assert/strict';
import { scriptModule } from './scriptModule';

interface Flags {
  readonly extensionDevelopmentPath: string[];
  readonly extensionTestsPath?: string;
  readonly installExtension: string[];
  readonly userDataDir?: string;
  readonly extensionsDir?: string;
  readonly folder?: string;
  readonly version: boolean;
}

describe("the launcher takes VS Code's flags", () => {
  let parseFlags: (args: readonly string[]) => Flags;

  before(async () => {
    ({ parseFlags } = await scriptModule<{ parseFlags: typeof parseFlags }>('vscode/launcherFlags.mjs'));
  });

  it('with the value behind an equals sign or as the next argument', () => {
    const inline = parseFlags(['--user-data-dir=/u', '--extensions-dir=/e', '--extensionTestsPath=/t']);
    const apart = parseFlags([
      '--user-data-dir',
      '/u',
      '--extensions-dir',
      '/e',
      '--extensionTestsPath',
      '/t',
    ]);
    assert.deepEqual(inline, apart);
    assert.equal(inline.userDataDir, '/u');
    assert.equal(inline.extensionsDir, '/e');
    assert.equal(inline.extensionTestsPath, '/t');
  });

  it('as runTests passes them, several extensions and a folder among them', () => {
    const flags = parseFlags([
      '/work space',
      '--no-sandbox',
      '--disable-updates',
      '--extensionDevelopmentPath=/one',
      '--extensionDevelopmentPath=/two',
    ]);
    assert.deepEqual(flags.extensionDevelopmentPath, ['/one', '/two']);
    assert.equal(flags.folder, '/work space');
  });

  it('and says so when a value is missing', () => {
    assert.throws(() => parseFlags(['--user-data-dir']), /--user-data-dir needs a value/);
  });
});
