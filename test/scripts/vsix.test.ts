import assert from 'node:assert/strict';
import { scriptModule } from './scriptModule';

const good = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/package.json',
  'extension/LICENSE.txt',
  'extension/readme.md',
  'extension/dist/extension.js',
  'extension/dist/onDemand.js',
  'extension/dist/engine.js',
  'extension/dist/leader.js',
  'extension/dist/scanner.js',
  'extension/dist/webview.js',
  'extension/dist/sql-wasm.wasm',
  'extension/dist/THIRD_PARTY_NOTICES.txt',
  'extension/media/icon.png',
];

describe('the package check', () => {
  let complaintsAbout: (names: readonly string[]) => string[];

  before(async () => {
    ({ complaintsAbout } = await scriptModule<{ complaintsAbout: typeof complaintsAbout }>(
      'project/vsix.mjs',
    ));
  });

  it('has nothing to say about what is meant to ship', () => {
    assert.deepEqual(complaintsAbout(good), []);
  });

  it('names what is missing', () => {
    const names = good.filter((name) => name !== 'extension/dist/engine.js');
    assert.deepEqual(complaintsAbout(names), ['missing: extension/dist/engine.js']);
  });

  it('names what is not meant to ship', () => {
    for (const name of ['extension/dist/extension.js.map', 'extension/src/extension.ts', 'extension/.env']) {
      assert.deepEqual(complaintsAbout([...good, name]), [`not meant to ship: ${name}`]);
    }
  });
});
