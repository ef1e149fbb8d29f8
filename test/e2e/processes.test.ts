import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive } from '../../src/system/process-group.ts';
import { unmeasured } from '../support/child-env.ts';
import { runCli, runJson, startCli } from '../support/cli.ts';
import { runCommand, start } from '../support/processes.ts';
import { aProject, testFile } from '../support/projects.ts';
import { aPushRepo } from '../support/pushes.ts';
import { leftovers, makeRepo } from '../support/repo.ts';

/** A test that starts a child which outlives it, notes both process ids in `pids`, and then waits. */
const LINGERING = testFile(`import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
test('waits', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  writeFileSync('pids.new', process.pid + ' ' + child.pid);
  renameSync('pids.new', 'pids');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});`);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    // oxlint-disable-next-line no-await-in-loop -- waits for another process
    await wait(20);
  }
}

describe('processes', () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`${signal} in the middle ends everything: exit ${code}, no process and no file left`, { timeout: 30_000 }, async (t) => {
      const project = aProject(t, { 'test/waits.test.js': LINGERING });
      const { child, ended } = startCli(['check'], { cwd: project.dir, env: project.env });
      await until(() => existsSync(join(project.dir, 'pids')));
      child.kill(signal);
      assert.equal((await ended).code, code);
      const pids = readFileSync(join(project.dir, 'pids'), 'utf8').split(' ').map(Number);
      assert.equal(pids.length, 2);
      assert.deepEqual(pids.filter(isAlive), []);
      assert.deepEqual(leftovers(project), []);
    });
  }

  for (const [how, pidOf] of [
    ['SIGKILL', (git: number) => git],
    // As a terminal does on Ctrl-C: git, its hook and all that are in front.
    ['SIGINT', (git: number) => -git],
  ] as const) {
    it(`of a push that ${how} ends go with it, and no verdict is kept`, { timeout: 30_000 }, async (t) => {
      const repo = await aPushRepo(t, { 'test/waits.test.js': LINGERING, '.gitignore': 'pids*\n' });
      const before = await repo.fingerprint();
      const { child, ended } = start('git', ['push', 'origin', 'main'], { cwd: repo.dir, env: unmeasured(repo.env), detached: true });
      await until(() => existsSync(join(repo.dir, 'pids')));
      const pids = repo.read('pids').split(' ').map(Number);
      rmSync(join(repo.dir, 'pids'));
      process.kill(pidOf(child.pid ?? 0), how);
      assert.notEqual((await ended).code, 0);
      await until(() => !pids.some(isAlive) && leftovers(repo).length === 0);
      assert.equal(await repo.fingerprint(), before);
      assert.ok(!existsSync(join(repo.dir, '.git/pushgate/stamps')));
      assert.equal((await repo.git('ls-remote', 'origin')).stdout, '');
    });
  }

  it('that outlive a suite which passes are ended and named', async (t) => {
    const leaves = `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
test('leaves', () => {
  const child = spawn('sleep', ['47'], { detached: true, stdio: 'ignore' });
  child.unref();
  writeFileSync('pid', String(child.pid));
});`;
    const project = aProject(t, { 'test/leaves.test.js': testFile(leaves) });
    const { code, stderr } = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 0);
    assert.match(stderr, /^! A process that the tests started outlived them and was ended: sleep\.$/m);
    assert.equal(isAlive(Number(readFileSync(join(project.dir, 'pid'), 'utf8'))), false);
  });

  it('of two runs at once in one checkout do not disturb each other', async (t) => {
    const project = aProject(t);
    const at = { cwd: project.dir, env: project.env };
    const runs = await Promise.all([runJson(['check'], at), runJson(['check'], at)]);
    for (const { code, report } of runs) {
      assert.equal(code, 0);
      assert.deepEqual(report.coverage.lines, { covered: 5, total: 7, pct: 71.42 });
      assert.equal(report.run['tests'], 1);
    }
    assert.deepEqual(leftovers(project), []);
  });

  it('of a bare run write no coverage, whatever measures pushgate itself, and see process.exit as Node made it', async (t) => {
    const project = aProject(t, {
      'test/bare.test.js': testFile(`test('is not measured', () => assert.equal(process.env.NODE_V8_COVERAGE, undefined));
test('keeps its name', () => assert.deepEqual([process.exit.name, process.exit.length], ['exit', 1]));`),
    });
    // Without PUSHGATE_RUN, so that a pushgate around these tests does not miss what is written elsewhere.
    const outer = { NODE_V8_COVERAGE: join(project.temp, 'outer'), PUSHGATE_RUN: undefined };
    const { code, report } = await runJson(['slow'], { cwd: project.dir, env: { ...project.env, ...outer } });
    assert.equal(code, 0, JSON.stringify(report.findings));
  });

  it('of the suite do not see the repository that a hook names', async (t) => {
    const project = aProject(t, {
      'test/git.test.js': testFile(`import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
test('works in a repository of its own', () => {
  const cwd = mkdtempSync(tmpdir() + '/inner-');
  const git = (...args) => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd, encoding: 'utf8' });
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '-m', 'inner');
  assert.equal(git('rev-list', '--count', 'HEAD'), '1\\n');
});`),
    });
    const repo = await makeRepo(project);
    await repo.commit('outer');
    const before = await state(repo.dir);
    const hook = { GIT_DIR: join(repo.dir, '.git'), GIT_INDEX_FILE: join(repo.dir, '.git/index'), GIT_WORK_TREE: repo.dir, GIT_PREFIX: '' };
    const { code, report } = await runJson(['check'], { cwd: repo.dir, env: { ...repo.env, ...hook, NODE_TEST_CONTEXT: 'child-v8' } });
    assert.equal(code, 0, JSON.stringify(report.findings));
    assert.deepEqual(await state(repo.dir), before);
  });
});

/** HEAD, the work tree's state and the configuration of a repository. */
async function state(cwd: string): Promise<string[]> {
  const git = async (...args: string[]): Promise<string> => (await runCommand('git', args, { cwd })).stdout;
  return [await git('rev-parse', 'HEAD'), await git('status', '--porcelain'), await git('config', '--local', '--list')];
}
