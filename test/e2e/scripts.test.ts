import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCli, runJson } from '../support/cli.ts';
import { PACKAGE } from '../support/package.ts';
import { runCommand } from '../support/processes.ts';
import { aProject, testFile } from '../support/projects.ts';
import { linkPackages, type Files } from '../support/repo.ts';

const NODE = Number(process.versions.node.split('.')[0]);
const HALF_TEST = `${testFile('').trim()}\nimport { half } from '../src/sum.js';\n\ntest('halves', () => assert.equal(half(4), 2));\n`;

function script(test: string): Files {
  return { 'package.json': { name: 'example', private: true, type: 'module', scripts: { test } } };
}

describe('the test script', () => {
  it('may run node --test several times: their coverage is one', async (t) => {
    const project = aProject(t, {
      ...script('node --test test/sum.test.js && node --test test/half.test.js'),
      'test/half.test.js': HALF_TEST,
    });
    const { report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.deepEqual(report.coverage.lines, { covered: 7, total: 7, pct: 100 });
    assert.deepEqual(report.tests.map((test) => test.name).toSorted(), ['adds', 'halves']);
  });

  it('answers for the end of each step by itself: a failed test of one explains no other', async (t) => {
    const flaky = testFile(`import { existsSync, writeFileSync } from 'node:fs';
test('fails once', () => {
  const again = existsSync('again');
  writeFileSync('again', '');
  assert.ok(again);
});`);
    const project = aProject(t, {
      ...script(
        'node --test test/flaky.test.js && node --test --test-reporter=./odd.js --test-reporter-destination=stdout test/sum.test.js',
      ),
      'pushgate.jsonc': { coverage: { floor: 0 }, tests: { flaky: 'warn' }, run: { turbo: false } },
      'odd.js': 'export default async function* odd(events) {\n  for await (const _ of events);\n  process.exitCode = 7;\n}\n',
      'test/flaky.test.js': flaky,
    });
    const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 3, JSON.stringify(report.findings));
    assert.match(JSON.stringify(report.error), /runner-crashed/);
  });

  it('may build the very tests it runs, also for the first time', async (t) => {
    const copy = "import { cpSync } from 'node:fs'; cpSync('written', 'built', { recursive: true });";
    const project = aProject(t, {
      ...script('node build.js && node --test built/*.test.js'),
      'build.js': copy,
      'written/half.test.js': HALF_TEST,
    });
    const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(report.error, null);
    assert.deepEqual([code, report.tests.map((test) => test.file)], [0, ['built/half.test.js']]);
  });

  const noIsolation = NODE < 22 ? 'Node 20 always isolates test files' : false;
  it('may run all files in one process', { skip: noIsolation }, async (t) => {
    const flag = NODE === 22 ? '--experimental-test-isolation=none' : '--test-isolation none';
    const project = aProject(t, { ...script(`node --test ${flag}`), 'test/half.test.js': HALF_TEST });
    const { report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(report.error, null);
    assert.deepEqual(report.coverage.lines, { covered: 7, total: 7, pct: 100 });
    assert.equal(report.run['tests'], 2);
  });

  it('may be TypeScript through tsx: lines are those of the sources', async (t) => {
    const project = aProject(t, {
      ...script('node --import tsx --test test/*.test.ts'),
      'src/sum.js': null,
      'test/sum.test.js': null,
      'src/shape.ts': `export interface Shape {
  readonly width: number;
  readonly height: number;
}

export function area(shape: Shape): number {
  return shape.width * shape.height;
}

export function round(value: number): number {
  const digits: number = 2;
  return Number(value.toFixed(digits));
}
`,
      'test/shape.test.ts': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { area, type Shape } from '../src/shape.ts';

interface Case {
  readonly shape: Shape;
  readonly expected: number;
}

test('multiplies', () => {
  const one: Case = { shape: { width: 2, height: 3 }, expected: 6 };
  assert.equal(area(one.shape), one.expected);
});
`,
    });
    linkPackages(project, ['tsx']);
    const { report, stderr } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(report.error, null, stderr);
    assert.deepEqual(
      report.tests.map(({ file, name, line }) => ({ file, name, line })),
      [{ file: 'test/shape.test.ts', name: 'multiplies', line: 10 }],
    );
    const [file] = report.coverage.files as unknown as { file: string; uncovered: number[][]; lines: object }[];
    assert.equal(file?.file, 'src/shape.ts');
    assert.deepEqual(file?.uncovered, [[11, 13]]);
  });

  it('may be wrapped in c8, whose limits then hold', async (t) => {
    const project = aProject(t, { ...script('c8 --check-coverage --lines 80 -n src node --test'), 'pushgate.jsonc': null });
    const { code, stdout } = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 1, stdout);
    assert.match(stdout, /Coverage is 71\.4 % of lines; the floor is 80 %/);
    assert.match(stdout, /Limit: coverage\.floor, taken from .*c8/);
  });

  it('that starts programs of its own has them counted', async (t) => {
    const project = aProject(t, {
      'src/cli.js': "import { half } from './sum.js';\nconsole.log(half(Number(process.argv[2])));\n",
      'test/cli.test.js': testFile(`import { execFileSync } from 'node:child_process';
test('prints a half', () => assert.equal(execFileSync(process.execPath, ['src/cli.js', '4'], { encoding: 'utf8' }), '2\\n'));`),
    });
    const { report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.deepEqual(report.coverage.lines, { covered: 9, total: 9, pct: 100 });
  });
});

describe('coverage', () => {
  it('is that of c8 --all: sources that no test loads, ignored ones and branches included', async (t) => {
    const project = aProject(t, {
      'src/never.js': 'export function never(a) {\n  return a ? 1 : 2;\n}\n',
      'src/part.js': `export function part(a) {
  if (a > 1) {
    return 'many';
  }
  /* c8 ignore next 3 */
  if (a < 0) {
    return 'none';
  }
  return a === 1 ? 'one' : 'zero';
}
export const unused = () => 1;
`,
      'test/part.test.js': `${testFile('').trim()}\nimport { part } from '../src/part.js';\n\ntest('counts', () => assert.equal(part(1), 'one'));\n`,
    });
    const at = { cwd: project.dir, env: project.env };
    const { report } = await runJson(['check'], at);
    const c8 = join(PACKAGE, 'node_modules/c8/bin/c8.js');
    // An outer pushgate would miss the coverage that c8 keeps for itself.
    const alone = { ...project.env, NODE_OPTIONS: undefined, NODE_V8_COVERAGE: undefined };
    const flags = ['--all', '--src', 'src', '-n', 'src/**', '-r', 'json-summary', '-o', join(project.temp, 'c8')];
    const ended = await runCommand(process.execPath, [c8, ...flags, 'node', '--test'], { cwd: project.dir, env: alone });
    assert.equal(ended.code, 0, ended.stderr);
    const summary = JSON.parse(readFileSync(join(project.temp, 'c8/coverage-summary.json'), 'utf8')) as Record<string, Summary>;
    const theirs = Object.fromEntries(
      Object.entries(summary).map(([file, counts]) => [file.replace(`${project.dir}/`, ''), figuresOf(counts)]),
    );
    const ours = Object.fromEntries(report.coverage.files.map((file) => [file.file, figuresOf(file)]));
    assert.deepEqual({ total: figuresOf(report.coverage), ...ours }, theirs);
    assert.equal(ours['src/never.js']?.['lines']?.[0], 0);
  });
});

type Summary = Readonly<Record<'lines' | 'branches' | 'functions', { readonly covered: number; readonly total: number }>>;

function figuresOf(counts: Summary): Record<string, [number, number]> {
  const figure = (name: keyof Summary): [number, number] => [counts[name].covered, counts[name].total];
  return { lines: figure('lines'), branches: figure('branches'), functions: figure('functions') };
}
