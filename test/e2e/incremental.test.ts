import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { runCli, runJson } from '../support/cli.ts';
import { FLAVOURS } from '../support/edits.ts';
import { holdLaw } from '../support/incremental-law.ts';
import { testFile } from '../support/projects.ts';
import { aPushRepo } from '../support/pushes.ts';
import { makeRepo, projectFor, type Files, type TempRepo } from '../support/repo.ts';

const at = `const at = (path) => new URL(path, import.meta.url);`;

const ONE_TEST = testFile(`import { one } from '../src/one.js';\ntest('one', () => assert.equal(one(1), 1));`);

/** Every test file depends on something else. */
const PROJECT: Files = {
  'package.json': { name: 'example', private: true, type: 'module', scripts: { test: 'node --test' } },
  'pushgate.jsonc': { coverage: { floor: 10 }, run: { env: ['STAGE'], always: ['test/always.test.js'] } },
  'src/one.js': 'export const one = (x) => (x ? 1 : 2);\n',
  'src/two.js': 'export const two = (x) => (x ? 1 : 2);\n',
  'src/cli.js':
    "import { readFileSync } from 'node:fs';\nconsole.log(readFileSync(new URL('../data/template.txt', import.meta.url), 'utf8'));\n",
  'src/found.cjs': 'module.exports = 1;\n',
  'data/fixture.json': '{ "x": 1 }',
  'data/template.txt': 'hello',
  'data/list/a.txt': 'a',
  'test/always.test.js': testFile(`test('always', () => {});`),
  'test/env.test.js': testFile(`test('env', () => assert.notEqual(process.env.STAGE, 'x'));`),
  'test/fixture.test.js': testFile(
    `import { readFile } from 'node:fs/promises';\n${at}\ntest('fixture', async () => assert.ok(JSON.parse(await readFile(at('../data/fixture.json'), 'utf8')).x));`,
  ),
  'test/list.test.js': testFile(
    `import { readdirSync } from 'node:fs';\n${at}\ntest('list', () => assert.ok(readdirSync(at('../data/list')).length));`,
  ),
  'test/missing.test.js': testFile(
    `import { existsSync } from 'node:fs';\n${at}\ntest('missing', () => void existsSync(at('../data/missing')));`,
  ),
  'test/one.test.js': ONE_TEST,
  'test/shadow.test.js': testFile(
    `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\ntest('shadow', () => assert.ok(require('./shadow')));`,
  ),
  'test/shadow/index.json': '1',
  'test/version.test.js': testFile(
    `import manifest from '../package.json' with { type: 'json' };\ntest('version', () => assert.equal(manifest.name, 'example'));`,
  ),
  'test/cli.test.js': testFile(
    `import { execFileSync } from 'node:child_process';\nimport { fileURLToPath } from 'node:url';\n${at}\ntest('cli', () => assert.ok(execFileSync('node', [fileURLToPath(at('../src/cli.js'))])));`,
  ),
};

/** Which test files ran again, the ones that always do aside. */
async function ranAgain(repo: TempRepo, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const ended = await runCli(['check', '--no-stamp', '--why', '--no-color'], { cwd: repo.dir, env: { ...repo.env, ...env } });
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  const files = [...ended.stdout.matchAll(/^ {2}test\/([\w-]+)\.test\.js: /gm)].map(([, name]) => name ?? '');
  return files.filter((name) => name !== 'always');
}

/** Only the module and its test, where what depends on what is not the question. */
const SMALLER: Files = Object.fromEntries(
  ['package.json', 'pushgate.jsonc', 'src/one.js', 'test/one.test.js'].map((path) => [path, PROJECT[path] ?? null]),
);

/** Changes made at once, and the test files that run again for them: all others stay, so each is known to touch no more than its own. */
const CHANGES: readonly (readonly [what: string, changes: Readonly<Record<string, string>>, again: readonly string[]])[] = [
  [
    'a module, one nobody loads, a fixture read with fs/promises, a file in a folder that is listed',
    {
      'src/one.js': 'export const one = (x) => (x ? 1 : 3);\n',
      'src/two.js': 'export const two = 2;\n',
      'data/fixture.json': '{ "x": 2 }',
      'data/list/b.txt': 'b',
    },
    ['fixture', 'list', 'one'],
  ],
  [
    'a template read by a child process, a file that was looked for, an index that shadows, a twin of a test file, a package.json that is read',
    {
      'package.json': JSON.stringify({ ...(PROJECT['package.json'] as object), description: 'Another one' }),
      'data/template.txt': 'hello again',
      'data/missing': '',
      'test/shadow/index.js': 'export default 2;\n',
      'test/twin.test.js': ONE_TEST,
    },
    ['cli', 'missing', 'shadow', 'twin', 'version'],
  ],
];

describe('an incremental run', () => {
  for (const [what, changes, again] of CHANGES) {
    it(`runs exactly the test files again that depend on what changed: ${what}`, async (t) => {
      const repo = await aRepo(t, PROJECT);
      assert.deepEqual(await ranAgain(repo), [], 'everything ran, nothing again');
      repo.write(changes);
      assert.deepEqual(await ranAgain(repo), again);
    });
  }

  it('runs nothing again when nothing changed, and what reads a variable of run.env when that did', async (t) => {
    const repo = await aRepo(t, { ...SMALLER, 'test/env.test.js': PROJECT['test/env.test.js'] ?? null });
    await ranAgain(repo);
    assert.deepEqual(await ranAgain(repo), [], 'nothing');
    assert.deepEqual(await ranAgain(repo, { STAGE: 'y' }), ['env']);
  });

  it('runs everything again when a fixture changed that is a package, with a version that is read', async (t) => {
    const path = 'test/fixture/node_modules/dep/package.json';
    const found = testFile(
      `import { readFileSync } from 'node:fs';\n${at}\ntest('found ' + JSON.parse(readFileSync(at('fixture/node_modules/dep/package.json'))).version, () => {});`,
    );
    const repo = await aRepo(t, { ...SMALLER, [path]: '{ "version": "1.0.0" }', 'test/found.test.js': found });
    assert.match(JSON.stringify((await runJson(['check'], { cwd: repo.dir, env: repo.env })).report.tests), /found 1\.0\.0/);
    repo.write({ [path]: '{ "version": "2.0.0" }' });
    const ended = await runJson(['check', '--verify'], { cwd: repo.dir, env: repo.env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(JSON.stringify(ended.report.tests), /found 2\.0\.0/);
  });

  it('is the full run, on generated projects and edits', async () => {
    // As they are or bundled; compiling takes too long here.
    let seed = (Date.now() % 300_000) * FLAVOURS.length + (Date.now() % 2) * 2;
    // An edit of what everything depends on holds the law too, but shows little of it: then the next project.
    let { reused } = await holdLaw(seed, 1);
    for (let tries = 1; reused === 0 && tries < 4; tries += 1) {
      seed += FLAVOURS.length;
      // oxlint-disable-next-line no-await-in-loop -- until one shows something
      ({ reused } = await holdLaw(seed, 1));
    }
    assert.ok(reused > 0, `up to seed ${seed}: nothing was reused`);
  });

  it('says why when everything runs again, and nothing when nothing was kept', async (t) => {
    const repo = await aRepo(t, SMALLER);
    const run = async (): Promise<string> => (await runCli(['check', '--no-color'], { cwd: repo.dir, env: repo.env })).stdout;
    assert.doesNotMatch(await run(), /ran again/);
    repo.write({ 'tsconfig.json': {} });
    assert.match(await run(), /1 of 1 test file ran again:\n {2}test\/one\.test\.js: a package\.json or a compiler configuration changed/);
    repo.write({ 'pushgate.jsonc': { coverage: { floor: 11 }, run: { env: ['STAGE'], always: ['x'] } } });
    assert.match(await run(), /all of them reused/, 'limits are judged anew, and nothing runs for it');
    repo.write({ 'pushgate.jsonc': { coverage: { floor: 10 }, run: { env: ['STAGE', 'MODE'] } } });
    assert.match(await run(), /1 of 1 test file ran again:\n {2}test\/one\.test\.js: run\.env or run\.trustSubprocess changed/);
  });

  it('is none in a push when the last full run was near the budget', async (t) => {
    const repo = await aPushRepo(t);
    const policy = { ...JSON.parse(repo.read('pushgate.jsonc')), suite: { budget: '100s' } };
    repo.write({ 'pushgate.jsonc': policy });
    await repo.commit('Set a budget');
    await repo.git('push', '-q', 'origin', 'main');
    const path = join(repo.dir, '.git/pushgate/runs/index.json');
    const setLastFull = (ms: number): void => {
      const [, head = '', ...tests] = readFileSync(path, 'utf8').split('\n');
      const index = JSON.parse(head) as { lastFull: [string, number, unknown] };
      index.lastFull[1] = ms;
      const text = [JSON.stringify(index), ...tests].join('\n');
      writeFileSync(path, `${crc32(text)}\n${text}`);
    };
    const pushed = async (lastFullMs: number): Promise<string> => {
      setLastFull(lastFullMs);
      repo.write({ 'src/more.js': `export const more = ${lastFullMs};\n` });
      await repo.commit('More');
      const { code, stderr } = await repo.git('push', 'origin', 'main');
      assert.equal(code, 0, stderr);
      return stderr;
    };
    assert.match(await pushed(91_000), /^ℹ The last full run was near the budget: every test file has run\.$/m);
    assert.match(await pushed(89_000), /^ℹ No test file of \d+ had to run again/m);
    // What check only projects is no pass for a push.
    setLastFull(91_000);
    repo.write({ 'src/more.js': 'export const more = 0;\n' });
    await repo.commit('Less');
    const check = await runCli(['check'], { cwd: repo.dir, env: repo.env });
    assert.deepEqual([check.code, /\[suite-budget\]/.test(check.stdout)], [0, true]);
    const push = await repo.git('push', 'origin', 'main');
    assert.match(push.stderr, /every test file has run/);
    assert.doesNotMatch(push.stderr, /already verified/);
    // But what failed is measured again in full, in a push and by hand.
    repo.write({ 'pushgate.jsonc': { ...policy, suite: { budget: '1ms', ideal: null } } });
    for (const full of ['--full', '--no-stamp']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const over = await runCli(['check', full], { cwd: repo.dir, env: repo.env });
      assert.deepEqual([over.code, over.stderr.includes('The last full run was over the budget')], [1, full === '--no-stamp']);
    }
  });

  it('is one only where it is sound: not in CI, and not after a failure', async (t) => {
    const failing = testFile(`import { existsSync } from 'node:fs';\ntest('fails', () => assert.ok(existsSync(process.env.FLAG ?? '')));`);
    const repo = await aRepo(t, { ...SMALLER, 'test/fails.test.js': failing });
    const options = { cwd: repo.dir, env: repo.env };
    assert.equal((await runJson(['check'], options)).code, 1);
    const again = await runJson(['check', '--why'], { cwd: repo.dir, env: { ...repo.env, FLAG: repo.dir } });
    assert.deepEqual([again.code, again.report.run.mode], [0, 'incremental'], 'what failed runs again, though no file changed');
    const ci = await runJson(['check', '--no-stamp'], { cwd: repo.dir, env: { ...repo.env, CI: '1', FLAG: repo.dir } });
    assert.equal(ci.report.run.mode, 'full');
  });
});

describe('what is kept and cannot be used', () => {
  it('is told once, costs a full run, and is made anew', async (t) => {
    const repo = await aRepo(t, SMALLER);
    const options = { cwd: repo.dir, env: repo.env };
    await runJson(['check'], options);
    const dir = join(repo.dir, '.git/pushgate/runs');
    const raw = (): string[] => readdirSync(dir).filter((name) => name.startsWith('raw-'));
    const flip = (path: string): void =>
      writeFileSync(
        path,
        readFileSync(path).map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
      );
    for (const [what, damage] of [
      ['cut off', () => truncateSync(join(dir, 'index.json'), 100)],
      ['nothing of ours', () => writeFileSync(join(dir, 'index.json'), 'x')],
      ['one digit', () => writeFileSync(join(dir, 'index.json'), readFileSync(join(dir, 'index.json'), 'utf8').replace(/:\d/, ':9'))],
      ['one bit of the coverage', () => raw().forEach((name) => flip(join(dir, name)))],
    ] as const) {
      damage();
      repo.write({ 'src/extra.js': `export const extra = ${what.length};\n` });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const ended = await runJson(['check', '--no-stamp'], options);
      assert.deepEqual([ended.code, ended.report.run.mode], [0, 'full'], what);
      assert.equal(ended.stderr.match(/^! /gm)?.length, 1, ended.stderr);
    }
    for (const name of raw()) rmSync(join(dir, name));
    repo.write({ 'src/one.js': 'export const one = (x) => (x ? 1 : 3);\n' });
    const ended = await runJson(['check'], options);
    assert.deepEqual([ended.code, ended.report.run['reusedFiles']], [0, 0]);
  });

  it('is found out by --verify, and by a sample', async (t) => {
    // Reads through a program that is trusted not to read: nothing of it is seen.
    const hidden = testFile(
      `import { execFileSync } from 'node:child_process';\ntest('sees ' + execFileSync('cat', ['data/hidden.txt'], { encoding: 'utf8' }), () => {});`,
    );
    const repo = await aRepo(t, {
      ...SMALLER,
      'pushgate.jsonc': { coverage: { floor: 10 }, run: { trustSubprocess: ['cat'] } },
      'test/hidden.test.js': hidden,
      'data/hidden.txt': 'one',
    });
    const options = { cwd: repo.dir, env: repo.env };
    await runJson(['check'], options);
    const agreed = await runJson(['check', '--verify', '--why'], options);
    assert.match(agreed.stderr, /ℹ Verified: both runs agree in \d+ outcomes? and in every counter of \d+ sources?\.\n/);
    assert.equal(agreed.code, 0);
    assert.match(agreed.stderr, /^No test file of \d+ had to run again\.$/m);
    repo.write({ 'data/hidden.txt': 'two' });
    assert.match(JSON.stringify((await runJson(['check'], options)).report.tests), /sees one/, 'planted: it is not seen');
    const sampled = await runJson(['check', '--no-stamp', '--verify-sample', '99'], options);
    assert.equal(sampled.report.run.mode, 'full');
    assert.match(
      sampled.stderr,
      /^ℹ test\/hidden\.test\.js came out otherwise, .*: test\/hidden\.test\.js {2}sees one is passed in one and missing/m,
    );
    assert.match(JSON.stringify(sampled.report.tests), /sees two/);
    repo.write({ 'data/hidden.txt': 'three' });
    const verified = await runJson(['check', '--verify'], options);
    assert.equal(verified.code, 3);
    assert.match(verified.report.error?.message ?? '', /^The incremental run is not the full one: .*hidden\.test\.js/);
    assert.equal((await runJson(['check', '--no-stamp'], options)).report.run.mode, 'full');
    repo.write({ 'test/hidden.test.js': testFile('test(`at ${process.hrtime.bigint()}`, () => {});') });
    assert.equal((await runJson(['check'], options)).code, 0);
    const chance = await runJson(['check', '--verify'], options);
    assert.equal(chance.code, 3);
    assert.match(chance.report.error?.message ?? '', /^Two full runs are not the same: .*hidden\.test\.js/);
    assert.equal((await runJson(['check', '--no-stamp'], options)).report.run.mode, 'incremental', 'what is kept stays');
  });

  it('holds for a linked source, and for the same content under another name', async (t) => {
    const repo = await aRepo(t, { ...SMALLER, 'lib/real.js': 'export const real = 1;\n', 'lib/other.js': 'export const real = 2;\n' });
    symlinkSync('../lib/real.js', join(repo.dir, 'src/link.js'));
    repo.write({ 'test/link.test.js': testFile(`import { real } from '../src/link.js';\ntest('is ' + real, () => {});`) });
    await repo.commit('Link a source');
    const options = { cwd: repo.dir, env: repo.env };
    assert.match(JSON.stringify((await runJson(['check'], options)).report.tests), /is 1/);
    rmSync(join(repo.dir, 'src/link.js'));
    symlinkSync('../lib/other.js', join(repo.dir, 'src/link.js'));
    assert.match(JSON.stringify((await runJson(['check'], options)).report.tests), /is 2/);
  });
});

async function aRepo(t: Parameters<typeof projectFor>[0], files: Files): Promise<TempRepo> {
  const repo = await makeRepo(projectFor(t, files));
  await repo.commit('Begin');
  return repo;
}
