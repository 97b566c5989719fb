/** A model's name without what its carriers wrapped around it. */
export interface CanonicalName {
  /** Lower case, without provider, region, platform version, context, thinking or fast mark, and date. */
  readonly name: string;
  /** The snapshot's date as eight digits, or null. A date does not make another model. */
  readonly date: string | null;
}

/** Routers that put a vendor in front of the name. A vendor that is part of a name (`meta-llama/x`) stays. */
const routePrefix =
  /^(?:anthropic|openrouter|bedrock|bedrock_converse|converse|vertex|vertex_ai|google|gemini|models|openai|azure|azure_ai|litellm|copilot|github-copilot|x-ai|mistral|deepseek)\//;
/** Bedrock's inference profiles: a region's prices may differ, which is left aside (see docs/pricing.md). */
const bedrockRegion =
  /^(?:us-gov|us|eu|apac|ap|au|jp|ca|sa|uk|me|af|il|mx|global|regional)\.(?=[a-z0-9-]+\.)/;
const bedrockVendor = /^anthropic\./;
const contextMark = /\[\d+[km]\]$/;
const compactDate = /[-@](20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))$/;
const dashedDate = /[-@](20\d{2})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/**
 * The name under which prices are looked up: `us.anthropic.claude-sonnet-4-5-20250929-v1:0`,
 * `anthropic/claude-sonnet-4.5`, `claude-sonnet-4-5@20250929` and `claude-sonnet-4-5[1m]` are all `claude-sonnet-4-5`.
 * A version that differs stays different; a suffix that is not known stays, too, since it may have a price of its own.
 */
export function canonicalModelName(model: string): CanonicalName {
  let name = model.trim().toLowerCase();
  // An inference profile may be given by its whole resource name, which ends in the profile.
  if (name.startsWith('arn:')) name = name.slice(name.lastIndexOf('/') + 1);
  while (routePrefix.test(name)) name = name.replace(routePrefix, '');
  name = name.replace(bedrockRegion, '').replace(bedrockVendor, '');
  name = name.replace(contextMark, '');
  return name.startsWith('claude') ? canonicalClaude(name) : withoutDate(name);
}

export function isClaude(name: CanonicalName): boolean {
  return name.name.startsWith('claude-');
}

function withoutDate(name: string): CanonicalName {
  const compact = compactDate.exec(name);
  if (compact) return { name: name.slice(0, compact.index), date: compact[1]! };
  const dashed = dashedDate.exec(name);
  if (dashed) return { name: name.slice(0, dashed.index), date: `${dashed[1]!}${dashed[2]!}${dashed[3]!}` };
  return { name, date: null };
}

/**
 * Claude's names vary more, and only there are these marks known to mean nothing for the price
 * (elsewhere `-thinking`, `-latest` and `-v1` tell models apart).
 */
function canonicalClaude(wrapped: string): CanonicalName {
  const dated = withoutDate(withoutClaudeMarks(wrapped));
  const name = withoutClaudeMarks(dated.name)
    .replace(/(\d)\.(\d)/g, '$1-$2')
    // Written both ways round: from 4 on the family comes first, before that the version.
    .replace(/^claude-([4-9]|[1-9]\d)(-\d{1,2})?-(opus|sonnet|haiku|fable|mythos)(?![a-z])/, 'claude-$3-$1$2')
    .replace(/^claude-(opus|sonnet|haiku)-3(-\d{1,2})?$/, 'claude-3$2-$1')
    .replace(/^(claude-[a-z]+-\d{1,2})-0$/, '$1');
  return { name, date: dated.date };
}

/** They stand before the date on one platform and after it on another. */
function withoutClaudeMarks(name: string): string {
  return (
    name
      // `claude-v2:1` is a name of its own: a platform's version follows the model's.
      .replace(/(\d.*)-v\d+(?::\d+)?(?::\d+k)?$/, '$1')
      .replace(/@(?:default|latest)$/, '')
      .replace(/[-:](?:thinking|beta|fast)$/, '')
      .replace(/-latest$/, '')
  );
}
