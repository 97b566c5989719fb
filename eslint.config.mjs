import tseslint from 'typescript-eslint';

/** What each room may import (see docs/architecture.md). A room may always import itself. */
const rooms = {
  model: [],
  sources: ['model'],
  pricing: ['model'],
  writer: ['model'],
  ledger: ['model'],
  stats: ['model', 'ledger'],
  protocol: ['model'],
  engine: ['model', 'sources', 'pricing', 'writer', 'ledger', 'stats', 'protocol'],
  host: ['model', 'protocol', 'writer', 'pricing'],
  webview: ['model', 'protocol'],
};
const every = Object.keys(rooms);

const layer = (files, forbidden, vscode) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...(forbidden.length > 0
            ? [
                {
                  regex: `^(\\.{1,2}/)+(${forbidden.join('|')})(/|$)`,
                  message: 'This room may not import that one.',
                },
              ]
            : []),
          ...(vscode ? [] : [{ regex: '^vscode$', message: 'Only src/host imports vscode.' }]),
        ],
      },
    ],
  },
});

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'out/',
      'node_modules/',
      '.vscode-test/',
      '.cache/',
      'bench/results/',
      'src/sources/claude/lineScan/',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/host/tsconfig.json', './src/webview/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'No default exports.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels.' },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  ...Object.entries(rooms).map(([room, allowed]) =>
    layer(
      [`src/${room}/**/*.ts`, `src/${room}/**/*.tsx`],
      every.filter((other) => other !== room && !allowed.includes(other)),
      room === 'host',
    ),
  ),
  layer(
    ['src/api.ts'],
    every.filter((room) => room !== 'model'),
    false,
  ),
  layer(['src/extension.ts'], ['engine', 'ledger', 'webview'], true),
);
