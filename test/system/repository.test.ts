import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openRepository, type Repository } from '../../src/system/repository.ts';
import { listRepoFiles } from '../../src/system/repo-files.ts';
import { readWorkTree, treeOfFiles } from '../../src/system/work-tree.ts';
import { openPrivateCopy } from '../../src/system/worktree.ts';
import { makeRepo, projectFor, type Files, type TempRepo } from '../support/repo.ts';
import { childEnv } from '../support/child-env.ts';

async function aRepo(t: TestContext, files: Files): Promise<{ repo: TempRepo; open: (cwd?: string, env?: object) => Promise<Repository> }> {
  const repo = await makeRepo(projectFor(t, files));
  await repo.commit('First');
  const open = async (cwd = repo.dir, env: object = {}): Promise<Repository> => {
    const found = await openRepository(cwd, { ...childEnv(repo.env), ...env });
    assert.ok(found);
    return found;
  };
  return { repo, open };
}

test('a repository is found as the hook says, and then named whatever is exported', async (t) => {
  const { repo, open } = await aRepo(t, { 'a/b.txt': 'x' });
  const gitDir = join(repo.dir, '.git');
  for (const [cwd, env] of [
    [repo.dir, {}],
    [join(repo.dir, 'a'), {}],
    [repo.dir, { GIT_DIR: '.git', GIT_INDEX_FILE: '/nowhere', GIT_PREFIX: 'a/' }],
    [join(repo.dir, 'a'), { GIT_DIR: gitDir }],
  ] as const) {
    const found = await open(cwd, env);
    assert.deepEqual([found.gitDir, found.commonDir, found.top], [gitDir, gitDir, repo.dir], JSON.stringify([cwd, env]));
    assert.equal(await found.git('ls-files'), 'a/b.txt');
  }
  const linked = join(repo.dir, '../linked');
  await repo.git('worktree', 'add', '-q', linked);
  mkdirSync(join(linked, 'sub'));
  const fromLinked = await open(join(linked, 'sub'), { GIT_DIR: join(gitDir, 'worktrees/linked') });
  assert.deepEqual([fromLinked.commonDir, fromLinked.top], [gitDir, realpathSync(linked)]);
  const bare = await open(repo.remote, { GIT_DIR: '.' });
  assert.equal(bare.top, null);
  assert.equal(await openRepository(repo.temp, { ...childEnv(repo.env), GIT_CEILING_DIRECTORIES: repo.temp }), null);
});

test('the state of a checkout is read under every odd name', async (t) => {
  const { repo, open } = await aRepo(t, { '.gitignore': 'ign*\n', 'a b': '1', 'old\nname': '2', hidden: '3' });
  await repo.git('mv', 'old\nname', 'new\tname');
  repo.write({ 'a b': '11', ü: 'x', 'ign/x': 'x', 'ignored file': 'x' });
  await repo.git('update-index', '--assume-unchanged', 'hidden');
  const tree = await readWorkTree(await open());
  assert.deepEqual(tree?.changed.toSorted(), ['a b', 'new\tname', 'ü']);
  assert.deepEqual(tree?.ignored.toSorted(), ['ign/', 'ignored file']);
  assert.deepEqual(tree?.unwatched, ['hidden']);
});

test('the tree of the files is that of a commit of them, and is left nowhere', async (t) => {
  const { repo, open } = await aRepo(t, { 'staged.txt': '1', 'changed.txt': '1', 'gone.txt': '1', '.gitignore': 'ign\n' });
  repo.write({ 'staged.txt': '2' });
  await repo.git('add', 'staged.txt');
  repo.write({ 'changed.txt': '2', 'untracked.txt': 'x', ign: 'x' });
  rmSync(join(repo.dir, 'gone.txt'));
  const objects = (): string[] => readdirSync(join(repo.dir, '.git/objects'), { recursive: true }).map(String).toSorted();
  const before = objects();
  const tree = await treeOfFiles(await open());
  assert.deepEqual(objects(), before);
  await repo.commit('Everything');
  assert.equal(tree, (await repo.git('rev-parse', 'HEAD^{tree}')).stdout.trim());
});

test('the tree of the files holds what was changed in the second of the index, to the same size', async (t) => {
  const { repo, open } = await aRepo(t, { 'a.txt': '1' });
  const nextSecond = (): Promise<void> => setTimeout(1_010 - (Date.now() % 1_000));
  await nextSecond();
  repo.write({ 'a.txt': '2' });
  await repo.git('add', 'a.txt');
  repo.write({ 'a.txt': '3' });
  await nextSecond();
  const tree = await treeOfFiles(await open());
  await repo.commit('Everything');
  assert.equal((await repo.git('show', 'HEAD:a.txt')).stdout, '3');
  assert.equal(tree, (await repo.git('rev-parse', 'HEAD^{tree}')).stdout.trim());
});

test('a private copy that was damaged is made anew, and moves no branch', async (t) => {
  const { repo, open } = await aRepo(t, { 'a.txt': '1' });
  const outer = process.env['XDG_CACHE_HOME'];
  process.env['XDG_CACHE_HOME'] = join(repo.dir, '../cache');
  t.after(() => {
    if (outer === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = outer;
  });
  const found = await open();
  const head = (await repo.git('rev-parse', 'HEAD')).stdout.trim();
  const branches = async (): Promise<string> => (await repo.git('for-each-ref')).stdout;
  const first = await openPrivateCopy(found, head);
  const second = await openPrivateCopy(found, head);
  assert.notEqual(first.dir, second.dir, 'one slot each');
  second.release();
  first.release();
  await repo.git('-C', first.dir, 'checkout', '-q', '-b', 'made-by-a-test');
  await repo.git('commit', '-q', '--allow-empty', '-m', 'Next');
  const next = (await repo.git('rev-parse', 'HEAD')).stdout.trim();
  const before = await branches();
  for (const harm of [
    () => {},
    () => rmSync(join(first.dir, '.git')),
    () => rmSync(first.dir, { recursive: true }),
    () => rmSync(join(repo.dir, '.git/worktrees'), { recursive: true }),
    () => mkdirSync(join(first.dir, 'left/over'), { recursive: true }),
  ]) {
    harm();
    // oxlint-disable-next-line no-await-in-loop -- one damage after the other
    const copy = await openPrivateCopy(found, next);
    assert.equal(copy.dir, first.dir);
    assert.ok(existsSync(join(copy.dir, 'a.txt')) && !existsSync(join(copy.dir, 'left')));
    // oxlint-disable-next-line no-await-in-loop -- as above
    assert.equal((await repo.git('-C', copy.dir, 'rev-parse', 'HEAD')).stdout.trim(), next);
    copy.release();
  }
  assert.equal(await branches(), before);
});

test('the files of a repository are listed under every odd name, with those that are not as the index has them', async (t) => {
  const { repo, open } = await aRepo(t, {
    'same.txt': '1',
    'touched.txt': '1',
    'changed\there.txt': '1',
    'gone.txt': '1',
    'assumed.txt': '1',
    'skipped.txt': '1',
    '.gitignore': 'ign\n',
  });
  symlinkSync('same.txt', join(repo.dir, 'link'));
  await repo.commit('A link');
  await repo.git('update-index', '--assume-unchanged', 'assumed.txt');
  await repo.git('update-index', '--skip-worktree', 'skipped.txt');
  const before = await listRepoFiles(await open());
  assert.deepEqual(before?.unstaged, ['assumed.txt', 'skipped.txt']);
  repo.write({ 'changed\there.txt': '2', '? new\nname': 'x', ign: 'x' });
  utimesSync(join(repo.dir, 'touched.txt'), 1, 1);
  rmSync(join(repo.dir, 'gone.txt'));
  const files = await listRepoFiles(await open());
  assert.deepEqual(files?.unstaged, ['? new\nname', 'assumed.txt', 'changed\there.txt', 'gone.txt', 'skipped.txt']);
  assert.deepEqual(files.names.toSorted(), [...before.names, '? new\nname'].toSorted());
  assert.deepEqual(files.links, ['link']);
  assert.equal(files.index, before.index);
  await repo.git('add', 'changed\there.txt');
  const staged = await listRepoFiles(await open());
  assert.ok(!staged?.unstaged.includes('changed\there.txt'));
  assert.notEqual(staged?.index, before.index);
});

test('what is changed inside a submodule counts, and an unfinished merge cannot be told', async (t) => {
  const { repo, open } = await aRepo(t, { 'a.txt': '1' });
  const inner = join(repo.dir, 'inner');
  await repo.git('init', '--quiet', 'inner');
  repo.write({ 'inner/b.txt': '1' });
  await repo.git('-C', inner, 'add', 'b.txt');
  await repo.git('-C', inner, '-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '--quiet', '-m', 'Inner');
  await repo.commit('A submodule');
  assert.deepEqual((await listRepoFiles(await open()))?.unstaged, []);
  repo.write({ 'inner/b.txt': '2' });
  assert.deepEqual((await listRepoFiles(await open()))?.unstaged, ['inner']);
  await repo.git('checkout', '--quiet', '-b', 'other');
  repo.write({ 'a.txt': '2' });
  await repo.git('commit', '--quiet', '-am', 'Other');
  await repo.git('checkout', '--quiet', '-');
  repo.write({ 'a.txt': '3' });
  await repo.git('commit', '--quiet', '-am', 'This');
  assert.notEqual((await repo.git('merge', 'other')).code, 0);
  assert.equal(await listRepoFiles(await open()), null);
});
