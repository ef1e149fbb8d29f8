import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PACKAGE } from '../support/package.ts';
import { runCommand } from '../support/processes.ts';
import { aProject } from '../support/projects.ts';
import { installHusky, linkPackages, makeRepo, type Files, type TempRepo } from '../support/repo.ts';

const HOOKED: Files = { '.gitignore': 'node_modules/\n', '.husky/pre-push': 'pushgate hook pre-push "$@"\n' };
const UNTESTED = Array.from({ length: 20 }, (_, index) => `export const part${index} = () => ${index};`).join('\n');

async function remoteHead(repo: TempRepo, branch = 'main'): Promise<string> {
  return (await repo.git('--git-dir', repo.remote, 'rev-parse', '--verify', '--quiet', branch)).stdout.trim();
}

async function localHead(repo: TempRepo): Promise<string> {
  return (await repo.git('rev-parse', 'HEAD')).stdout.trim();
}

async function passes(repo: TempRepo): Promise<void> {
  await repo.commit('Add sums');
  const first = await repo.git('push', '--porcelain', 'origin', 'main');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /✔ 1 test in .*, coverage 71\.4 % \(floor 50 %\), nothing newly slow\./);
  assert.doesNotMatch(first.stdout, /✔/, 'standard output belongs to git');
  assert.equal(await remoteHead(repo), await localHead(repo));
}

async function isStopped(repo: TempRepo): Promise<void> {
  repo.write({ 'src/untested.js': UNTESTED });
  await repo.commit('Add parts without tests');
  const second = await repo.git('push', 'origin', 'main');
  assert.notEqual(second.code, 0);
  assert.match(second.stderr, /✖ Coverage is 18\.5 % of lines; the floor is 50 %\. {2}\[coverage-floor\]/);
  assert.match(second.stderr, /then push again\. \(exit 1\)/);
  assert.notEqual(await remoteHead(repo), await localHead(repo));
}

describe('git push through husky', () => {
  it('passes, is stopped, and runs nothing where there is nothing to judge', async (t) => {
    const project = aProject(t, HOOKED);
    linkPackages(project, ['husky', 'pushgate']);
    const repo = await makeRepo(project);
    await installHusky(repo);
    await passes(repo);
    await isStopped(repo);

    await repo.git('tag', 'v1', 'HEAD~1');
    const tag = await repo.git('push', 'origin', 'v1');
    assert.equal(tag.code, 0, tag.stderr);
    const branch = await repo.git('push', '--no-verify', 'origin', 'HEAD~1:refs/heads/other');
    assert.equal(branch.code, 0);
    const deletion = await repo.git('push', 'origin', ':other');
    assert.equal(deletion.code, 0, deletion.stderr);
    for (const { stderr } of [tag, deletion]) assert.doesNotMatch(stderr, /tests? in/);
  });

  it('works from the packed tarball', async (t) => {
    const project = aProject(t, HOOKED);
    await installTarball(project);
    linkPackages(project, ['husky']);
    const repo = await makeRepo(project);
    await installHusky(repo);
    await passes(repo);
  });
});

/** Installs the packed package as npm would, its dependencies as links to ours: no network. */
async function installTarball(project: Parameters<typeof linkPackages>[0]): Promise<void> {
  const env = { ...project.env, npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  const packed = await runCommand('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project.temp], {
    cwd: PACKAGE,
    env,
  });
  assert.equal(packed.code, 0, packed.stderr);
  const target = join(project.dir, 'node_modules/pushgate');
  mkdirSync(target, { recursive: true });
  const unpacked = await runCommand('tar', ['-xzf', join(project.temp, packed.stdout.trim()), '--strip-components=1', '-C', target], {
    cwd: project.dir,
  });
  assert.equal(unpacked.code, 0, unpacked.stderr);
  const { bin, dependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
    bin: { pushgate: string };
    dependencies: Record<string, string>;
  };
  linkPackages(project, Object.keys(dependencies));
  const command = join(project.dir, 'node_modules/.bin/pushgate');
  rmSync(command, { force: true });
  symlinkSync(join('../pushgate', bin.pushgate), command);
  chmodSync(join(target, bin.pushgate), 0o755);
}
