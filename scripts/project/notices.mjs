// The licences of what the bundles contain, for the package to carry.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of the packages that some build took files from. */
function packageFolders(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders].sort();
}

function noticeOf(folder) {
  const { name, version, license, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
  return `${name} ${version}${homepage === undefined ? '' : ` (${homepage})`}\n\n${text}`;
}

/**
 * The text of THIRD_PARTY_NOTICES.
 * @param {readonly import('esbuild').Metafile[]} metafiles
 * @param {readonly string[]} also packages that are copied rather than bundled
 */
export function thirdPartyNotices(metafiles, also) {
  const folders = [...new Set([...packageFolders(metafiles), ...also])].sort();
  return `${folders.map(noticeOf).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
