import { join } from 'node:path';
import { readText } from '../../../system/files.ts';

const CHECKS = new Set(
  (
    'eslint standard ts-standard standardx semistandard neostandard xo biome prettier prettierx snazzy oxlint oxfmt dprint rome jshint jscs ' +
    'stylelint remark alex eclint ec editorconfig-checker lockfile-lint ls-engines installed-check depcheck madge depcruise ' +
    'dependency-cruiser sort-package-json npmpkgjsonlint npm-package-json-lint publint attw arethetypeswrong knip size-limit bundlesize ' +
    'bundlewatch bundlemon cspell codespell typos markdownlint markdownlint-cli2 markdown-link-check license-checker license-checker-rseidelsohn ' +
    'commitlint secretlint actionlint shellcheck type-coverage tsd tsd-lite dtslint check-dts check-export-map jsonlint unimported ts-prune ' +
    'tstyche flow are-the-types-wrong es-check agadoo doctoc syncpack manypkg yamllint hadolint lint-staged nano-staged evalmd'
  ).split(' '),
);

/** Programs that are test runners of their own, and what people call them. */
const RUNNERS: Readonly<Record<string, string>> = {
  ava: 'ava', tap: 'tap', taprun: 'tap', mocha: 'mocha', _mocha: 'mocha', 'ts-mocha': 'mocha', vitest: 'vitest', jest: 'jest', uvu: 'uvu',
  tape: 'tape', lab: 'lab', jasmine: 'jasmine', qunit: 'qunit', poku: 'poku', playwright: 'playwright', cypress: 'cypress', karma: 'karma',
  wtr: 'web-test-runner', 'web-test-runner': 'web-test-runner', aegir: 'aegir', japa: 'japa', brittle: 'brittle', 'playwright-test': 'playwright-test',
  'react-scripts': 'jest', 'airtap': 'airtap', deno: 'deno', 'cucumber-js': 'cucumber', nightwatch: 'nightwatch', wdio: 'webdriverio',
}; // prettier-ignore

const RUNNER_IMPORT =
  /(?:from\s*|import\s*|require\s*\(\s*)['"](tape|tap|uvu|brittle|zora|ava|vitest|@jest\/globals|mocha|manten|lab|qunit)['"]/;

/** A linter, formatter, type checker or other check that runs no test and makes nothing that tests need. */
export function isCheck(program: string, args: readonly string[], cwd: string): boolean {
  const name = program.toLowerCase();
  if (CHECKS.has(name)) return true;
  if (/^(?:vue-tsc|tsc|tsgo|ttsc)$/.test(name)) return emitsNothing(args, cwd);
  if (/^(?:npm|pnpm|yarn)$/.test(name))
    return ['audit', 'outdated', 'ls', 'pack', 'fund'].includes(args.find((arg) => !arg.startsWith('-')) ?? '');
  if (name === 'git') return ['diff', 'status'].includes(args[0] ?? '');
  return name === 'deno' && ['lint', 'fmt', 'check'].includes(args[0] ?? '');
}

const TESTS = /^(?:tests?|specs?|e2e|smoke|bench|benchmark|wpt|browser|browsers)$/;
const LOOKS = /^(?:lint|format|fmt|prettier|typecheck|types?|typings|style|spelling|size)$/;
const PREPARES = /^(?:pre.*|build|setup|generate|gen|compile|clean|init|transpile|fixtures?|install|start|up|down|download|bundle)$/;

/** What a script's name says of it when nothing else does: other tests, a check or a preparation. */
export function kindByName(script: string): 'unknown-tests' | 'check' | 'command' {
  const words = script.toLowerCase().split(/[^a-z0-9]+/);
  if (words.some((word) => PREPARES.test(word) && word !== 'prettier')) return 'command';
  if (words.some((word) => LOOKS.test(word))) return 'check';
  return words.some((word) => TESTS.test(word)) ? 'unknown-tests' : 'command';
}

/** The name of the test runner a program is; null when it is none that is known. */
export function otherRunner(program: string, args: readonly string[]): string | null {
  if (program === 'bun') return args[0] === 'test' ? 'bun test' : null;
  if (program === 'deno') return args[0] === 'test' ? 'deno test' : null;
  if (program === 'react-scripts' && args[0] !== 'test') return null;
  return Object.hasOwn(RUNNERS, program) ? (RUNNERS[program] ?? null) : null;
}

/** The test runner that a file imports instead of node:test; null when it imports none. */
export function importedRunner(text: string): string | null {
  return RUNNER_IMPORT.exec(text)?.[1] ?? null;
}

function emitsNothing(args: readonly string[], cwd: string): boolean {
  const lower = args.map((arg) => arg.toLowerCase());
  const flag = lower.indexOf('--noemit');
  if (flag >= 0) return lower[flag + 1] !== 'false';
  if (lower.some((arg) => arg === '-b' || arg === '--build' || arg === '--init')) return false;
  const project = lower.findIndex((arg) => arg === '-p' || arg === '--project');
  const path = join(cwd, project < 0 ? '.' : (args[project + 1] ?? '.'));
  const text = readText(path.endsWith('.json') ? path : join(path, 'tsconfig.json'));
  return text !== null && /^(?!\s*\/\/).*"noEmit"\s*:\s*true/m.test(text);
}
