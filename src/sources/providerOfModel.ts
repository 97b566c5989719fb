const providersByPrefix: readonly (readonly [string, string])[] = [
  ['claude', 'anthropic'],
  ['gpt-', 'openai'],
  ['chatgpt-', 'openai'],
  ['o1', 'openai'],
  ['o3', 'openai'],
  ['o4', 'openai'],
  ['gemini', 'google'],
  ['grok', 'x-ai'],
  ['mistral', 'mistral'],
  ['deepseek', 'deepseek'],
];

const guesses = new Map<string, string>();

/** Who bills for a model of this name, where the name alone says so; otherwise ''. */
export function guessProvider(model: string): string {
  const known = guesses.get(model);
  if (known !== undefined) return known;
  const name = model.toLowerCase();
  const guess = providersByPrefix.find(([prefix]) => name.startsWith(prefix))?.[1] ?? '';
  if (guesses.size >= 1_000) guesses.clear();
  guesses.set(model, guess);
  return guess;
}
