import assert from 'node:assert/strict';
import { build } from 'esbuild';

describe('pricing in the extension host', () => {
  it('carries no price data', async () => {
    for (const name of ['price', 'modelName', 'cardIndex']) {
      const result = await build({
        entryPoints: [`src/pricing/${name}.ts`],
        bundle: true,
        write: false,
        metafile: true,
        platform: 'node',
        format: 'cjs',
      });
      const inputs = Object.keys(result.metafile.inputs);
      assert.deepEqual(
        inputs.filter((input) => input.includes('node_modules')),
        [],
      );
      assert.ok(result.outputFiles[0]!.contents.length < 20_000);
    }
  });
});
