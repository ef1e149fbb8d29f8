import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCli, runJson, type Report } from '../support/cli.ts';
import { aProject, POLICY, testFile } from '../support/projects.ts';
import { leftovers, type Files } from '../support/repo.ts';

/** What was missing, `kind file`. */
function reasonsOf(report: Report): string[] {
  return (report.error?.reasons ?? []).map((reason) => [reason.kind, reason.file].filter((part) => part !== null).join(' '));
}

describe('evidence that is missing is exit 3', () => {
  const cases: readonly { name: string; files: Files; reasons: readonly string[] }[] = [
    { name: 'no test file', files: { 'test/sum.test.js': null }, reasons: ['no-test-files'] },
    {
      name: 'only skipped tests, and a file without any',
      files: {
        'test/sum.test.js': testFile("test('later', { skip: 'not today' }, () => {});"),
        'test/none.test.js': 'export const nothing = 1;\n',
      },
      reasons: ['no-tests'],
    },
    {
      name: 'no source is included',
      files: { 'pushgate.jsonc': { coverage: { include: ['lib/**'] } } },
      reasons: ['nothing-included'],
    },
    {
      name: 'the test command ends before it begins with a file',
      files: { 'package.json': { type: 'module', scripts: { test: 'node --no-such-flag --test' } } },
      reasons: ['runner-crashed'],
    },
  ];
  for (const { name, files, reasons } of cases) {
    it(name, async (t) => {
      const project = aProject(t, files);
      const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
      assert.equal(code, 3, JSON.stringify(report, null, 1));
      assert.equal(report.outcome, 'error');
      assert.deepEqual(reasonsOf(report), reasons);
      assert.deepEqual(leftovers(project), []);
    });
  }

  it('a suite that hangs is ended at its time-out, and what was measured is shown', async (t) => {
    const project = aProject(t, {
      'pushgate.jsonc': { ...POLICY, run: { timeout: '4s' } },
      'test/waits.test.js': testFile("test('waits for ever', () => new Promise(() => setInterval(() => {}, 1000)));"),
    });
    const { code, stdout } = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 3, stdout);
    assert.match(stdout, /✖ The suite did not end within 4 s and was stopped\. {2}\[timed-out\]/);
    assert.match(stdout, /test\/waits\.test\.js +waits for ever/);
    assert.match(stdout, /Measured: 1 test in /);
    assert.match(stdout, /Could not judge: evidence is missing\..*\(exit 3\)/);
    assert.deepEqual(leftovers(project), []);
  });
});

describe('a temporary folder that goes away', () => {
  it('because a test clears the folder of temporary files is exit 3', async (t) => {
    const clear = `import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
for (const name of readdirSync(tmpdir())) rmSync(tmpdir() + '/' + name, { recursive: true, force: true });
test('waits', () => new Promise((done) => setTimeout(done, 600)));`;
    const project = aProject(t, { 'test/clears.test.js': testFile(clear) });
    const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 3, JSON.stringify(report.error));
    assert.match(report.error?.message ?? '', /temporary folder of the run was deleted/);
    assert.deepEqual(leftovers(project), []);
  });
});

describe('a test file that goes wrong', () => {
  it('with a syntax error has failed, and the rest is measured', async (t) => {
    const project = aProject(t, { 'test/broken.test.js': 'test(’oops\n' });
    const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 1, JSON.stringify(report.error));
    assert.deepEqual(
      report.findings.map(({ code: finding, file }) => [finding, file]),
      [['test-failed', 'test/broken.test.js']],
    );
    assert.equal(report.coverage.lines.total, 7);
  });

  it('by leaving through process.exit(0) has failed, its later tests unseen', async (t) => {
    const project = aProject(t, {
      'test/leaves.test.js': testFile("test('leaves', () => process.exit(0));\ntest('fails', () => assert.fail());"),
    });
    const { code, stdout } = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 1, stdout);
    assert.match(stdout, /process\.exit\(0\) was called before the tests of this file had finished, at test\/leaves\.test\.js:4/);
  });
});

describe('what the user wrote and cannot be used is exit 2', () => {
  const CONFLICT = '{\n  "tests": [\n<<<<<<< HEAD\n  ]\n=======\n  ]\n>>>>>>> theirs\n}\n';
  const cases: readonly { name: string; files: Files; says: RegExp }[] = [
    { name: 'a configuration cut off', files: { 'pushgate.jsonc': '{ "coverage": {' }, says: /pushgate\.jsonc:1:\d+/ },
    {
      name: 'an unknown key',
      files: { 'pushgate.jsonc': '{\n  "coverage": { "flor": 64 }\n}' },
      says: /pushgate\.jsonc:2:17: .*"flor".*did you mean "floor"/,
    },
    {
      name: 'two configurations',
      files: { 'package.json': { type: 'module', scripts: { test: 'node --test' }, pushgate: {} } },
      says: /Both pushgate\.jsonc and the "pushgate" key of package\.json/,
    },
    { name: 'merge conflict markers in the allowlist', files: { 'known-slow.jsonc': CONFLICT }, says: /known-slow\.jsonc:3:1/ },
    {
      name: 'a test script that cannot be read',
      files: { 'package.json': { type: 'module', scripts: { test: 'vitest run' } } },
      says: /The tests run with vitest/,
    },
  ];
  for (const { name, files, says } of cases) {
    it(name, async (t) => {
      const project = aProject(t, files);
      const { code, stdout, stderr } = await runCli(['check'], { cwd: project.dir, env: project.env });
      assert.equal(code, 2, stdout + stderr);
      assert.equal(stdout, '');
      assert.match(stderr, says);
      assert.match(stderr, /Not judged: .*\(exit 2\)\n$/);
    });
  }

  it('a configuration that is a folder, as JSON too', async (t) => {
    const project = aProject(t, { 'pushgate.jsonc': null });
    mkdirSync(join(project.dir, 'pushgate.jsonc'));
    const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 2);
    assert.match(report.error?.message ?? '', /pushgate\.jsonc cannot be read/);
  });
});
