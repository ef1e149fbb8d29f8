import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { runCli } from '../support/cli.ts';
import { runCommand, type Ended } from '../support/processes.ts';
import { aProject } from '../support/projects.ts';
import { linkPackages, makeRepo, type Files, type TempRepo } from '../support/repo.ts';

/** A project without a policy, its packages installed and their scripts not yet run. */
async function aRepo(t: TestContext, change: Files = {}): Promise<TempRepo> {
  const project = aProject(t, { 'pushgate.jsonc': null, '.gitignore': 'node_modules/\nsaid.txt\n', ...change });
  linkPackages(project, ['husky', 'pushgate']);
  return makeRepo(project);
}

/** Runs the `prepare` script as an install does, with no package on the PATH but the project's own. */
function prepare(repo: TempRepo): Promise<Ended> {
  const dirs = [dirname(process.execPath), ...(process.env['PATH'] ?? '').split(delimiter)];
  const path = dirs.filter((dir) => !dir.endsWith('node_modules/.bin')).join(delimiter);
  return runCommand('npm', ['run', '--silent', 'prepare'], { cwd: repo.dir, env: { ...repo.env, PATH: path } });
}

/** The first push passes, one that is short of coverage is stopped by the gate. */
async function holdsPushes(repo: TempRepo): Promise<void> {
  await repo.commit('Set pushgate up');
  const first = await repo.git('push', 'origin', 'main');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /✔ 1 test in .*, coverage 71\.4 % \(floor 70\.9 %\)/);
  repo.write({ 'src/untested.js': 'export function untested() {\n  return 1;\n}\n' });
  await repo.commit('Add what no test runs');
  const second = await repo.git('push', 'origin', 'main');
  assert.notEqual(second.code, 0);
  assert.match(second.stderr, /\[coverage-floor\]/);
}

describe('from init to a push', () => {
  it('through husky: the hooks are there after an install, hold pushes, and block where nothing is installed', async (t) => {
    const repo = await aRepo(t);
    const at = { cwd: repo.dir, env: repo.env };
    const init = await runCli(['init'], at);
    assert.equal(init.code, 0, init.stderr);
    assert.equal((await prepare(repo)).code, 0);
    const doctor = await runCli(['doctor'], at);
    assert.equal(doctor.code, 0, doctor.stdout);
    await holdsPushes(repo);
    rmSync(join(repo.dir, 'node_modules/.bin/pushgate'));
    const blocked = await repo.git('push', 'origin', 'main');
    assert.notEqual(blocked.code, 0);
    assert.match(blocked.stderr, /pushgate or node was not found: npm install here, then push again\./);
    assert.notEqual((await repo.git('commit', '--allow-empty', '-m', 'More')).code, 0);
  });

  it('keeps running what ran before: prepare, hooks that read what is pushed, hooks that end early', async (t) => {
    const repo = await aRepo(t, {
      'package.json': { type: 'module', scripts: { test: 'node --test', prepare: 'echo prepared > said.txt' } },
      '.husky/pre-push': 'while read ref oid rest; do echo "pushes $ref to $1" >> said.txt; done\nexit 0\n',
      '.husky/pre-commit': 'echo committed >> said.txt\n',
    });
    assert.equal((await runCli(['init', '--yes'], { cwd: repo.dir, env: repo.env })).code, 0);
    assert.equal((await prepare(repo)).code, 0);
    assert.equal(repo.read('said.txt'), 'prepared\n');
    await holdsPushes(repo);
    assert.equal(repo.read('said.txt'), 'prepared\npushes refs/heads/main to origin\n');
    const commit = await repo.git('commit', '--allow-empty', '-m', 'More');
    assert.equal(commit.code, 0, commit.stderr);
    assert.match(repo.read('said.txt'), /committed\n$/);
  });

  it('through .git/hooks, beside what is there, and in a linked worktree', async (t) => {
    const repo = await aRepo(t);
    repo.write({ '.git/hooks/pre-push': '#!/bin/sh\ncat > said.txt\n' });
    chmodSync(join(repo.dir, '.git/hooks/pre-push'), 0o755);
    const at = { cwd: repo.dir, env: repo.env };
    assert.equal((await runCli(['init'], at)).code, 0);
    const doctor = await runCli(['doctor'], at);
    assert.equal(doctor.code, 0, doctor.stdout);
    await holdsPushes(repo);
    assert.match(repo.read('said.txt'), /^refs\/heads\/main [0-9a-f]{40} refs\/heads\/main 0{40}\n$/);
    const linked = join(repo.dir, '../linked');
    await repo.git('worktree', 'add', '--quiet', linked, '-b', 'other');
    const blocked = await runCommand('git', ['push', 'origin', 'other'], { cwd: linked, env: repo.env });
    assert.notEqual(blocked.code, 0);
    assert.match(blocked.stderr, /pushgate or node was not found: npm install here/);
  });

  it('keeps running what is in .git/hooks when husky takes over', async (t) => {
    const repo = await aRepo(t, { 'package.json': { type: 'module', scripts: { test: 'node --test' }, devDependencies: { husky: '*' } } });
    const hooks = {
      'pre-push': 'cat >> said.txt',
      'pre-commit': 'echo committed >> said.txt; exit $REFUSE',
      'post-commit': 'echo after >> said.txt',
    };
    for (const [name, text] of Object.entries(hooks)) {
      repo.write({ [`.git/hooks/${name}`]: `#!/bin/sh\n${text}\n` });
      chmodSync(join(repo.dir, '.git/hooks', name), 0o755);
    }
    const at = { cwd: repo.dir, env: repo.env };
    assert.equal((await runCli(['init'], at)).code, 0);
    assert.match((await runCli(['init'], at)).stdout, /nothing was changed/);
    assert.equal((await prepare(repo)).code, 0);
    await holdsPushes(repo);
    const commit = (env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
      runCommand('git', ['commit', '--allow-empty', '-m', 'More'], { cwd: repo.dir, env: { ...repo.env, ...env } });
    assert.match(repo.read('said.txt'), /^after\nrefs\/heads\/main [0-9a-f]{40} refs\/heads\/main 0{40}\nafter\n$/);
    assert.equal((await commit()).code, 0);
    assert.match(repo.read('said.txt'), /\ncommitted\nafter\n$/);
    assert.notEqual((await commit({ REFUSE: '4' })).code, 0);
    assert.match((await runCli(['init'], at)).stdout, /nothing was changed/);
  });

  it('an install without husky, as for production, does not break', async (t) => {
    const scripts = { test: 'node --test', prepare: 'echo built > said.txt' };
    const repo = await aRepo(t, { 'package.json': { type: 'module', scripts }, 'pushgate.jsonc': { coverage: { floor: 50 } } });
    assert.equal((await runCli(['init'], { cwd: repo.dir, env: repo.env })).code, 0);
    rmSync(join(repo.dir, 'node_modules'), { recursive: true });
    const { code, stderr } = await prepare(repo);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /husky.*not found/);
    assert.equal(repo.read('said.txt'), 'built\n');
    repo.write({ 'package.json': repo.read('package.json').replace('echo built', 'exit 3; echo built') });
    assert.equal((await prepare(repo)).code, 3, 'what was there may fail as before');
  });

  it('an unknown tool for the hooks is exit 2', async (t) => {
    const repo = await aRepo(t);
    const { code, stderr } = await runCli(['init', '--hooks', 'yorkie'], { cwd: repo.dir, env: repo.env });
    assert.equal(code, 2);
    assert.match(stderr, /husky, lefthook, git, none/);
  });
});
