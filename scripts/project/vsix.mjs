// Makes the .vsix and looks into it: what ships is a decision, not what happened to lie around.
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './childProcess.mjs';
import { manifest, projectRoot, vsixPath } from './prepare.mjs';

const required = [
  'extension/package.json',
  'extension/dist/extension.js',
  'extension/dist/onDemand.js',
  'extension/dist/engine.js',
  'extension/dist/leader.js',
  'extension/dist/scanner.js',
  'extension/dist/sql-wasm.wasm',
  'extension/dist/webview.js',
  'extension/dist/THIRD_PARTY_NOTICES.txt',
  'extension/LICENSE.txt',
];
const allowed = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/package\.json$/,
  /^extension\/package\.nls(\.[a-z-]+)?\.json$/i,
  /^extension\/(readme|changelog)\.md$/i,
  /^extension\/LICENSE\.txt$/,
  /^extension\/dist\/(extension|onDemand|engine|leader|scanner|webview)\.js$/,
  /^extension\/dist\/(webview\.css|sql-wasm\.wasm|THIRD_PARTY_NOTICES\.txt)$/,
  /^extension\/media\/[\w./-]+\.(svg|png|css|woff2?|ttf)$/,
  /^extension\/l10n\/[\w.-]+\.json$/,
];

/** What is wrong with a package that holds these files; empty when nothing is. */
export function complaintsAbout(names) {
  return [
    ...required.filter((name) => !names.includes(name)).map((name) => `missing: ${name}`),
    ...names
      .filter((name) => !allowed.some((pattern) => pattern.test(name)))
      .map((name) => `not meant to ship: ${name}`),
  ];
}

/** The names in a zip file, from its central directory. */
export function namesInZip(bytes) {
  const endSignature = 0x06054b50;
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < 0) throw new Error('This is no zip file: it has no central directory.');
  const names = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = bytes.readUInt16LE(at + 28);
    names.push(bytes.toString('utf8', at + 46, at + 46 + nameLength));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return names.filter((name) => !name.endsWith('/'));
}

/**
 * Packages what is in dist/.
 * @param {import('./steps.mjs').Steps} steps
 * @returns {Promise<string>} the .vsix's path; only a package that passed the check gets that name
 */
export async function packageVsix(steps) {
  const target = vsixPath();
  const unchecked = join(projectRoot, `unchecked-${process.pid}.vsix`);
  await steps.run(`packaging usage-ledger-${manifest().version}.vsix`, async () => {
    try {
      await runQuietly(
        process.execPath,
        [
          join(projectRoot, 'node_modules/@vscode/vsce/vsce'),
          'package',
          '--no-dependencies',
          '--allow-missing-repository',
          '--no-rewrite-relative-links',
          '--out',
          unchecked,
        ],
        { cwd: projectRoot },
      );
      const complaints = complaintsAbout(namesInZip(readFileSync(unchecked)));
      if (complaints.length > 0)
        throw new Error(`The package is not as it should be:\n${complaints.join('\n')}`);
      renameSync(unchecked, target);
    } finally {
      rmSync(unchecked, { force: true });
    }
  });
  return target;
}

export function sizeInKilobytes(path) {
  return Math.round(statSync(path).size / 1024);
}
