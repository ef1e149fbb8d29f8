import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { codesOf, runCli, runJson } from '../support/cli.ts';
import { aProject, testFile } from '../support/projects.ts';

describe('tests that fail', () => {
  it('stop the push, and coverage is measured and shown all the same', async (t) => {
    const project = aProject(t, { 'test/wrong.test.js': testFile("test('is wrong', () => assert.equal(1, 2));") });
    const env = { ...project.env, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: dirname(project.dir) };
    const { code, stdout } = await runCli(['check'], { cwd: project.dir, env });
    assert.equal(code, 1);
    const path = `${basename(project.dir)}/test/wrong.test.js`;
    assert.ok(stdout.includes(`\n::error file=${path},line=4,title=pushgate%3A test-failed::A test failed.%0A`), stdout);
    assert.match(stdout, /✖ A test failed\. {2}\[test-failed\]\n {2}test\/wrong\.test\.js:4 {2}is wrong/);
    assert.match(stdout, /Measured: 2 tests in .*, coverage 71\.4 % \(floor 50 %\); 1 failed\./);
    assert.match(stdout, /\(exit 1\)\n::/);
  });

  it('once and then pass are flaky, and the next time are said to have been so before', async (t) => {
    const project = aProject(t, {
      'test/flaky.test.js': testFile(`import { existsSync, writeFileSync } from 'node:fs';
test('settles', () => {
  const seen = existsSync('state');
  writeFileSync('state', '');
  assert.ok(seen);
});`),
    });
    const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 1);
    assert.deepEqual(codesOf(report), ['error:flaky-test']);
    assert.equal(report.run['flaky'], 1);
    const test = report.tests.find((each) => each.name === 'settles');
    assert.equal(test?.outcome, 'flaky');
    assert.equal(test?.attemptsMs.length, 3);

    rmSync(join(project.dir, 'state'));
    const again = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(again.code, 1);
    assert.match(again.stdout, /\n {2}Flaky 2 times since \d{4}-\d\d-\d\d, this time included\.\n/);
    assert.match(again.stdout, /\n {4}alone +under coverage +passed +\d/);
  });

  it('throw what has no text, and are failed tests all the same', async (t) => {
    const project = aProject(t, {
      'test/odd.test.js': testFile(
        "test('odd', (t, done) => { setTimeout(() => { throw Object.create(null); }); setTimeout(done, 50); });",
      ),
    });
    const { report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.deepEqual(codesOf(report), ['error:test-failed']);
    assert.deepEqual(report.tests.map(({ name, outcome }) => `${name} ${outcome}`).includes('odd failed'), true);
  });

  it('only under coverage are warned of, and judged by how they run without', async (t) => {
    const project = aProject(t, {
      'test/measured.test.js': testFile("test('is not watched', () => assert.equal(process.env.NODE_V8_COVERAGE, undefined));"),
    });
    const { code, stdout } = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /⚠ .*under coverage.*\[test-failed\]/);
    assert.match(stdout, /✔ 2 tests in .*; 1 warning above\.\n$/);
  });

  it('and skips without a reason are all reported in one run, with the coverage that is missing', async (t) => {
    const project = aProject(t, {
      'pushgate.jsonc': { coverage: { floor: 90, perFile: 80 } },
      'test/more.test.js': testFile(`test('is wrong', () => assert.fail('no'));
test.skip('some day', () => {});
test('known', { skip: 'needs a printer' }, () => {});
test('later', { todo: true }, () => {});
test('around', (t) => t.test('skipped too late', (t) => { t.skip('no printer'); throw new Error('jam'); }));`),
    });
    const { report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.deepEqual(codesOf(report).toSorted(), [
      'error:coverage-file',
      'error:coverage-floor',
      'error:skip-without-reason',
      'error:skip-without-reason',
      'error:test-failed',
      'error:test-failed',
    ]);
    const { tests, passed, failed, skipped, todo } = report.run;
    assert.deepEqual({ tests, passed, failed, skipped, todo }, { tests: 7, passed: 1, failed: 2, skipped: 3, todo: 1 });
  });
});

describe('a suite that passes', () => {
  it('is one line, nothing with --quiet, and the runner’s own output with --verbose', async (t) => {
    const project = aProject(t);
    const at = { cwd: project.dir, env: project.env };
    const plain = await runCli(['check'], at);
    assert.equal(plain.code, 0, plain.stdout + plain.stderr);
    assert.match(plain.stdout, /^✔ 1 test in [\d.]+ m?s, coverage 71\.4 % \(floor 50 %\), nothing newly slow\.\n$/);
    assert.equal(plain.stderr, '');
    assert.deepEqual(await runCli(['check', '--quiet'], at), { code: 0, signal: null, stdout: '', stderr: '' });
    const verbose = await runCli(['check', '--verbose', '--color'], at);
    assert.match(verbose.stdout, /# tests 1|ℹ tests 1/);
    assert.match(verbose.stdout, /✔\S* 1 test in /);
    assert.ok(verbose.stdout.includes('\x1b[32m✔'));
  });

  it('without any configuration is judged by the defaults, which are named', async (t) => {
    const project = aProject(t, { 'pushgate.jsonc': null, 'src/other.js': 'export const other = 1;\n' });
    const { code, stdout } = await runCli([], { cwd: `${project.dir}/test`, env: project.env });
    assert.equal(code, 1, 'found from a folder below, and judged by the default floor');
    assert.match(stdout, /^ℹ No pushgate\.jsonc/);
    assert.match(stdout, /✖ Coverage is 62\.5 % of lines; the floor is 64 %\. {2}\[coverage-floor\]/);
    assert.match(stdout, /Limit: coverage\.floor, a default; set it in pushgate\.jsonc\./);
  });
});
