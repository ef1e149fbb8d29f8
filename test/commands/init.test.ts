import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { init, type InitOptions } from '../../src/commands/init.ts';
import type { Measured } from '../../src/commands/init/measured.ts';
import { startingFiles } from '../../src/commands/init/starting.ts';
import { openSuite } from '../../src/commands/project.ts';
import { sceneOf, type Scene } from '../../src/commands/setup/scene.ts';
import { DEFAULTS } from '../../src/config/defaults.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadKnownSlow } from '../../src/config/known-slow.ts';
import type { PushgateError } from '../../src/model/error.ts';
import type { Test } from '../../src/model/test-run.ts';
import { checkoutOf } from '../../src/system/hooks-folder.ts';
import type { Io } from '../../src/system/io.ts';
import { openRepository } from '../../src/system/repository.ts';
import { version } from '../../src/version.ts';
import { aRun, aTest } from '../support/builders.ts';
import { childEnv } from '../support/child-env.ts';
import { runCli } from '../support/cli.ts';
import { anIo, type CapturedIo } from '../support/io.ts';
import { aProject, testFile } from '../support/projects.ts';
import { makeRepo, type Files, type TempProject, type TempRepo } from '../support/repo.ts';

/** A project with five of seven lines covered and no policy yet. */
function aBareProject(t: TestContext, change: Files = {}): TempProject {
  return aProject(t, { 'pushgate.jsonc': null, '.gitignore': 'node_modules/\n', ...change });
}

async function aRepo(t: TestContext, change: Files = {}): Promise<TempRepo> {
  return makeRepo(aBareProject(t, change));
}

async function runInit(
  project: TempProject,
  options: InitOptions = {},
  change: Partial<Io> = {},
): Promise<{ code: number; io: CapturedIo }> {
  const io = anIo(project.dir, { env: childEnv(project.env), ...change });
  return { code: await init(io, options), io };
}

/** Every file of the project and of its repository's hooks and settings, by path. */
function filesOf(project: TempProject): Map<string, string> {
  const names = readdirSync(project.dir, { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith('node_modules'));
  const kept = names.filter((name) => !name.startsWith('.git/') || /^\.git\/(?:hooks\/|config$)/.test(name));
  const files = kept.filter((name) => statSync(join(project.dir, name)).isFile()).toSorted();
  return new Map(files.map((name) => [name, `${statSync(join(project.dir, name)).mode.toString(8)} ${project.read(name)}`]));
}

/** The files that differ between two moments. */
function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name)).toSorted();
}

const SLOW = testFile("test('waits', { skip: true }, () => {});\ntest('todo', { todo: true }, () => {});");

describe('pushgate init', () => {
  it('writes a policy that holds what holds today, hooks, scripts and attributes; a second run changes nothing', async (t) => {
    const repo = await aRepo(t, { 'test/skips.test.js': SLOW });
    const before = filesOf(repo);
    const { code, io } = await runInit(repo);
    assert.equal(code, 0, io.err());
    const after = filesOf(repo);
    assert.deepEqual(changed(before, after), ['.gitattributes', '.husky/pre-commit', '.husky/pre-push', 'package.json', 'pushgate.jsonc']);
    const { config, origins } = loadConfig(repo.dir);
    assert.deepEqual(config.coverage.floor, { lines: 70.9 });
    assert.equal(config.tests.skipNeedsReason, false);
    assert.deepEqual(
      [...origins].filter(([, { kind }]) => kind === 'file').map(([key]) => key),
      ['coverage.floor', 'tests.skipNeedsReason'],
    );
    const { scripts, devDependencies } = JSON.parse(repo.read('package.json'));
    assert.deepEqual(scripts, { test: 'node --test', check: 'pushgate check', 'audit:perf': 'pushgate audit', prepare: 'husky || true' });
    assert.deepEqual(Object.keys(devDependencies), ['husky', 'pushgate']);
    assert.match(repo.read('.husky/pre-push'), /^pushgate hook pre-push "\$@" .*# pushgate\n$/);
    assert.match(repo.read('.husky/pre-commit'), /^pushgate hook pre-commit .*# pushgate\n$/);
    assert.equal(repo.read('.gitattributes'), 'known-slow.jsonc merge=union\n.husky/* text eol=lf\n');
    assert.match(io.out(), /^✔ 3 tests in .*, coverage 71\.4 % of lines\.\n/);
    assert.match(io.out(), /create +pushgate\.jsonc +floor 70\.9 % of lines, budget 120 s\n/);
    assert.match(io.out(), /→ npm install {3}installs husky and pushgate, and switches the hooks on\n/);

    const second = await runInit(repo);
    assert.equal(second.code, 0);
    assert.deepEqual(changed(after, filesOf(repo)), []);
    assert.match(second.io.out(), /^pushgate\.jsonc is there and stays as it is\.\n\nEverything was set up already/);
  });

  it('names what switches the hooks on where an install runs no scripts', async (t) => {
    const { io } = await runInit(await aRepo(t, { '.npmrc': 'ignore-scripts=true\n' }));
    assert.match(io.out(), /→ npm install {3}installs husky and pushgate\n {2}→ npm run prepare {3}switches the hooks on\n/);
  });

  it('leaves a script of the same name, and says what it does instead', async (t) => {
    const repo = await aRepo(t, { 'package.json': { type: 'module', scripts: { test: 'node --test', check: 'tsc' } } });
    const { io } = await runInit(repo, { hooks: 'none' });
    assert.equal(JSON.parse(repo.read('package.json')).scripts.check, 'tsc');
    assert.match(io.out(), /^! scripts\.check of package\.json is another and stays: npx pushgate check does what it would have done\.$/m);
  });

  it('takes over what c8 holds, unless it does not hold here', async (t) => {
    const scripts = (limit: number): Files => ({
      'package.json': { type: 'module', scripts: { test: `c8 --check-coverage --lines ${limit} node --test` } },
    });
    const held = await aRepo(t, scripts(60));
    await runInit(held, { hooks: 'none' });
    assert.equal(loadConfig(held.dir).origins.get('coverage.floor')?.kind, 'default');
    assert.match(held.read('pushgate.jsonc'), /The limits of coverage are those of c8 in scripts\.test\./);
    const missed = await aRepo(t, scripts(90));
    const { io } = await runInit(missed, { hooks: 'none' });
    assert.deepEqual(loadConfig(missed.dir).config.coverage.floor, { lines: 70.9 });
    assert.match(
      io.out(),
      /^! The limits of c8 in scripts\.test do not hold: 71\.4 % of lines \(90 %\)\. pushgate\.jsonc starts with a floor/m,
    );
  });

  it('keeps what c8 holds of what tests load: what a build made is left out, and by name what c8 never counted', async (t) => {
    const whole = 'export function sum(a, b) {\n  return a + b;\n}\n';
    const repo = await aRepo(t, {
      'package.json': { type: 'module', scripts: { test: 'node build.js && c8 --100 node --test' } },
      '.gitignore': 'node_modules\npkg/*/out\n',
      'build.js':
        "import { cpSync } from 'node:fs';\nfor (const name of ['a', 'b']) cpSync('pkg/a/dev', `pkg/${name}/out`, { recursive: true });\n",
      'src/sum.js': null,
      'pkg/a/dev/sum.js': whole,
      'pkg/b/dev/[x].js': '/* c8 ignore start */\nexport const x = 1;\n'.replace('/*', 'export const y = 1;\n/*'),
      'test/sum.test.js': testFile("import { sum } from '../pkg/a/dev/sum.js';\ntest('adds', () => assert.equal(sum(1, 2), 3));"),
    });
    const { io } = await runInit(repo, { hooks: 'none' });
    assert.match(io.out(), /coverage 100\.0 % of lines\.\n/);
    assert.doesNotMatch(io.out(), /do not hold/);
    assert.match(io.out(), /^ℹ Runs before the tests, neither timed nor measured: `node build\.js`\.$/m);
    const { config, origins } = loadConfig(repo.dir);
    assert.equal(origins.get('coverage.floor')?.kind, 'default', 'that of c8 stays');
    assert.deepEqual(config.coverage.include, ['pkg/**']);
    assert.deepEqual(config.coverage.exclude.slice(-2), ['pkg/*/out/**', 'pkg/b/dev/?x?.js']);
    assert.ok(config.coverage.exclude.includes('**/*.d.ts'), 'what was left out already stays so');
    repo.write({ 'pkg/b/dev/new.js': whole });
    const { code, stdout } = await runCli(['check'], { cwd: repo.dir, env: repo.env });
    assert.equal(code, 1, 'what is new counts');
    assert.match(stdout, /pkg\/b\/dev\/new\.js/);
  });

  it('finds the sources of a project without a src folder, and what a push has to be judged for', async (t) => {
    const repo = await aRepo(t, {
      'src/sum.js': null,
      'lib/sum.js': 'export function sum(a, b) {\n  return a + b;\n}\n',
      'tools/release.js': 'process.exit(1);\n',
      'spec/sum.js': testFile("import { sum } from '../lib/sum.js';\ntest('adds', () => assert.equal(sum(1, 2), 3));"),
      'test/sum.test.js': null,
      'package.json': { type: 'module', scripts: { test: 'node --test spec/sum.js' } },
      'pnpm-lock.yaml': 'lockfileVersion: 9\n',
    });
    const { code, io } = await runInit(repo);
    assert.equal(code, 0, io.err());
    const { coverage, push } = loadConfig(repo.dir).config;
    assert.deepEqual(coverage.include, ['lib/**']);
    assert.deepEqual(coverage.floor, { lines: 99.5 });
    assert.deepEqual(
      push.triggers,
      [...DEFAULTS.triggers, 'known-slow.jsonc', 'lib/**', 'spec/**'].filter((glob, index, all) => all.indexOf(glob) === index),
    );
    assert.match(io.out(), /coverage 100\.0 % of lines/);
    assert.match(repo.read('.husky/pre-push'), /pnpm install here/);
    assert.match(io.out(), /→ pnpm install /);
  });

  it('writes down slow tests, a longer budget, and keeps the allowlist that is there', async (t) => {
    const known = '{\n  // ours\n  "tests": [\n    { "file": "test/a.test.js", "name": "a", "reason": "b", "ceiling": "15s" },\n  ],\n}\n';
    const repo = await aRepo(t, { 'known-slow.jsonc': known });
    const slow = aTest({ file: 'test/sum.test.js', name: 'it "waits" > long', durationMs: 12_800 });
    const starting = await startingFiles(await aScene(repo), await measuredOf(repo, { slow: [slow], wallMs: 141_000 }));
    const files = new Map(starting.changes.map(({ path, after }) => [basename(path), after]));
    for (const { path, after } of starting.changes) writeFileSync(path, after);
    const [first, second] = loadKnownSlow(repo.dir, 'known-slow.jsonc').entries;
    assert.equal(first?.reason, 'b');
    assert.deepEqual([second?.name, second?.reason, second?.ceilingMs], [slow.name, 'slow when pushgate was set up: 12.8 s', 16_000]);
    assert.match(files.get('known-slow.jsonc') ?? '', /^\{\n {2}\/\/ ours\n/);
    const { budgetMs, idealMs } = loadConfig(repo.dir).config.suite;
    assert.deepEqual([budgetMs, idealMs], [170_000, 170_000]);
    assert.match(files.get('pushgate.jsonc') ?? '', /The suite took 141\.0 s; up to a fifth more is allowed until .* 120s\./);
  });

  it('warns of no suite that takes what it took', async (t) => {
    const repo = await aRepo(t);
    for (const [wallMs, ideal] of [
      [59_000, null],
      [72_000, '90s'],
      [110_000, '120s'],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one project
      const { changes } = await startingFiles(await aScene(repo), await measuredOf(repo, { slow: [], wallMs }));
      const text = changes.find(({ path }) => basename(path) === 'pushgate.jsonc')?.after ?? '';
      assert.equal(/"ideal": "(\w+)"/.exec(text)?.[1] ?? null, ideal);
      assert.doesNotMatch(text, /"budget"/);
      assert.equal(text.includes('up to a fifth more needs no warning until it fits into the default of 60s.'), ideal !== null);
    }
  });

  it('asks on a terminal only, once, and writes nothing without a yes', async (t) => {
    const repo = await aRepo(t, { 'pushgate.jsonc': { coverage: { floor: 50 } } });
    const before = filesOf(repo);
    const questions: string[] = [];
    const answering = (answer: string | null): Partial<Io> => ({ ask: async (question) => (questions.push(question), answer) });
    for (const answer of ['n', 'no', 'what?', null]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, in one project
      const { code, io } = await runInit(repo, {}, answering(answer));
      assert.equal(code, 0);
      assert.match(io.out(), /create +\.husky\/pre-push[^]*\nNothing was written\.\n$/);
      assert.deepEqual(changed(before, filesOf(repo)), []);
    }
    assert.deepEqual([...new Set(questions)], ['Write these files? [Y/n] ']);
    assert.equal(questions.length, 4);
    await runInit(repo, { yes: true }, answering('n'));
    await runInit(repo, {}, answering('n'));
    assert.equal(questions.length, 4);
    assert.equal(changed(before, filesOf(repo)).length, 4);
  });

  it('shows the differences of a dry run and writes none of them', async (t) => {
    const repo = await aRepo(t, { '.gitattributes': '* text=auto' });
    const before = filesOf(repo);
    const { code, io } = await runInit(repo, { dryRun: true });
    assert.equal(code, 0);
    assert.deepEqual(changed(before, filesOf(repo)), []);
    assert.ok(!existsSync(join(repo.dir, '.git/pushgate')));
    assert.match(io.out(), /\n--- \/dev\/null\n\+\+\+ b\/pushgate\.jsonc\n[^]*\n\+ {4}"floor": 70\.9,\n/);
    assert.match(io.out(), /\n--- a\/package\.json\n\+\+\+ b\/package\.json\n[^]*\n\+ {4}"check": "pushgate check",\n/);
    assert.match(io.out(), /\n\+known-slow\.jsonc merge=union\n/);
    assert.equal(io.err(), 'Nothing was written: this was a dry run.\n');
  });

  it('prints a dry run as a patch: git applies it, and what it makes is what init writes', async (t) => {
    const scripts = { test: 'node --test', prepare: 'echo built' };
    const json = JSON.stringify({ type: 'module', scripts }, null, '\t').replaceAll('\n', '\r\n');
    const repo = await aRepo(t, { 'package.json': json, '.gitattributes': '* -text', '.husky/pre-commit': 'lint-staged' });
    await repo.commit('Start');
    const { io } = await runInit(repo, { dryRun: true });
    writeFileSync(join(repo.temp, 'patch'), io.out());
    const applied = await repo.git('apply', join(repo.temp, 'patch'));
    assert.equal(applied.code, 0, applied.stderr);
    const patched = filesOf(repo);
    await repo.git('reset', '-q', '--hard');
    await repo.git('clean', '-qfd');
    assert.equal((await runInit(repo)).code, 0);
    assert.deepEqual(changed(patched, filesOf(repo)), []);
  });
});

describe('pushgate init writes nothing', () => {
  const cases: readonly { name: string; files: Files; code: number; says: RegExp }[] = [
    {
      name: 'on tests that fail',
      files: { 'test/bad.test.js': testFile("test('fails', () => assert.fail('no'));") },
      code: 1,
      says: /A test fail[^]*run pushgate init again\. \(exit 1\)/,
    },
    { name: 'without a test', files: { 'test/sum.test.js': '' }, code: 3, says: /No test ran[^]*\(exit 3\)/ },
    {
      name: 'without a source that ran',
      files: { 'test/sum.test.js': testFile("test('x', () => {});"), 'src/sum.js': null, 'src/sum.txt': '' },
      code: 3,
      says: /No source file matches coverage\.include/,
    },
  ];
  for (const { name, files, code: expected, says } of cases) {
    it(name, async (t) => {
      const repo = await aRepo(t, files);
      const before = filesOf(repo);
      const { code, io } = await runInit(repo);
      assert.equal(code, expected, io.out());
      assert.match(io.out(), says);
      assert.match(io.err(), /Nothing was written: pushgate is set up on a suite that passes\.\n$/);
      assert.deepEqual(changed(before, filesOf(repo)), []);
    });
  }

  const refused: readonly { name: string; files: Files; says: RegExp }[] = [
    { name: 'with a configuration that is wrong', files: { 'pushgate.jsonc': '{"x":1}' }, says: /pushgate\.jsonc:1:2/ },
    { name: 'with another test runner', files: { 'package.json': { scripts: { test: 'jest' } } }, says: /The tests run with jest/ },
    { name: 'with a package.json that is no JSON', files: { 'package.json': '{' }, says: /is not JSON/ },
  ];
  for (const { name, files, says } of refused) {
    it(name, async (t) => {
      const repo = await aRepo(t, files);
      const before = filesOf(repo);
      await assert.rejects(runInit(repo), (error: PushgateError) => error.exitCode === 2 && says.test(error.message));
      assert.deepEqual(changed(before, filesOf(repo)), []);
    });
  }

  it('outside a git repository', async (t) => {
    const project = aBareProject(t);
    await assert.rejects(
      runInit(project),
      (error: PushgateError) => error.exitCode === 2 && /not the work tree of a git repository/.test(error.message),
    );
  });
});

describe('what is there stays:', () => {
  /** A project that is set up but for its hooks, so that no suite has to run. */
  const aSetUpRepo = (t: TestContext, change: Files = {}): Promise<TempRepo> =>
    aRepo(t, { 'pushgate.jsonc': { coverage: { floor: 50 } }, ...change });
  const packageOf = (repo: TempProject): { scripts: Record<string, string>; devDependencies?: Record<string, string> } =>
    JSON.parse(repo.read('package.json'));
  const twice = async (repo: TempRepo, options: InitOptions = {}): Promise<CapturedIo> => {
    const first = await runInit(repo, options);
    const after = filesOf(repo);
    await runInit(repo, options);
    assert.deepEqual(changed(after, filesOf(repo)), []);
    return first.io;
  };

  it('scripts, packages, attributes and the layout of package.json', async (t) => {
    const text =
      '\uFEFF{\r\n\t"name": "x", "type": "module",\r\n\t"files": ["a", "b"],\r\n\t"scripts": { "test": "node --test", "check": "tsc", "prepare": "npm run build" },\r\n\t"devDependencies": { "husky": "^9.0.0", "tsx": "4" }\r\n}';
    const repo = await aSetUpRepo(t, {
      'package.json': text,
      '.gitattributes': '.husky/** text\n/known-slow.jsonc  merge=union\n.husky/* -text eol=crlf',
    });
    await twice(repo);
    assert.equal(
      repo.read('package.json'),
      text
        .replace('"npm run build" }', '"npm run build && (husky || true)", "audit:perf": "pushgate audit" }')
        .replace('"^9.0.0", "tsx"', `"^9.0.0", "pushgate": "^${version()}", "tsx"`),
    );
    assert.equal(repo.read('.gitattributes'), '.husky/** text\n/known-slow.jsonc  merge=union\n.husky/* -text eol=crlf');
  });

  it("husky's hooks, with a line added to them", async (t) => {
    const repo = await aSetUpRepo(t, { '.husky/pre-push': 'npm run lint', '.husky/pre-commit': '#!/bin/sh\nlint-staged\nexit 0\n' });
    await twice(repo);
    assert.match(repo.read('.husky/pre-push'), /^npm run lint\npushgate hook pre-push "\$@" .*# pushgate\n$/);
    assert.match(repo.read('.husky/pre-commit'), /^#!\/bin\/sh\npushgate hook pre-commit .*# pushgate\nlint-staged\nexit 0\n$/);
  });

  it('hooks in .git/hooks, which husky would switch off', async (t) => {
    const repo = await aSetUpRepo(t);
    repo.write({ '.git/hooks/pre-push': '#!/bin/sh\ngit lfs pre-push "$@"\n', '.git/hooks/post-merge': '#!/bin/sh\n' });
    for (const name of ['pre-push', 'post-merge']) chmodSync(join(repo.dir, '.git/hooks', name), 0o755);
    const io = await twice(repo);
    assert.match(
      repo.read('.git/hooks/pre-push'),
      /^#!\/bin\/sh\n.*pushgate hook pre-push "\$@"\) <&3 .*# pushgate\ngit lfs pre-push "\$@"\n$/,
    );
    assert.match(
      repo.read('.git/hooks/pre-commit'),
      /^#!\/bin\/sh\n\(PATH="\$PWD\/node_modules\/\.bin:\$PATH"; pushgate hook pre-commit\) .*# pushgate\n$/,
    );
    assert.equal(statSync(join(repo.dir, '.git/hooks/pre-commit')).mode & 0o111, 0o111);
    assert.ok(!existsSync(join(repo.dir, '.husky')));
    assert.equal(packageOf(repo).scripts['prepare'], undefined);
    assert.match(io.out(), /of this clone only/);
    const asked = await runInit(repo, { hooks: 'husky' });
    assert.match(asked.io.out(), /no longer starts \.git\/hooks; \.husky\/post-merge does, in every clone that has one/);
    assert.match(repo.read('.husky/post-merge'), /^\[ ! -x .*\/hooks\/post-merge" "\$@" \|\| exit \$\?\n$/);
  });

  it('a hook in another language, and one that sleeps', async (t) => {
    const repo = await aSetUpRepo(t);
    repo.write({ '.git/hooks/pre-push': '#!/usr/bin/env python3\nprint(1)\n', '.git/hooks/pre-commit': 'npm test\n' });
    const io = await twice(repo, { hooks: 'git' });
    assert.equal(repo.read('.git/hooks/pre-push'), '#!/usr/bin/env python3\nprint(1)\n');
    assert.match(io.out(), /pre-push is no shell script; have it start what this line does:\n {2}\(PATH=.*# pushgate\n/);
    assert.match(io.out(), /! chmod \+x .*pre-commit {3}so that git starts it/);
    assert.equal(statSync(join(repo.dir, '.git/hooks/pre-commit')).mode & 0o111, 0);
  });

  it('a core.hooksPath of somebody else', async (t) => {
    const repo = await aSetUpRepo(t, { '.githooks/pre-push': '#!/bin/sh\nnpm test\n' });
    await repo.git('config', 'core.hooksPath', '.githooks');
    for (const hooks of [undefined, 'husky', 'git'] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, in one project
      const io = await twice(repo, { hooks });
      assert.match(
        io.out(),
        /! Git's hooks come from \.githooks \(core\.hooksPath\), which stays as it is\.\n! Add this line to \.githooks\/pre-push:\n {2}\(PATH=.*pushgate hook pre-push/,
      );
      assert.match(
        io.out(),
        /! Make \.githooks\/pre-commit, executable, of these lines:\n {2}#!\/bin\/sh\n {2}\(PATH=.*pushgate hook pre-commit/,
      );
      assert.match(io.out(), /\n! git push does not start pushgate until what is shown above is added\.\n$/);
      assert.doesNotMatch(io.out(), /is set up/);
    }
    assert.equal(repo.read('.githooks/pre-push'), '#!/bin/sh\nnpm test\n');
    assert.equal((await repo.git('config', 'core.hooksPath')).stdout, '.githooks\n');
    assert.equal(packageOf(repo).scripts['prepare'], undefined);
    assert.ok(!existsSync(join(repo.dir, '.husky')));
  });

  it('a core.hooksPath of somebody else whose hook reads what is pushed: the line is for its head, and hands that on', async (t) => {
    const repo = await aSetUpRepo(t, { '.githooks/pre-push': '#!/bin/sh\nwhile read -r ref; do :; done\n' });
    await repo.git('config', 'core.hooksPath', '.githooks');
    const io = await twice(repo);
    assert.match(
      io.out(),
      /! Add this line at the head of \.githooks\/pre-push, below #!, .*:\n {2}pushed=\$\(mktemp\) .*pushgate hook pre-push "\$@"\) <&3 /,
    );
  });

  it('the configuration of lefthook, with the hooks added to it or printed', async (t) => {
    const free = await aSetUpRepo(t, { 'lefthook.yml': 'commit-msg:\n  jobs: []' });
    await twice(free);
    assert.equal(
      free.read('lefthook.yml'),
      'commit-msg:\n  jobs: []\n\n# pushgate\npre-push:\n  commands:\n    pushgate:\n      run: node_modules/.bin/pushgate hook pre-push {1}\n      use_stdin: true\n' +
        'pre-commit:\n  commands:\n    pushgate:\n      run: node_modules/.bin/pushgate hook pre-commit\n',
    );
    assert.ok(!existsSync(join(free.dir, '.husky')));
    const taken = await aSetUpRepo(t, { 'lefthook.yml': 'pre-push:\n  jobs: []\n' });
    const io = await twice(taken);
    assert.equal(taken.read('lefthook.yml'), 'pre-push:\n  jobs: []\n');
    assert.match(io.out(), /! lefthook\.yml has hooks of its own; add to it:\n {2}pre-push:\n {4}commands:\n/);
    const none = await aSetUpRepo(t);
    assert.match((await twice(none, { hooks: 'lefthook' })).out(), /! There is no lefthook\.yml; add to it:|! There is no lefthook\.yml/);
  });

  it('the configuration of other tools, with what to add printed', async (t) => {
    const repo = await aSetUpRepo(t, { '.pre-commit-config.yaml': 'repos: []\n' });
    const io = await twice(repo);
    assert.match(
      io.out(),
      /written by pre-commit \(\.pre-commit-config\.yaml\); add to it:\n {2}pre-push: {2}node_modules\/\.bin\/pushgate check\n/,
    );
    assert.ok(!existsSync(join(repo.dir, '.husky')));
  });

  it('nothing of hooks when none are asked for', async (t) => {
    const repo = await aSetUpRepo(t);
    await twice(repo, { hooks: 'none' });
    assert.ok(!existsSync(join(repo.dir, '.husky')));
    assert.deepEqual(Object.keys(packageOf(repo).devDependencies ?? {}), ['pushgate']);
  });

  it('the prepare script that Yarn would not run: husky starts after an install', async (t) => {
    const repo = await aSetUpRepo(t, {
      'package.json': {
        private: true,
        type: 'module',
        packageManager: 'yarn@4.1.0',
        scripts: { test: 'node --test', prepare: 'tsc', postinstall: 'node x.js' },
      },
    });
    await twice(repo);
    const { scripts } = packageOf(repo);
    assert.deepEqual([scripts['prepare'], scripts['postinstall']], ['tsc', 'node x.js && (husky || true)']);
  });

  it('the top of a checkout, when the project is a folder in it', async (t) => {
    const project = aBareProject(t, { 'package.json': { private: true } });
    const repo = await makeRepo(project);
    repo.write({
      'packages/a/package.json': { name: 'a', type: 'module', scripts: { test: 'node --test' } },
      'packages/a/pushgate.jsonc': { coverage: { floor: 50 } },
    });
    const a = { ...repo, dir: join(repo.dir, 'packages/a') };
    await runInit(a);
    const after = filesOf(repo);
    await runInit(a);
    assert.deepEqual(changed(after, filesOf(repo)), []);
    assert.match(repo.read('packages/a/.husky/pre-push'), /cd 'packages\/a' && pushgate hook pre-push "\$@"\)/);
    assert.equal(JSON.parse(repo.read('packages/a/package.json')).scripts.prepare, 'cd ../.. && husky packages/a/.husky || true');
    assert.equal(repo.read('packages/a/.gitattributes'), 'known-slow.jsonc merge=union\n.husky/* text eol=lf\n');
    assert.deepEqual(JSON.parse(repo.read('package.json')), { private: true });
  });
});

async function aScene(repo: TempRepo): Promise<Scene> {
  const repository = await openRepository(repo.dir, childEnv(repo.env));
  const checkout = repository && (await checkoutOf(repository));
  assert.ok(checkout);
  return sceneOf(repo.dir, checkout);
}

async function measuredOf(repo: TempRepo, facts: { slow: readonly Test[]; wallMs: number }): Promise<Measured> {
  const { project, plan } = await openSuite(anIo(repo.dir, { env: childEnv(repo.env) }), {});
  const run = aRun([], { wallMs: facts.wallMs });
  const slow = facts.slow.map((test) => {
    const limits = { durationMs: test.durationMs, limitMs: 10_000, confirmed: true, knownEntries: 1, allowlist: 'known-slow.jsonc' };
    return { code: 'new-slow-test' as const, severity: 'error' as const, test, ...limits };
  });
  return { project, plan, run, slow, skipsWithoutReason: 0 };
}
