import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runCli } from '../support/cli.ts';
import type { StartOptions } from '../support/processes.ts';
import { SMALL, testFile } from '../support/projects.ts';
import { makeProject, type TempProject } from '../support/repo.ts';

const WAIT = `export function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
`;
const WAIT_TEST = `${testFile('').trim()}
import { wait } from '../src/wait.js';

describe('a', () => {
  it('waits', () => wait(300));
  it('does not', () => assert.equal(process.env['PUSHGATE_TRACE'], undefined));
});

describe('b', () => {
  it('waits', () => wait(20));
});
`;

describe('pushgate explain', () => {
  let project: TempProject;
  let at: StartOptions;
  before(() => {
    project = makeProject({
      ...SMALL,
      'src/wait.js': WAIT,
      'test/wait.test.js': WAIT_TEST,
    });
    at = { cwd: project.dir, env: project.env };
  });
  after(() => project.remove());

  it('explains the test around a line before any run', async () => {
    const { code, stdout, stderr } = await runCli(['explain', 'test/wait.test.js:6'], at);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^test\/wait\.test\.js:6 {2}a > waits\n {2}\d/);
    assert.match(stdout, /waiting on timers +\d/);
    assert.match(stdout, /setTimeout +\d[^\n]*src\/wait\.js:2\n/);
    assert.match(stdout, /→ Pass the delay at src\/wait\.js:2 in as a parameter/);
  });

  it('explains a file in JSON, one document', async () => {
    const { code, stdout } = await runCli(['explain', 'test/wait.test.js', '--json'], at);
    assert.equal(code, 0);
    const { schemaVersion, exitCode, explained, error } = JSON.parse(stdout);
    assert.deepEqual([schemaVersion, exitCode, error], [1, 0, null]);
    assert.deepEqual(explained.tests.map((each: { name: string }) => each.name).toSorted(), ['a > does not', 'a > waits', 'b > waits']);
    assert.equal(explained.tests[0].cause.kind, 'timer');
    assert.ok(explained.load.spent.loading > 0);
  });

  it('lists the tests of the last run when several are meant, and what is near when none is', async () => {
    await runCli(['slow', '--quiet'], at);
    const several = await runCli(['explain', 'waits'], at);
    assert.equal(several.code, 2);
    assert.match(
      several.stderr,
      /"waits" names 2 tests:\n {2} {2}test\/wait\.test\.js:6 {2}a > waits\n {2} {2}test\/wait\.test\.js:11 {2}b > waits/,
    );
    const none = await runCli(['explain', 'a > weits'], at);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /Did you mean "a > waits"\?/);
  });

  it('finds a test of the last run by its title, and tells its time there', async () => {
    const one = await runCli(['explain', 'b > waits'], at);
    assert.equal(one.code, 0);
    assert.match(one.stdout, /^test\/wait\.test\.js:11 {2}b > waits\n[^\n]* alone, [^\n]* in the last run/);
  });

  it('says what a finding means', async () => {
    const { code, stdout } = await runCli(['explain', 'new-slow-test'], at);
    assert.equal(code, 0);
    assert.match(stdout, /^new-slow-test\n\nA test took longer than slow\.limit[^`]*$/);
    const { stdout: json } = await runCli(['explain', 'no-tests', '--json'], at);
    assert.match(JSON.parse(json).text, /no test in them did/);
    const mistyped = await runCli(['explain', 'new-slow-tets'], at);
    assert.equal(mistyped.code, 2);
    assert.match(mistyped.stderr, /Did you mean the finding new-slow-test\?/);
  });

  it('asks for a name, and for one of the suite', async () => {
    const nothing = await runCli(['explain'], at);
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /pushgate explain <file:line>/);
    const other = await runCli(['explain', 'src/wait.js'], at);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /No test of src\/wait\.js ran/);
  });
});
