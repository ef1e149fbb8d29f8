import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { testFile } from '../support/projects.ts';
import { aPushRepo, installHook, runHook, runsIn, type PushRepo } from '../support/pushes.ts';
import { runCommand } from '../support/processes.ts';

const BROKEN = 'export const sum = (a, b) => a - b;\n';
const WORKS = 'export const sum = (a, b) => a + b;\n';

/** Pushes, and holds the user's repository to be what it was before. */
async function pushes(repo: PushRepo, ...args: string[]) {
  const before = await repo.fingerprint();
  const ended = await repo.git('push', 'origin', ...args);
  assert.equal(await repo.fingerprint(), before, 'the repository is as it was');
  return ended;
}

describe('the pushed commit is judged, not the work tree', () => {
  it('stops a broken commit that an uncommitted fix hides', async (t) => {
    const repo = await aPushRepo(t, { 'src/sum.js': BROKEN });
    repo.write({ 'src/sum.js': WORKS });
    const ended = await pushes(repo, 'main');
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /in a private copy: src\/sum\.js is not committed as it is/);
    assert.match(ended.stderr, /\[test-failed\]/);
  });

  it('stops a commit that needs a file git ignores, and says which is missing', async (t) => {
    const repo = await aPushRepo(t, { 'src/sum.js': "export { sum } from './ignored-add.js';\n" });
    repo.write({ 'src/ignored-add.js': WORKS });
    const ended = await pushes(repo, 'main');
    assert.notEqual(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /src\/ignored-add\.js is there, which git ignores/);
    assert.match(ended.stderr, /What failed names src\/ignored-add\.js, which is not in the private copy: git ignores it\./);
    assert.match(ended.stderr, /"push": \{ "prepare":/);
  });

  it('judges another branch than the one checked out, by its own policy, whatever lies beside it; and uses the copy again', async (t) => {
    const repo = await aPushRepo(t);
    await repo.git('checkout', '-q', '-b', 'other');
    repo.write({ 'src/sum.js': BROKEN, 'pushgate.jsonc': { coverage: { floor: 40 } } });
    await repo.commit('Break sums');
    await repo.git('checkout', '-q', 'main');
    repo.write({ 'src/sum.js': BROKEN, 'test/half-done.test.js': testFile("test('x', () => assert.fail());") });
    await repo.git('add', 'src/sum.js');
    const broken = await pushes(repo, 'other');
    assert.equal(broken.code, 1, broken.stderr);
    assert.match(broken.stderr, /in a private copy: it is not what is checked out/);
    assert.match(broken.stderr, /floor 40 %/);
    const good = await pushes(repo, 'main');
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stderr, /in a private copy: src\/sum\.js and 1 more are not committed as they are/);
    assert.match(good.stderr, /✔ 1 test in .* \(floor 50 %\)/);
    const [folder = ''] = readdirSync(join(repo.cache, 'pushgate'));
    assert.deepEqual(readdirSync(join(repo.cache, 'pushgate', folder)), ['wt-0']);
  });

  it('judges again, apart, when the files change while the suite runs in place', async (t) => {
    const writes =
      "import { writeFileSync } from 'node:fs';\ntest('writes', () => writeFileSync('src/sum.js', '// changed\\n', { flag: 'a' }));";
    const repo = await aPushRepo(t, { 'test/writes.test.js': testFile(writes) });
    const ended = await repo.git('push', 'origin', 'main');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /The work tree changed while the suite ran \(src\/sum\.js is not committed as it is\): judging again/);
    assert.equal(runsIn(ended), 1, 'only the verdict that counts is shown');
  });

  it('never isolates when told so, and then says why it cannot judge', async (t) => {
    const repo = await aPushRepo(t, { 'pushgate.jsonc': { push: { isolate: 'never' }, coverage: { floor: 50 } } });
    repo.write({ 'src/sum.js': WORKS });
    const ended = await pushes(repo, 'main');
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /cannot be judged in the work tree: src\/sum\.js is not committed as it is/);
    assert.match(ended.stderr, /\(exit 3\)/);
  });
});

describe('packages in a private copy', () => {
  it('are linked one by one, those of the repository itself into the copy', async (t) => {
    const uses = "import { part } from '@team/part';\nimport { dep } from 'dep';\ntest('uses', () => assert.equal(part + dep, 3));";
    const repo = await aPushRepo(t, {
      'package.json': { name: 'example', type: 'module', workspaces: ['packages/*'], scripts: { test: 'node --test test/*.test.js' } },
      'packages/part/package.json': { name: '@team/part', type: 'module', exports: './index.js' },
      'packages/part/index.js': 'export const part = 1;\n',
      'test/uses.test.js': testFile(uses),
      'node_modules/dep/package.json': { name: 'dep', type: 'module', exports: './index.js' },
      'node_modules/dep/index.js': 'export const dep = 2;\n',
    });
    mkdirSync(join(repo.dir, 'node_modules/@team'));
    symlinkSync('../../packages/part', join(repo.dir, 'node_modules/@team/part'));
    repo.write({ 'packages/part/index.js': 'export const part = 100;\n' });
    const ended = await pushes(repo, 'main');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /in a private copy: packages\/part\/index\.js is not committed/);
  });

  it('have to be those of the lock file, or be prepared', async (t) => {
    const lock = (version: string) => ({ lockfileVersion: 3, packages: { '': {}, 'node_modules/dep': { version } } });
    const repo = await aPushRepo(t, {
      'package.json': { name: 'example', type: 'module', scripts: { test: 'node --test' }, dependencies: { dep: '1' } },
      'package-lock.json': lock('1.0.1'),
      'node_modules/.package-lock.json': lock('1.0.0'),
      'node_modules/dep/index.js': '',
    });
    const stopped = await pushes(repo, 'main');
    assert.equal(stopped.code, 1, stopped.stderr);
    assert.match(stopped.stderr, /✖ The installed packages are not those that package-lock\.json asks for in [0-9a-f]{7}\./);
    assert.match(stopped.stderr, /→ npm ci {3}installs them/);
    assert.match(stopped.stderr, /\(exit 3\)/);

    repo.write({ 'pushgate.jsonc': { coverage: { floor: 50 }, push: { prepare: 'echo made > made-by-prepare && false' } } });
    await repo.commit('Prepare');
    const failed = await pushes(repo, 'main');
    assert.match(failed.stderr, /push\.prepare ended with 1 in the private copy/);
    repo.write({
      'pushgate.jsonc': { coverage: { floor: 50 }, push: { prepare: 'echo 1 > ignored-build' } },
      'test/needs.test.js': testFile(
        "import { existsSync } from 'node:fs';\ntest('is built', () => assert.ok(existsSync('ignored-build')));",
      ),
    });
    await repo.commit('Prepare well');
    const prepared = await pushes(repo, 'main');
    assert.equal(prepared.code, 0, prepared.stderr);
  });
});

describe('other layouts', () => {
  it('a linked worktree stays whole while tests use git of their own', async (t) => {
    const commits = `import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
test('commits elsewhere', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'fixture-'));
  const git = (...args) => execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@localhost', ...args], { cwd });
  git('init', '-q');
  writeFileSync(join(cwd, 'a'), 'a');
  git('add', '.');
  git('commit', '-q', '-m', 'fixture');
});`;
    const repo = await aPushRepo(t, { 'test/commits.test.js': testFile(commits) });
    const linked = join(repo.dir, '../linked');
    await repo.git('worktree', 'add', '-q', '-b', 'side', linked);
    const inLinked = (...args: string[]) => runCommand('git', args, { cwd: linked, env: repo.env });
    const before = await repo.fingerprint();
    const clean = await inLinked('push', 'origin', 'side');
    assert.equal(clean.code, 0, clean.stderr);
    assert.doesNotMatch(clean.stderr, /private copy/);
    assert.equal(await repo.fingerprint(), before);
    await runCommand('sh', ['-c', 'echo "// dirt" >> src/sum.js; git commit -q --allow-empty -m next'], { cwd: linked, env: repo.env });
    const dirty = await inLinked('push', 'origin', 'HEAD:refs/heads/other');
    assert.equal(dirty.code, 0, dirty.stderr);
    const status = await inLinked('status', '--porcelain');
    assert.equal(status.stdout, ' M src/sum.js\n');
    assert.equal((await repo.git('config', 'core.bare')).stdout, 'false\n');
  });

  it('two pushes at once are independent', async (t) => {
    const repo = await aPushRepo(t, {
      'test/slow.test.js': testFile("test('takes a while', () => new Promise((done) => setTimeout(done, 600)));"),
    });
    await repo.git('checkout', '-q', '-b', 'other');
    repo.write({ 'src/sum.js': BROKEN });
    await repo.commit('Break sums');
    await repo.git('checkout', '-q', 'HEAD~1');
    repo.write({ 'untracked.txt': 'x' });
    const before = await repo.fingerprint();
    const [good, bad] = await Promise.all([repo.git('push', 'origin', 'main'), repo.git('push', 'origin', 'other')]);
    assert.equal(good.code, 0, good.stderr);
    assert.equal(bad.code, 1, bad.stderr);
    assert.equal(await repo.fingerprint(), before);
  });

  it('one push whose hook git starts twice at once passes, in place and apart', async (t) => {
    const repo = await aPushRepo(t);
    const line = `refs/heads/main ${await repo.oid('HEAD')} refs/heads/main ${'0'.repeat(40)}\n`;
    const twice = async () => {
      const before = await repo.fingerprint();
      // What git hands over lies in a file of each.
      const ended = await Promise.all([repo.temp, dirname(repo.dir)].map((temp) => runHook({ ...repo, temp }, line)));
      assert.equal(await repo.fingerprint(), before);
      return ended;
    };
    const inPlace = await twice();
    rmSync(join(repo.dir, '.git/pushgate'), { recursive: true });
    repo.write({ 'src/sum.js': '// unfinished\n' });
    const apart = await twice();
    for (const { code, stderr } of [...inPlace, ...apart]) {
      assert.equal(code, 0, stderr);
      assert.match(stderr, /✔ 1 test in .*coverage 71\.4 %/);
    }
    assert.match((await runHook(repo, line)).stderr, /✔ already verified/);
  });

  it('a bare repository, a submodule and a project below the top', async (t) => {
    const inner = {
      'package.json': { name: 'inner', type: 'module', scripts: { test: 'node --test' } },
      'pushgate.jsonc': { coverage: { floor: 50 } },
    };
    const repo = await aPushRepo(t, { 'README.md': 'x' });
    const bare = join(repo.dir, '../bare.git');
    await repo.git('clone', '-q', '--bare', repo.dir, bare);
    installHook(bare);
    const fromBare = await runCommand('git', ['push', repo.remote, 'main'], { cwd: bare, env: repo.env });
    assert.equal(fromBare.code, 0, fromBare.stderr);
    assert.match(fromBare.stderr, /in a private copy: the repository has no work tree/);
    assert.equal(runsIn(fromBare), 1);

    await repo.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', bare, 'vendor/sums');
    repo.write({
      'test/uses.test.js': testFile(
        "import { sum } from '../vendor/sums/src/sum.js';\ntest('vendored', () => assert.equal(sum(1, 1), 2));",
      ),
    });
    await repo.commit('Use a submodule');
    repo.write({ 'src/sum.js': BROKEN });
    const withSubmodule = await pushes(repo, 'main');
    assert.equal(withSubmodule.code, 0, withSubmodule.stderr);

    const below = Object.fromEntries(Object.entries(inner).map(([path, content]) => [`packages/inner/${path}`, content]));
    repo.write({
      ...below,
      'packages/inner/src/a.js': WORKS,
      'packages/inner/test/a.test.js': testFile("import { sum } from '../src/a.js';\ntest('a', () => assert.equal(sum(1, 1), 2));"),
    });
    await repo.git('checkout', '-q', 'src/sum.js');
    await repo.commit('Add a package');
    const hook = join(repo.dir, '.git/hooks/pre-push');
    const script = readFileSync(hook, 'utf8').replace('exec', 'cd packages/inner\nexec');
    await runCommand('sh', ['-c', 'printf %s "$1" > "$2"', 'sh', script, hook], { cwd: repo.dir });
    repo.write({ 'packages/inner/src/a.js': BROKEN });
    const nested = await pushes(repo, 'main');
    assert.equal(nested.code, 0, nested.stderr);
    assert.match(nested.stderr, /✔ 1 test in .*coverage 100/);
  });
});
