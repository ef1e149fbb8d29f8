import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import type { TestContext } from 'node:test';
import { doctor } from '../../src/commands/doctor.ts';
import type { Diagnosis } from '../../src/model/diagnosis.ts';
import { saveLastRun } from '../../src/store/last-run.ts';
import { storeDirs } from '../../src/store/store-dir.ts';
import { aRun } from '../support/builders.ts';
import { childEnv, type Env } from '../support/child-env.ts';
import { anIo } from '../support/io.ts';
import { aProject } from '../support/projects.ts';
import { installHusky, linkCommand, linkPackages, makeRepo, type Files, type TempRepo } from '../support/repo.ts';

const LINE = 'pushgate hook pre-push "$@"\n';
const FILES: Files = {
  '.gitignore': 'node_modules/\n',
  '.husky/pre-push': LINE,
  'package.json': {
    name: 'example',
    private: true,
    type: 'module',
    scripts: { test: 'node --test', prepare: 'husky' },
    devDependencies: { husky: '^9.1.7', pushgate: '^0.1.0' },
  },
};

/** A project in which everything is in order; what is named replaces or adds to it. */
async function aHealthyRepo(t: TestContext, change: Files = {}, husky = true): Promise<TempRepo> {
  const project = aProject(t, { ...FILES, ...change });
  linkPackages(project, ['husky', 'pushgate']);
  const repo = await makeRepo(project);
  if (husky) await installHusky(repo);
  return repo;
}

async function diagnose(repo: TempRepo, env: Env = {}, dir = repo.dir): Promise<{ code: number; all: Diagnosis[]; bad: string[] }> {
  const io = anIo(dir, { env: childEnv({ ...repo.env, ...env }) });
  const code = await doctor(io, { json: true });
  const report = JSON.parse(io.out()) as { schemaVersion: number; exitCode: number; diagnoses: Diagnosis[] };
  assert.equal(report.exitCode, code);
  assert.equal(io.err(), '');
  const bad = report.diagnoses.filter(({ state }) => state !== 'ok').map(({ state, about, says }) => `${state} ${about}: ${says}`);
  for (const each of report.diagnoses) assert.equal(each.fixes.length > 0, each.state !== 'ok', `a fix for ${each.says}`);
  assert.equal(code, bad.some((line) => line.startsWith('error')) ? 1 : 0);
  return { code, all: report.diagnoses, bad };
}

test('where everything is in order, every line says so', async (t) => {
  const repo = await aHealthyRepo(t);
  const { code, all, bad } = await diagnose(repo);
  assert.deepEqual(bad, []);
  assert.equal(code, 0);
  assert.deepEqual(
    [...new Set(all.map(({ about }) => about))],
    ['node', 'git', 'hook', 'install', 'config', 'allowlist', 'tests', 'sources', 'store'],
  );
  const io = anIo(repo.dir, { env: childEnv(repo.env) });
  assert.equal(await doctor(io, {}), 0);
  assert.match(
    io.out(),
    /^✔ node +Node \d+\.\d+\.\d+\n✔ git +Git \d+\.\d+.*\n✔ hook +git push starts pushgate, through \.husky\/pre-push\.\n/,
  );
  assert.match(io.out(), /\n\nThe gate is in order here\.\n$/);
});

test('the limits it names are those that hold, also where the test script sets them', async (t) => {
  const scripts = { test: 'c8 --check-coverage --lines 90 node --test', prepare: 'husky' };
  const repo = await aHealthyRepo(t, { 'pushgate.jsonc': {}, 'package.json': { ...(FILES['package.json'] as object), scripts } });
  const { all } = await diagnose(repo);
  assert.match(all.find(({ about }) => about === 'config')?.says ?? '', /^pushgate\.jsonc: floor 90 % of lines, /);
});

type Break = (repo: TempRepo) => unknown;

describe('a hook that git push does not start is ✖, with why:', () => {
  const cases: readonly { name: string; says: RegExp; break: Break; env?: Env }[] = [
    {
      name: 'not installed',
      says: /^error hook: The hooks are not installed: core\.hooksPath is not set/,
      break: async (repo) => {
        rmSync(join(repo.dir, '.husky/_'), { recursive: true });
        await repo.git('config', '--unset', 'core.hooksPath');
      },
    },
    {
      name: 'what husky installed is gone',
      says: /\.husky\/_ is missing/,
      break: (repo) => rmSync(join(repo.dir, '.husky/_'), { recursive: true }),
    },
    { name: "husky's own script is gone", says: /\.husky\/_\/h is missing/, break: (repo) => rmSync(join(repo.dir, '.husky/_/h')) },
    {
      name: 'a branch without the hook',
      says: /There is no \.husky\/pre-push on this branch/,
      break: (repo) => rmSync(join(repo.dir, '.husky/pre-push')),
    },
    { name: 'HUSKY=0', says: /HUSKY=0 is set: husky leaves every hook out/, break: () => {}, env: { HUSKY: '0' } },
    {
      name: "HUSKY=0 in husky's init.sh",
      says: /HUSKY=0 is set in .*husky\/init\.sh/,
      break: (repo) => {
        const dir = join(repo.env['XDG_CONFIG_HOME'] ?? '', 'husky');
        mkdirSync(dir, { recursive: true });
        writeFileSync(join(dir, 'init.sh'), '# nothing here\nexport HUSKY="0" # for now\n');
      },
    },
    {
      name: 'core.hooksPath elsewhere',
      says: /There is no \.githooks\/pre-push.* Hooks come from \.githooks \(core\.hooksPath, local configuration\)/,
      break: (repo) => repo.git('config', 'core.hooksPath', '.githooks'),
    },
    {
      name: 'the executable bit lost',
      says: /\.husky\/_\/pre-push is not executable/,
      break: (repo) => chmodSync(join(repo.dir, '.husky/_/pre-push'), 0o644),
    },
    {
      name: "no line of pushgate's",
      says: /\.husky\/pre-push does not call pushgate/,
      break: (repo) => repo.write({ '.husky/pre-push': '# pushgate hook pre-push\nnpm test\n' }),
    },
    {
      name: 'Windows line ends',
      says: /\.husky\/pre-push has Windows line ends/,
      break: (repo) => repo.write({ '.husky/pre-push': `npm test\r\n${LINE}` }),
    },
    {
      name: 'pushgate is not installed',
      says: /^error install: pushgate is not in node_modules/,
      break: (repo) => rmSync(join(repo.dir, 'node_modules/.bin/pushgate')),
    },
  ];
  for (const { name, says, break: breakIt, env } of cases) {
    it(name, async (t) => {
      const repo = await aHealthyRepo(t);
      await breakIt(repo);
      const { code, bad } = await diagnose(repo, env);
      assert.equal(code, 1);
      assert.equal(bad.length, 1, bad.join('\n'));
      assert.match(bad[0] ?? '', says);
    });
  }

  it('a linked worktree in which nothing was installed', async (t) => {
    const repo = await aHealthyRepo(t);
    await repo.commit('Start');
    const linked = join(repo.dir, '../linked');
    await repo.git('worktree', 'add', linked);
    const { code, bad } = await diagnose(repo, {}, linked);
    assert.equal(code, 1);
    assert.match(bad.join('\n'), /This linked worktree has no \.husky\/_: git starts no hook in it\./);
  });

  it('nothing set up at all', async (t) => {
    const repo = await aHealthyRepo(
      t,
      { ...FILES, 'package.json': { type: 'module', scripts: { test: 'node --test' } }, '.husky/pre-push': null },
      false,
    );
    rmSync(join(repo.dir, '.husky'), { recursive: true, force: true });
    const { bad } = await diagnose(repo);
    assert.deepEqual(bad, ['error hook: No hook is set up: git push does not start pushgate.']);
  });
});

describe('a hook that is started, without husky', () => {
  const plain = (t: TestContext, change: Files = {}): Promise<TempRepo> =>
    aHealthyRepo(t, { 'package.json': { type: 'module', scripts: { test: 'node --test' } }, '.husky/pre-push': null, ...change }, false);
  const hook = (repo: TempRepo, dir: string, text: string, mode = 0o755): void => {
    repo.write({ [`${dir}/pre-push`]: text });
    chmodSync(join(repo.dir, dir, 'pre-push'), mode);
  };

  it('from .git/hooks, or from where core.hooksPath leads', async (t) => {
    const repo = await plain(t);
    hook(repo, '.git/hooks', `#!/bin/sh\n${LINE}`);
    assert.deepEqual((await diagnose(repo)).bad, []);
    hook(repo, '.githooks', `#!/bin/sh\n${LINE}`);
    await repo.git('config', 'core.hooksPath', '.githooks');
    const { all, bad } = await diagnose(repo);
    assert.deepEqual(bad, []);
    assert.match(all.map(({ says }) => says).join('\n'), /through \.githooks\/pre-push\./);
    hook(repo, '.githooks', `#!/bin/sh\ncat >/dev/null\n${LINE}`);
    const reads = (await diagnose(repo)).all.find(({ state }) => state === 'warning');
    assert.match(reads?.fixes.join('\n') ?? '', /pushgate init : it prints one for the head/, 'init changes nothing there');
    chmodSync(join(repo.dir, '.githooks/pre-push'), 0o644);
    assert.match((await diagnose(repo)).bad.join('\n'), /^error hook: \.githooks\/pre-push is not executable/);
  });

  it('by another tool that calls pushgate', async (t) => {
    const repo = await plain(t, {
      'lefthook.yml': 'pre-push:\n  commands:\n    gate:\n      run: node_modules/.bin/pushgate hook pre-push\n',
    });
    assert.match(
      (await diagnose(repo)).bad.join('\n'),
      /^error hook: lefthook\.yml calls pushgate, but lefthook has not installed its hooks\./,
    );
    hook(repo, '.git/hooks', '#!/bin/sh\nlefthook run pre-push\n');
    assert.deepEqual((await diagnose(repo)).bad, []);
  });
});

describe('what is worth a look is !:', () => {
  const cases: readonly { name: string; says: RegExp; break: Break; env?: Env }[] = [
    {
      name: 'scripts ignored by npm',
      says: /^warning hook: Installs run no scripts \(ignore-scripts in \.npmrc\)/,
      break: (repo) => repo.write({ '.npmrc': 'ignore-scripts = true\n' }),
    },
    {
      name: 'scripts ignored by npm, as npx hands it on',
      says: /ignore-scripts in \.npmrc\)/,
      break: (repo) => repo.write({ '.npmrc': 'ignore-scripts=true\n' }),
      env: { npm_config_ignore_scripts: 'true' },
    },
    {
      name: 'scripts ignored by a variable',
      says: /ignore-scripts in npm_config_ignore_scripts/,
      break: () => {},
      env: { npm_config_ignore_scripts: 'true' },
    },
    {
      name: 'a line that may not be reached',
      says: /^warning hook: In \.husky\/pre-push, something above pushgate's line may end the hook/,
      break: (repo) => repo.write({ '.husky/pre-push': `exit 0\n${LINE}` }),
    },
    {
      name: 'a line that may be left nothing',
      says: /may read what git says is pushed/,
      break: (repo) => repo.write({ '.husky/pre-push': `git lfs pre-push "$@"\n${LINE}` }),
    },
    {
      name: 'an alias past the hooks',
      says: /^warning hook: git yolo is an alias that pushes past the hooks/,
      break: (repo) => repo.git('config', 'alias.yolo', 'push --no-verify'),
    },
    {
      name: 'lefthook',
      says: /^warning hook tools: lefthook \(lefthook\.yml\) and husky both write/,
      break: (repo) => repo.write({ 'lefthook.yml': 'pre-commit:\n' }),
    },
    {
      name: 'pre-commit',
      says: /pre-commit \(\.pre-commit-config\.yaml\) and husky/,
      break: (repo) => repo.write({ '.pre-commit-config.yaml': 'repos: []\n' }),
    },
    {
      name: 'simple-git-hooks',
      says: /simple-git-hooks \(package\.json \(simple-git-hooks\)\) and husky/,
      break: (repo) =>
        repo.write({ 'package.json': { ...(FILES['package.json'] as object), 'simple-git-hooks': { 'pre-push': 'npm test' } } }),
    },
    {
      name: 'yorkie',
      says: /yorkie \(package\.json \(gitHooks\)\) and husky/,
      break: (repo) =>
        repo.write({
          'package.json': { ...(FILES['package.json'] as object), dependencies: { yorkie: '2' }, gitHooks: { 'pre-push': 'npm test' } },
        }),
    },
    {
      name: 'a package that ships git',
      says: /^warning install: A package ships a command named git/,
      break: (repo) => linkCommand(repo, 'git', '/nowhere'),
    },
    {
      name: 'no configuration',
      says: /^warning config: There is no pushgate\.jsonc/,
      break: (repo) => rmSync(join(repo.dir, 'pushgate.jsonc')),
    },
    {
      name: 'an allowlist out of date',
      says: /^warning allowlist: 1 entry expired, the first on line 3\.\nwarning allowlist: 1 entry names a file that is gone: test\/gone\.test\.js$/,
      break: (repo) =>
        repo.write({
          'known-slow.jsonc': { tests: [{ file: 'test/gone.test.js', name: 'x', reason: 'y', ceiling: '15s', expires: '2020-01-01' }] },
        }),
    },
    {
      name: 'a test command that cannot be read',
      says: /^warning tests: .*it runs as it is/,
      break: (repo) =>
        repo.write({
          'package.json': { ...(FILES['package.json'] as object), scripts: { test: './run-tests.sh', prepare: 'husky' } },
          'run-tests.sh': 'node --test',
        }),
    },
    {
      name: 'a damaged store',
      says: /^warning store: What was kept of the last run cannot be read/,
      break: (repo) => repo.write({ '.git/pushgate/last-run.json': '{"format":1' }),
    },
    {
      name: 'a store that cannot be written',
      says: /^warning store: Runs cannot be remembered: /,
      break: (repo) => repo.write({ '.git/pushgate': 'a file' }),
    },
  ];
  for (const { name, says, break: breakIt, env } of cases) {
    it(name, async (t) => {
      const repo = await aHealthyRepo(t);
      await breakIt(repo);
      const { code, bad } = await diagnose(repo, env);
      assert.equal(code, 0, bad.join('\n'));
      assert.match(bad.join('\n'), says);
    });
  }
});

describe('what no run could judge is ✖:', () => {
  const cases: readonly { name: string; says: RegExp; files: Files }[] = [
    {
      name: 'a configuration that is wrong',
      says: /^error config: pushgate\.jsonc:1:\d+: .*did you mean "floor"/,
      files: { 'pushgate.jsonc': '{"coverage":{"flor":1}}' },
    },
    { name: 'an allowlist that is wrong', says: /^error config: known-slow\.jsonc:1:/, files: { 'known-slow.jsonc': '{"tests":[{}]}' } },
    { name: 'a package.json that is not JSON', says: /^error project: .*package\.json is not JSON/, files: { 'package.json': '{' } },
    {
      name: 'another test runner',
      says: /^error tests: The tests run with vitest/,
      files: { 'package.json': { scripts: { test: 'vitest', prepare: 'husky' } } },
    },
    {
      name: 'sources that are not there',
      says: /^error sources: No file of the project matches coverage\.include: lib\/\*\*/,
      files: { 'pushgate.jsonc': { coverage: { include: ['lib/**'] } } },
    },
  ];
  for (const { name, says, files } of cases) {
    it(name, async (t) => {
      const repo = await aHealthyRepo(t);
      repo.write(files);
      const { code, bad } = await diagnose(repo);
      assert.equal(code, 1);
      assert.match(bad.join('\n'), says);
    });
  }

  it('no repository, no package', async (t) => {
    const project = aProject(t);
    const repo = { ...project, remote: '', git: async () => assert.fail(), commit: async () => {} };
    assert.match((await diagnose(repo)).bad.join('\n'), /^error repository: This is not the work tree of a git repository\.$/);
    rmSync(join(project.dir, 'package.json'));
    rmSync(join(project.dir, 'pushgate.jsonc'));
    assert.match((await diagnose(repo)).bad.join('\n'), /^error project: No package\.json here/);
  });

  it('a Node or a git that is too old or missing', async (t) => {
    const repo = await aHealthyRepo(t);
    const said = async (nodeVersion: string, env: Env = {}): Promise<string> => {
      const io = anIo(repo.dir, { nodeVersion, env: childEnv({ ...repo.env, ...env }) });
      await doctor(io, {});
      return io.out();
    };
    for (const version of ['18.20.0', '20.18.9', '21.7.0', '22.11.0']) assert.match(await said(version), /^✖ node /, version);
    for (const version of ['20.19.0', '22.12.0', '23.0.0', '26.1.0']) assert.match(await said(version), /^✔ node /, version);
    assert.match(await said('20.19.0', { PATH: '/nowhere' }), /✖ git +Git cannot be started\./);
  });
});

test('a remote over SSH is named when the suite may outlast its connection, its address never', async (t) => {
  const repo = await aHealthyRepo(t);
  const remotes = {
    short: 'git@example.com:team/project.git',
    long: 'ssh://someone:s3cret@example.com/project',
    web: 'https://x:s3cret@example.com/p',
    local: '/srv/a:b.git',
  };
  for (const [name, address] of Object.entries(remotes)) await repo.git('remote', 'add', name, address);
  const about = async (): Promise<string> =>
    (await diagnose(repo)).all
      .filter((each) => each.about === 'remotes')
      .map(({ state, says }) => `${state}: ${says}`)
      .join();
  assert.equal(await about(), '');
  const { worktree } = await storeDirs(repo.dir);
  await saveLastRun(worktree, aRun([], { wallMs: 299_000 }));
  assert.match(await about(), /^ok: long, short over SSH: the last run took 299\.0 s, within the 300 s a remote waits\.$/);
  await saveLastRun(worktree, aRun([], { wallMs: 301_000 }));
  assert.match(await about(), /^warning: long, short over SSH: .*took 301\.0 s, and a remote may hang up after 300 s\.$/);
  const io = anIo(repo.dir, { env: childEnv(repo.env) });
  await doctor(io, {});
  assert.doesNotMatch(io.out(), /s3cret|example\.com/);
});
