import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'proto/generated/', 'runs/', '**/*.mjs', '.build-*/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Numbers in messages are the rule here.
      '@typescript-eslint/restrict-template-expressions': 'off',
      // Tensor types differ by rank only where exactOptionalPropertyTypes looks; casts state the
      // rank.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // Optional callbacks, and wire enums compared with their numbers.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // node:test's own promise is awaited by the runner.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: 'test', package: 'node:test' }] },
      ],
    },
  },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
);
