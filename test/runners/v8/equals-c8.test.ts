import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import test from 'node:test';
import { METRICS, type Coverage } from '../../../src/model/coverage.ts';
import { openCoverage } from '../../../src/runners/node-test/v8/coverage-of-run.ts';
import type { SourceSpec } from '../../../src/runners/node-test/v8/c8.ts';
import { TORTURE, TYPED, projectOf } from './torture.ts';

const require = createRequire(import.meta.url);
const C8 = join(require.resolve('c8/package.json'), '../bin/c8.js');
const TSC = join(require.resolve('typescript/package.json'), '../bin/tsc');
const NO_CONTEXT = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined };

/** Runs a command under coverage; its raw files come to stand in `raw` below the project. */
function record(root: string, args: readonly string[]): void {
  execFileSync(process.execPath, args, {
    cwd: root,
    env: { ...NO_CONTEXT, NODE_V8_COVERAGE: join(root, 'raw') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

type Figures = Record<string, unknown>;

/** Real c8's report on the recorded files, in two forms. */
function c8Report(root: string, spec: Omit<SourceSpec, 'root' | 'testFiles'>, ...more: string[]): { summary: string; lcov: string } {
  const globs = [...spec.include.flatMap((glob) => ['-n', glob]), ...spec.exclude.flatMap((glob) => ['-x', glob])];
  const out = `${root}-c8`;
  const args = [
    'report',
    '--temp-directory',
    join(root, 'raw'),
    '--all',
    '--src',
    '.',
    ...globs,
    '-r',
    'json-summary',
    '-r',
    'lcovonly',
    '-o',
    out,
    ...more,
  ];
  execFileSync(process.execPath, [C8, ...args], { cwd: root, env: NO_CONTEXT });
  const [summary, lcov] = ['coverage-summary.json', 'lcov.info'].map((name) => readFileSync(join(out, name), 'utf8')) as [string, string];
  rmSync(out, { recursive: true });
  return { summary, lcov };
}

/** Real c8's figures by file. */
function c8Figures(root: string, spec: Omit<SourceSpec, 'root' | 'testFiles'>, ...more: string[]): Figures {
  const summary = JSON.parse(c8Report(root, spec, ...more).summary) as Record<string, Record<string, { total: number; covered: number }>>;
  delete summary['total'];
  return Object.fromEntries(
    Object.entries(summary).map(([path, counts]) => [
      relative(root, path),
      Object.fromEntries(METRICS.map((metric) => [metric, { covered: counts[metric]?.covered, total: counts[metric]?.total }])),
    ]),
  );
}

/** Lines real c8 says never ran, by file. */
function c8Uncovered(root: string, spec: Omit<SourceSpec, 'root' | 'testFiles'>): Record<string, number[]> {
  const files: Record<string, number[]> = {};
  for (const section of c8Report(root, spec).lcov.split('end_of_record\n')) {
    const file = /^SF:(.*)$/m.exec(section)?.[1];
    if (file !== undefined) files[file] = [...section.matchAll(/^DA:(\d+),0$/gm)].map((match) => Number(match[1]));
  }
  return files;
}

function figuresOf(coverage: Coverage): Figures {
  return Object.fromEntries(coverage.files.map((file) => [file.file, Object.fromEntries(METRICS.map((metric) => [metric, file[metric]]))]));
}

function lines(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Our figures from a copy of the raw files; nothing may be left of the copy. */
async function ours(root: string, spec: Omit<SourceSpec, 'root'>): Promise<Coverage> {
  const dir = join(root, 'taken');
  cpSync(join(root, 'raw'), dir, { recursive: true });
  const run = await openCoverage({ ...spec, root, dir });
  const collected = run.finish();
  assert.deepEqual(collected.unusable, []);
  assert.deepEqual(readdirSync(dir), []);
  const coverage = await run.convert([...collected.slicesOf.values()].flat(), run.sourceMaps);
  assert.deepEqual(readdirSync(dir), []);
  rmSync(dir, { recursive: true });
  return coverage;
}

const TESTS = ['test/a.test.js', 'test/b.test.js', 'test/c.test.cjs'];

test('every figure of every file equals c8, on sources that made tools count wrongly', async (t) => {
  const root = projectOf(t, TORTURE);
  record(root, ['--test', ...TESTS]);
  for (const spec of [
    { include: ['src/**'], exclude: [] },
    { include: ['src/**', 'lib/**'], exclude: ['src/deep', '**/*.cjs'] },
    { include: ['**/*.js'], exclude: ['test/**', '!test/a.test.js', 'src/c*.js'] },
    { include: [], exclude: ['test/**', 'raw/**'] },
  ]) {
    const expected = c8Figures(root, spec);
    assert.ok(Object.keys(expected).length > 5);
    const actual = figuresOf(await ours(root, { ...spec, testFiles: [] }));
    assert.deepEqual(actual, expected, JSON.stringify(spec));
  }
});

test('a root whose path urls escape', async (t) => {
  const root = projectOf(t, TORTURE, 'v8 ü[%20]#');
  record(root, ['--test', 'test/b.test.js', 'test/c.test.cjs']);
  const spec = { include: ['src/**'], exclude: [] };
  assert.deepEqual(figuresOf(await ours(root, { ...spec, testFiles: [] })), c8Figures(root, spec));
});

test('test files are no sources, whatever include says', async (t) => {
  const root = projectOf(t, TORTURE);
  record(root, ['--test', ...TESTS]);
  const { files } = await ours(root, { include: ['**'], exclude: ['raw/**', 'taken/**'], testFiles: TESTS });
  assert.deepEqual(
    files.map(({ file }) => file).filter((file) => file.startsWith('test/')),
    [],
  );
});

test('uncovered lines and content hashes stand beside the figures', async (t) => {
  const root = projectOf(t, TORTURE);
  record(root, ['--test', 'test/b.test.js']);
  const { files } = await ours(root, { include: ['src/**'], exclude: [], testFiles: TESTS });
  assert.deepEqual(
    files.map(({ file }) => file),
    files.map(({ file }) => file).toSorted(),
  );
  assert.deepEqual(
    Object.fromEntries(files.map(({ file, uncovered }) => [file, uncovered.flatMap(([from, to]) => lines(from, to))])),
    c8Uncovered(root, { include: ['src/**'], exclude: [] }),
  );
  assert.deepEqual(files.find(({ file }) => file === 'src/deep/untested.cjs')?.uncovered, [[1, 2]]);
  assert.match(files.find(({ file }) => file === 'src/crlf.js')?.hash ?? '', /^[0-9a-f]{16}$/);
});

test('TypeScript through tsx', async (t) => {
  const root = projectOf(t, TYPED);
  record(root, ['--import', import.meta.resolve('tsx'), '--test', 'test/typed.test.ts']);
  for (const spec of [
    { include: ['src/**'], exclude: [] },
    { include: [], exclude: ['test/**'] },
  ]) {
    const expected = c8Figures(root, spec);
    assert.ok('src/shapes.ts' in expected && 'src/untested.ts' in expected);
    assert.deepEqual(figuresOf(await ours(root, { ...spec, testFiles: ['test/typed.test.ts'] })), expected);
  }
});

test('a build with source maps counts for the sources it was made from', async (t) => {
  const root = projectOf(t, TYPED);
  execFileSync(process.execPath, [TSC, '-p', root]);
  record(root, ['--test', 'test/built.test.js']);
  const spec = { include: ['src/**'], exclude: [] };
  const expected = c8Figures(root, spec, '--exclude-after-remap');
  assert.ok(JSON.stringify(expected['src/shapes.ts']) !== JSON.stringify(expected['src/untested.ts']));
  assert.deepEqual(figuresOf(await ours(root, { ...spec, testFiles: [] })), expected);
  // With dist itself included, c8 shows the sources it leads to.
  const built = { include: ['dist/**'], exclude: [] };
  assert.deepEqual(figuresOf(await ours(root, { ...built, testFiles: [] })), c8Figures(root, built));
});

test('sources loaded both as they are and from a build', async (t) => {
  const root = projectOf(t, TYPED);
  execFileSync(process.execPath, [TSC, '-p', root]);
  record(root, ['--import', import.meta.resolve('tsx'), '--test', 'test/typed.test.ts', 'test/built.test.js']);
  const spec = { include: ['src/**'], exclude: [] };
  const expected = c8Figures(root, spec, '--exclude-after-remap');
  assert.deepEqual(figuresOf(await ours(root, { ...spec, testFiles: [] })), expected);
});

test('a source that is gone is left out; one that c8 would drop without a word stops the run', async (t) => {
  const root = projectOf(t, TORTURE);
  record(root, ['--test', 'test/b.test.js']);
  rmSync(join(root, 'src/classes.js'));
  const spec = { include: ['src/**'], exclude: [], testFiles: TESTS };
  const { files } = await ours(root, spec);
  assert.ok(!files.some(({ file }) => file === 'src/classes.js'));
  assert.ok(files.some(({ file }) => file === 'src/crlf.js'));

  appendFileSync(join(root, 'src/crlf.js'), '//# sourceMappingURL=gone.js.map\n');
  assert.ok(!('src/crlf.js' in c8Figures(root, spec)));
  await assert.rejects(ours(root, spec), /coverage of src\/crlf\.js could not be converted/);
});
