import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCli } from '../support/cli.ts';
import { tagsOf } from '../support/html.ts';
import { aProject, testFile } from '../support/projects.ts';

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
    assert.deepEqual(
      audit.flicker.map(({ file }: { file: string }) => file),
      ['src/odd.js'],
    );
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
