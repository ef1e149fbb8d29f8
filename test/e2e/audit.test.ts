import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCli } from '../support/cli.ts';
import { tagsOf } from '../support/html.ts';
import { aProject, testFile } from '../support/projects.ts';
import { makeRepo } from '../support/repo.ts';

// A file beside the project's counts the runs: every second one takes another way.
const ODD = `import { existsSync, rmSync, writeFileSync } from 'node:fs';

export function odd() {
  if (existsSync('count')) {
    rmSync('count');
    return true;
  }
  writeFileSync('count', '');
  return false;
}
`;
const ODD_TEST = testFile(`import { odd } from '../src/odd.js';
test('every <b>other</b> time', () => assert.ok(odd()));
test('waits', () => new Promise((resolve) => setTimeout(resolve, 300)));`);

describe('pushgate audit', () => {
  it('finds what differs between runs and where the time goes, on other numbers of workers and as a page too', async (t) => {
    const project = aProject(t, { 'src/odd.js': ODD, 'test/odd.test.js': ODD_TEST });
    const args = ['audit', '--json', '--coverage', '--repeat', '2', '--workers', '1', '--html', 'audit.html'];
    const { code, stdout, stderr } = await runCli(args, { cwd: project.dir, env: project.env });
    assert.equal(code, 1, stderr);
    const { audit, findings } = JSON.parse(stdout);
    assert.deepEqual(
      findings.map((finding: { code: string }) => finding.code),
      ['flaky-test'],
    );
    assert.deepEqual(
      audit.changing.map(({ name, outcomes: { failed, passed } }: Changing) => [name, failed, passed]),
      [['every <b>other</b> time', 1, 1]],
    );
    // A run in which a test failed shows less than the test runs.
    assert.equal(audit.flicker, null);
    assert.ok(audit.memory.last.bytes > 10e6);
    assert.ok(audit.around.aroundMs > 0);
    const [slowest] = audit.slowestTests;
    assert.deepEqual([slowest.name, slowest.cause.kind, slowest.cause.at.file], ['waits', 'timer', 'test/odd.test.js']);
    assert.deepEqual(
      audit.trials.map(({ workers }: { workers: number }) => workers),
      [1],
    );
    const page = readFileSync(join(project.dir, 'audit.html'), 'utf8');
    assert.ok(!tagsOf(page).includes('b'));
    assert.match(page, /every &lt;b&gt;other&lt;\/b&gt; time/);
  });

  it('leaves lines that ran in some runs only out of what counts as a drop', async (t) => {
    const steady = `import { odd } from '../src/odd.js';
test('either way', () => assert.ok([true, false].includes(odd())));`;
    const repo = await makeRepo(
      aProject(t, {
        // The second way is the longer one.
        'src/odd.js': ODD.replace('    return true;', '    let is = true;\n    is &&= true;\n    is &&= true;\n    return is;'),
        'test/odd.test.js': testFile(steady),
        // Turbo would try a test file out first, and change whose turn it is.
        'pushgate.jsonc': { coverage: { floor: 10, maxDrop: 0 }, run: { turbo: false } },
        '.gitignore': 'count\n',
      }),
    );
    const run = (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: repo.dir, env: repo.env });
    const check = (): ReturnType<typeof runCli> => run('check', '--full', '--no-stamp');
    await repo.commit('Begin');
    for (const way of ['shorter', 'longer']) assert.equal((await check()).code, 0, way);
    writeFileSync(join(repo.dir, 'NOTES.md'), 'Nothing has changed.\n');
    await repo.commit('Say so');
    const stopped = await check();
    assert.equal(stopped.code, 1);
    assert.match(stopped.stdout, /\[coverage-drop\]/);
    assert.equal((await run('audit', '--coverage', '--repeat', '2', '--no-explain')).code, 0);
    const longer = await check();
    assert.deepEqual([longer.code, /coverage-drop/.test(longer.stdout)], [0, false]);
    const shorter = await check();
    assert.equal(shorter.code, 0, shorter.stdout);
    assert.match(shorter.stdout, /maybe only by lines that do not run each time\. {2}\[coverage-drop\]/);
  });

  it('says before it runs anything what cannot be done', async (t) => {
    const project = aProject(t, { 'package.json': { type: 'module', scripts: { test: 'node test/sum.test.js' } } });
    for (const [args, says] of [
      [['--workers', '1,2'], /--workers needs test files in processes of their own/],
      [['--html', 'nowhere/audit.html'], /no such folder/],
      [['--workers', '0'], /--workers takes a whole number/],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- two processors
      const { code, stderr } = await runCli(['audit', ...args], { cwd: project.dir, env: project.env });
      assert.equal(code, 2);
      assert.match(stderr, says);
    }
  });
});

type Changing = { readonly name: string; readonly outcomes: { readonly failed: number; readonly passed: number } };
