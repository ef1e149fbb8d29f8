/** What c8 12 leaves out by default: the list of @istanbuljs/schema 0.1 (default-exclude), whose extensions are those c8 covers. */
export const DEFAULT_EXCLUDE: readonly string[] = [
  'coverage/**',
  'packages/*/test{,s}/**',
  '**/*.d.ts',
  'test{,s}/**',
  'test{,-*}.{js,cjs,mjs,ts,tsx,jsx}',
  '**/*{.,-}test.{js,cjs,mjs,ts,tsx,jsx}',
  '**/__tests__/**',
  '**/{ava,babel,nyc}.config.{js,cjs,mjs}',
  '**/jest.config.{js,cjs,mjs,ts}',
  '**/{karma,rollup,webpack}.config.js',
  '**/.{eslint,mocha}rc.{js,cjs}',
];

/** Limits of coverage in per cent of lines, durations in ms, where the user says nothing. */
export const DEFAULTS = {
  timeoutMs: 600_000,
  floorPct: 64,
  baselinePct: 65,
  targetPct: 80,
  budgetMs: 120_000,
  idealMs: 60_000,
  slowLimitMs: 10_000,
  slowTargetMs: 5_000,
  allowlist: 'known-slow.jsonc',
  sshIdleMs: 300_000,
  triggers: [
    'src/**',
    '**/{test,tests}/**',
    '**/*{.,-,_}test.{js,cjs,mjs,ts,cts,mts}',
    'package.json',
    'package-lock.json',
    'npm-shrinkwrap.json',
    'pnpm-lock.yaml',
    'yarn.lock',
    'bun.lock',
    '.gitmodules',
    'tsconfig*.json',
    '.{c8rc,nycrc}*',
    'pushgate.jsonc',
    'known-slow.jsonc',
  ],
} as const;
