import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { METRICS, type Coverage } from '../../../src/model/coverage.ts';
import { openCoverage } from '../../../src/runners/node-test/v8/coverage-of-run.ts';
import type { SourceSpec } from '../../../src/runners/node-test/v8/c8.ts';
import { buildSync } from 'esbuild';
import { TORTURE, TYPED, projectOf } from './torture.ts';

const require = createRequire(import.meta.url);
const TSC = join(require.resolve('typescript/package.json'), '../bin/tsc');
const NO_CONTEXT = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined };

// What `c8 report` does with its command line, without a process of its own for each: that takes longer than the report.
const { buildYargs } = require('c8/lib/parse-args.js') as { buildYargs: () => { parse: (args: readonly string[]) => object } };
const { outputReport } = require('c8/lib/commands/report.js') as { outputReport: (argv: object) => Promise<void> };

/** A project and where raw coverage of it stands, relative to it. */
type Recorded = { readonly root: string; readonly raw: string };

/** Runs a command under coverage; its raw files come to stand in `raw` below the project. */
function record({ root, raw }: Recorded, ...args: readonly string[]): void {
  execFileSync(process.execPath, args, {
    cwd: root,
    env: { ...NO_CONTEXT, NODE_V8_COVERAGE: join(root, raw) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

type Figures = Record<string, unknown>;

type Spec = Omit<SourceSpec, 'root' | 'testFiles'>;

/** Real c8's report on the recorded files, in two forms. */
async function c8Report({ root, raw }: Recorded, spec: Spec, ...more: string[]): Promise<{ summary: string; lcov: string }> {
  const globs = [...spec.include.flatMap((glob) => ['-n', glob]), ...spec.exclude.flatMap((glob) => ['-x', glob])];
  const out = `${root}-c8`;
  const files = ['--temp-directory', join(root, raw), '--all', '--src', '.', ...globs];
  const reports = ['-r', 'json-summary', '-r', 'lcovonly', '-o', out];
  const cwd = process.cwd();
  process.chdir(root);
  try {
    await outputReport(buildYargs().parse(['report', ...files, ...reports, ...more]));
  } finally {
    process.chdir(cwd);
  }
  const [summary, lcov] = ['coverage-summary.json', 'lcov.info'].map((name) => readFileSync(join(out, name), 'utf8')) as [string, string];
  rmSync(out, { recursive: true });
  return { summary, lcov };
}

/** Real c8's figures by file. */
async function c8Figures(recorded: Recorded, spec: Spec, ...more: string[]): Promise<Figures> {
  const { summary } = await c8Report(recorded, spec, ...more);
  const { total: _, ...files } = JSON.parse(summary) as Record<string, Record<string, { total: number; covered: number }>>;
  return Object.fromEntries(
    Object.entries(files).map(([path, counts]) => [
      relative(recorded.root, path),
      Object.fromEntries(METRICS.map((metric) => [metric, { covered: counts[metric]?.covered, total: counts[metric]?.total }])),
    ]),
  );
}

/** Lines real c8 says never ran, by file. */
async function c8Uncovered(recorded: Recorded, spec: Spec): Promise<Record<string, number[]>> {
  const files: Record<string, number[]> = {};
  for (const section of (await c8Report(recorded, spec)).lcov.split('end_of_record\n')) {
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
async function ours({ root, raw }: Recorded, spec: Omit<SourceSpec, 'root'>): Promise<Coverage> {
  const dir = join(root, 'taken');
  cpSync(join(root, raw), dir, { recursive: true });
  const run = await openCoverage({ ...spec, root, dir });
  const collected = run.finish();
  assert.deepEqual(collected.unusable, []);
  assert.deepEqual(readdirSync(dir), []);
  const coverage = await run.convert([...collected.slicesOf.values()].flat(), null);
  assert.deepEqual(readdirSync(dir), []);
  rmSync(dir, { recursive: true });
  return coverage;
}

const TESTS = ['test/a.test.js', 'test/b.test.js', 'test/c.test.cjs'];

describe('on sources that made tools count wrongly', () => {
  const all = { root: projectOf({ after }, TORTURE), raw: 'raw' };
  before(() => record(all, '--test', ...TESTS));

  for (const spec of [
    { include: ['src/**'], exclude: [] },
    { include: ['src/**', 'lib/**'], exclude: ['src/deep', '**/*.cjs'] },
    { include: ['**/*.js'], exclude: ['test/**', '!test/a.test.js', 'src/c*.js'] },
    { include: [], exclude: ['test/**', 'raw/**'] },
  ]) {
    it(`every figure of every file equals c8, with ${JSON.stringify(spec)}`, async () => {
      const expected = await c8Figures(all, spec);
      assert.ok(Object.keys(expected).length > 5);
      assert.deepEqual(figuresOf(await ours(all, { ...spec, testFiles: [] })), expected);
    });
  }

  it('test files are no sources, whatever include says', async () => {
    const { files } = await ours(all, { include: ['**'], exclude: ['raw/**', 'taken/**'], testFiles: TESTS });
    assert.ok(files.length > 5);
    assert.deepEqual(
      files.map(({ file }) => file).filter((file) => file.startsWith('test/')),
      [],
    );
  });

  it('uncovered lines and content hashes stand beside the figures', async () => {
    const { files } = await ours(all, { include: ['src/**'], exclude: [], testFiles: TESTS });
    assert.deepEqual(
      files.map(({ file }) => file),
      files.map(({ file }) => file).toSorted(),
    );
    assert.deepEqual(
      Object.fromEntries(files.map(({ file, uncovered }) => [file, uncovered.flatMap(([from, to]) => lines(from, to))])),
      await c8Uncovered(all, { include: ['src/**'], exclude: [] }),
    );
    assert.ok(files.filter(({ uncovered }) => uncovered.length > 0).length > 2);
    assert.deepEqual(files.find(({ file }) => file === 'src/deep/untested.cjs')?.uncovered, [[1, 2]]);
    assert.match(files.find(({ file }) => file === 'src/crlf.js')?.hash ?? '', /^[0-9a-f]{16}$/);
  });

  it('a root whose path urls escape, a source that is gone, and one that c8 would drop without a word', async (t) => {
    const odd = { root: projectOf(t, TORTURE, 'v8 ü[%20]#'), raw: 'raw' };
    record(odd, 'test/b.test.js');
    record(odd, 'test/c.test.cjs');
    const spec = { include: ['src/**'], exclude: [] };
    assert.deepEqual(figuresOf(await ours(odd, { ...spec, testFiles: [] })), await c8Figures(odd, spec));

    rmSync(join(odd.root, 'src/classes.js'));
    const { files } = await ours(odd, { ...spec, testFiles: TESTS });
    assert.ok(!files.some(({ file }) => file === 'src/classes.js'), 'what is gone is left out');
    assert.ok(files.some(({ file }) => file === 'src/crlf.js'));

    appendFileSync(join(odd.root, 'src/crlf.js'), '//# sourceMappingURL=gone.js.map\n');
    assert.ok(!('src/crlf.js' in (await c8Figures(odd, spec))));
    await assert.rejects(ours(odd, { ...spec, testFiles: TESTS }), /coverage of src\/crlf\.js could not be converted/);
  });
});

it('a source that ran, and that a script which did not was built from, counts once', async (t) => {
  const both = {
    root: projectOf(t, {
      'src/a.js': 'export function a(x) {\n  if (x) return 1;\n  return 2;\n}\n',
      'test/a.test.js': "import { test } from 'node:test';\nimport { a } from '../src/a.js';\ntest('a', () => void a(1));\n",
    }),
    raw: 'raw',
  };
  buildSync({ entryPoints: [join(both.root, 'src/a.js')], outfile: join(both.root, 'src/b.js'), sourcemap: 'inline' });
  record(both, 'test/a.test.js');
  const spec = { include: ['src/**'], exclude: [] };
  const { files } = await ours(both, { ...spec, testFiles: ['test/a.test.js'] });
  assert.deepEqual(
    files.map(({ file }) => file),
    ['src/a.js'],
  );
  assert.deepEqual(figuresOf({ files }), await c8Figures(both, spec));
});

describe('on TypeScript', () => {
  const typed = { root: projectOf({ after }, TYPED), raw: 'raw/typed' };
  const built = { root: typed.root, raw: 'raw/built' };
  before(() => {
    record(typed, '--import', import.meta.resolve('tsx'), 'test/typed.test.ts');
    execFileSync(process.execPath, [TSC, '-p', typed.root]);
    record(built, 'test/built.test.js');
  });

  it('through tsx', async () => {
    for (const spec of [
      { include: ['src/**'], exclude: [] },
      { include: [], exclude: ['test/**', 'dist/**'] },
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- c8 works in the folder of the process
      const expected = await c8Figures(typed, spec);
      assert.ok('src/shapes.ts' in expected && 'src/untested.ts' in expected);
      // oxlint-disable-next-line no-await-in-loop
      assert.deepEqual(figuresOf(await ours(typed, { ...spec, testFiles: ['test/typed.test.ts'] })), expected);
    }
  });

  it('a build with source maps counts for the sources it was made from', async () => {
    const spec = { include: ['src/**'], exclude: [] };
    const expected = await c8Figures(built, spec, '--exclude-after-remap');
    assert.ok(JSON.stringify(expected['src/shapes.ts']) !== JSON.stringify(expected['src/untested.ts']));
    assert.deepEqual(figuresOf(await ours(built, { ...spec, testFiles: [] })), expected);
    // With dist itself included, c8 shows the sources it leads to.
    const alsoBuilt = { include: ['dist/**'], exclude: [] };
    assert.deepEqual(figuresOf(await ours(built, { ...alsoBuilt, testFiles: [] })), await c8Figures(built, alsoBuilt));
  });

  it('sources loaded both as they are and from a build', async () => {
    const both = { root: typed.root, raw: 'both' };
    for (const { root, raw } of [typed, built]) cpSync(join(root, raw), join(root, both.raw), { recursive: true });
    const spec = { include: ['src/**'], exclude: [] };
    const expected = await c8Figures(both, spec, '--exclude-after-remap');
    assert.deepEqual(figuresOf(await ours(both, { ...spec, testFiles: [] })), expected);
  });
});
