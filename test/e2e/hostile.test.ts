import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCli, runJson } from '../support/cli.ts';
import { aProject, SMALL, testFile } from '../support/projects.ts';
import { makeProject, type TempProject } from '../support/repo.ts';

const NAMES = [
  '\x1b[2Jcleared',
  'two\nlines',
  '\n::error file=x::injected',
  'a "quoted" \'name\' with $(echo) and `ticks`',
  '__proto__',
  'constructor',
  'toString',
  'a > b',
  '\u202eright to left',
  '(a|b)*[c]{2}',
  '',
];

describe('names', () => {
  it('of tests may hold anything: exact in JSON, harmless on the screen, each confirmed as itself', async (t) => {
    const body = NAMES.map((name) => `test(${JSON.stringify(name)}, () => { assert.ok(process.env.FINE); });`).join('\n');
    const project = aProject(t, { 'test/names.test.js': testFile(body) });
    const at = { cwd: project.dir, env: project.env };
    const { code, report } = await runJson(['check'], at);
    assert.equal(code, 1);
    const seen = report.tests.filter((test) => test.file === 'test/names.test.js');
    assert.deepEqual(
      seen.map((test) => test.line),
      NAMES.map((_, index) => index + 4),
    );
    const named = seen.filter((test) => test.name !== '<anonymous>').map((test) => test.name);
    assert.deepEqual(named, NAMES.slice(0, -1));
    const { stdout } = await runCli(['check'], at);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]/);
    assert.doesNotMatch(stdout, /^\s*::/m);
  });

  it('of files and folders may hold spaces, quotes and any letter', async (t) => {
    const project = aProject(
      t,
      {
        'test/sum.test.js': null,
        "src/naïve 'file'.js": 'export const größe = (a) => a * 2;\n',
        'test/größe und maß 測試.test.js': `${testFile('').trim()}\nimport { größe } from ${JSON.stringify("../src/naïve 'file'.js")};\ntest('verdoppelt', () => assert.equal(größe(2), 4));\n`,
        'test/#hash?query%20.test.js': testFile("test('is found', () => {});"),
        '-dash.test.js': testFile("test('is no option', () => {});"),
        'src/sum.js': null,
      },
      "prüf stand $(x) 'q'",
    );
    const temp = join(project.temp, 'with space');
    mkdirSync(temp);
    const { report } = await runJson(['check'], { cwd: project.dir, env: { ...project.env, TMPDIR: temp } });
    assert.equal(report.error, null, JSON.stringify(report.error));
    assert.deepEqual(report.tests.map((test) => test.file).toSorted(), [
      '-dash.test.js',
      'test/#hash?query%20.test.js',
      'test/größe und maß 測試.test.js',
    ]);
    assert.deepEqual(
      report.coverage.files.map((file) => file.file),
      ["src/naïve 'file'.js"],
    );
    assert.equal(report.coverage.lines.pct, 100);
  });
});

describe('ten thousand tests in one file', () => {
  let project: TempProject;
  let run: Awaited<ReturnType<typeof runJson>>;
  // In a hook, because it is node:test itself that takes seconds for them: no test here is slow.
  before(async () => {
    const body = 'for (let index = 0; index < 10_000; index += 1) test(`number ${index}`, () => {});';
    project = makeProject({ ...SMALL, 'test/many.test.js': testFile(body) });
    run = await runJson(['check'], { cwd: project.dir, env: project.env });
  });
  after(() => project.remove());

  it('are all counted, each by its name', () => {
    assert.equal(run.code, 0);
    assert.equal(run.report.run['tests'], 10_001);
    assert.equal(new Set(run.report.tests.map((test) => test.name)).size, 10_001);
  });
});
