// Builds the bundles that ship, the report command, and (with --tests) the test suites.
import { build, context } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemblyScript } from './scripts/project/assemblyScript.mjs';
import { thirdPartyNotices } from './scripts/project/notices.mjs';

const args = new Set(process.argv.slice(2));
const production = args.has('--production');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  logLevel: 'warning',
  sourcemap: production ? false : 'linked',
  minify: production,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
};
/** @type {import('esbuild').BuildOptions} */
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20.19', plugins: [assemblyScript] };

/** Another bundle is read by a `require`, which finds the file without its extension. */
const laterBundles = { supported: { 'dynamic-import': false } };

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  // Every window waits for this one to be read: what commands do is in the next, read when first needed.
  {
    ...node,
    ...laterBundles,
    entryPoints: { extension: 'src/extension.ts' },
    external: ['vscode', './onDemand'],
    outdir: 'dist',
  },
  { ...node, entryPoints: { onDemand: 'src/host/onDemand.ts' }, external: ['vscode'], outdir: 'dist' },
  // `vscode` is not external here on purpose: an import that leaks into the engine breaks the build.
  // A window that follows loads the small one only: the leader's code is read from its file when it is needed.
  {
    ...node,
    ...laterBundles,
    entryPoints: { engine: 'src/engine/main.ts' },
    external: ['./leader'],
    outdir: 'dist',
  },
  {
    ...node,
    entryPoints: {
      leader: 'src/engine/leader.ts',
      scanner: 'src/engine/scannerMain.ts',
      report: 'src/engine/report.ts',
    },
    outdir: 'dist',
  },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    target: 'chrome128',
    entryPoints: { webview: 'src/webview/main.tsx' },
    outdir: 'dist',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  },
];

/** Every file below `dir` whose name ends in `suffix`. */
function find(dir, suffix) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(dir, name));
}

/** Test files become one JavaScript file each, with packages left in node_modules. */
const tests = {
  ...node,
  entryPoints: [...find('test', '.ts'), ...find('bench', '.ts')].filter((file) => !file.endsWith('.d.ts')),
  external: ['vscode'],
  packages: 'external',
  outdir: 'out',
  outbase: '.',
  sourcemap: 'linked',
  minify: false,
};

mkdirSync('dist', { recursive: true });
copyFileSync('node_modules/sql.js/dist/sql-wasm.wasm', 'dist/sql-wasm.wasm');

if (args.has('--watch')) {
  const contexts = await Promise.all(bundles.map((options) => context(options)));
  await Promise.all(contexts.map((each) => each.watch()));
  console.log('watching');
} else {
  if (production) for (const file of find('dist', '.map')) rmSync(file);
  const shipped = bundles.map((options) => build({ ...options, metafile: true }));
  if (args.has('--tests')) await build(tests);
  const metafiles = (await Promise.all(shipped)).map(({ metafile }) => metafile);
  writeFileSync(
    'dist/THIRD_PARTY_NOTICES.txt',
    thirdPartyNotices(metafiles, ['node_modules/sql.js', 'node_modules/assemblyscript']),
  );
}
