import asc from 'assemblyscript/asc';
import { dirname, join, relative } from 'node:path';

const options = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert'];

/** Compiled once, however many bundles import it. */
const programs = new Map();

/** Compiles `main.ts` of a folder of AssemblyScript into the bytes of a program. Throws what the compiler says. */
export async function compile(entry) {
  let program = null;
  const { error, stderr } = await asc.main([entry, '--outFile', 'program.wasm', ...options], {
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) program = contents;
    },
  });
  if (error !== null) throw new Error(`${stderr.toString()}${error.message}`);
  return program;
}

/** Lets `import { program } from './folder/main.wasm'` give the program that the folder's main.ts is compiled to. */
export const assemblyScript = {
  name: 'assemblyscript',
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path).replace(/\.wasm$/, '.ts'),
      namespace: 'assemblyscript',
    }));
    build.onLoad({ filter: /.*/, namespace: 'assemblyscript' }, async ({ path }) => {
      if (!programs.has(path)) programs.set(path, compile(relative('.', path).replaceAll('\\', '/')));
      const base64 = Buffer.from(await programs.get(path)).toString('base64');
      return {
        contents: `export const program = Buffer.from(${JSON.stringify(base64)}, 'base64');`,
        watchDirs: [dirname(path)],
      };
    });
  },
};
