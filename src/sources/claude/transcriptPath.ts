/** What the place of a transcript says about it, for lines that do not say it themselves. */
export interface TranscriptPath {
  /** Relative to the root, with `/` between the parts on every platform. */
  readonly relative: string;
  /** The encoded (lossy) name of the project's folder; '' if there is none. */
  readonly projectFolder: string;
  /** For a subagent's file, the session that started it. */
  readonly session: string;
  /** The file holds nothing but a subagent's messages. */
  readonly agent: boolean;
}

/** Takes both separators, so that a path means the same wherever it is looked at. */
export function readTranscriptPath(path: string, root: string): TranscriptPath {
  const parts = split(path);
  const rootParts = split(root);
  const inside = rootParts.every((part, index) => parts[index] === part);
  const relative = inside ? parts.slice(rootParts.length) : parts;
  const below = relative[0] === 'projects' ? relative.slice(1) : relative;
  const name = (below.at(-1) ?? '').replace(/\.jsonl$/, '');
  const subagents = below.lastIndexOf('subagents');
  return {
    relative: relative.join('/'),
    projectFolder: below.length > 1 ? (below[0] ?? '') : '',
    session: sessionOf(below, subagents, name),
    agent: subagents >= 0 || name.startsWith('agent-'),
  };
}

function sessionOf(below: readonly string[], subagents: number, name: string): string {
  if (subagents > 0) return below[subagents - 1] ?? name;
  // `<project>/<session>.jsonl`, or `<project>/<session>/<anything>.jsonl`.
  return below.length > 2 ? (below.at(-2) ?? name) : name;
}

function split(path: string): string[] {
  return path.split(/[\\/]+/).filter((part, index) => part !== '' || index === 0);
}
