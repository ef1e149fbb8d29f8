import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedPaths, changesBetween } from '../../src/commands/push/changes.ts';
import { PushgateError } from '../../src/model/error.ts';
import { basesOf, tipsOf } from '../../src/commands/push/tips.ts';
import { isTrigger } from '../../src/commands/push/touched.ts';
import { matcher } from '../../src/formats/globs.ts';
import { openRepository } from '../../src/system/repository.ts';
import { childEnv } from '../support/child-env.ts';
import { makeRepo, projectFor } from '../support/repo.ts';

const ZERO = '0'.repeat(40);

test('files right above a project trigger by their names, others by their paths', () => {
  const triggers = matcher(['src/**', 'package-lock.json', '../shared/**']);
  for (const path of [
    'src/a.js',
    'src/a/.b.js',
    'package-lock.json',
    '../package-lock.json',
    '../../package-lock.json',
    '../shared/x.js',
  ]) {
    assert.ok(isTrigger(path, triggers), path);
  }
  for (const path of ['README.md', '../src/a.js', '../other/package-lock.json', 'x/package-lock.json'])
    assert.ok(!isTrigger(path, triggers), path);
});

test('what changed between commits, whatever git is set to: renames by both names, submodules, odd names, a folder below the top', async (t) => {
  const repo = await makeRepo(projectFor(t, { 'p/old.js': '1\n2\n3\n4\n5\n6\n7\n8\n', 'ä "b"\n.js': '1', gone: 'x' }));
  await repo.commit('First');
  const base = (await repo.git('rev-parse', 'HEAD')).stdout.trim();
  await repo.git('mv', 'p/old.js', 'p/new.js');
  await repo.git('rm', '-q', 'gone');
  repo.write({ 'p/new.js': '1\nTWO\n3\n4\n5\n6\nSEVEN\n8\n', 'ä "b"\n.js': '2' });
  await repo.git('add', '--all');
  await repo.git('update-index', '--add', '--cacheinfo', `160000,${base},vendored`);
  await repo.git('commit', '-qm', 'Second');
  const settings = { interHunkContext: 10, context: 9, relative: true, noprefix: true, ignoreSubmodules: 'all', renames: false };
  for (const [name, value] of Object.entries(settings)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await repo.git('config', `diff.${name}`, String(value));
  }
  const found = await openRepository(repo.dir, childEnv(repo.env));
  assert.ok(found);
  const changed = await changedPaths(found, base, 'HEAD');
  assert.deepEqual(
    changed?.map(({ path, isNewOrGone }) => `${isNewOrGone ? '±' : '~'} ${path}`).toSorted(),
    ['~ ä "b"\n.js', '± .gitmodules', '± gone', '± p/new.js', '± p/old.js'].toSorted(),
  );
  assert.equal(await changedPaths(found, '1'.repeat(40), 'HEAD'), null, 'a base that is not there');
  const { files } = await changesBetween(found, base, 'HEAD', 'p');
  assert.deepEqual(
    files,
    new Map([
      [
        'new.js',
        [
          [2, 2],
          [7, 7],
        ],
      ],
      ['../ä "b"\n.js', [[1, 1]]],
    ]),
  );
  assert.equal((await changesBetween(found, null, 'HEAD', '')).files, null);
});

test('the tips of a push by their trees, and what each is compared with', async (t) => {
  const repo = await makeRepo(projectFor(t, { a: '1' }));
  await repo.commit('First');
  const oid = async (revision: string): Promise<string> => (await repo.git('rev-parse', revision)).stdout.trim();
  const first = await oid('HEAD');
  await repo.git('push', '-q', 'origin', 'main');
  await repo.git('commit', '-q', '--allow-empty', '-m', 'Second');
  await repo.git('tag', '-a', '-m', 'x', 'tagged');
  const [second, tag, blob] = [await oid('HEAD'), await oid('tagged'), await oid('HEAD:a')];
  const found = await openRepository(repo.dir, childEnv(repo.env));
  assert.ok(found);
  const ref = (localOid: string, index: number) => ({ localRef: 'x', localOid, remoteRef: `refs/heads/b${index}`, remoteOid: ZERO });
  const refs = [second, tag, blob, first].map(ref);
  const tips = await tipsOf(found, refs);
  assert.deepEqual(
    tips.map(({ commit, branches }) => [commit, branches]),
    [[second, ['b0', 'b1', 'b3']]],
    'one tree; a tag of a commit counts, a blob does not',
  );
  const isUnproven = (error: unknown): boolean => error instanceof PushgateError && error.exitCode === 3;
  await assert.rejects(tipsOf(found, [...refs, ref('1'.repeat(40), 4)]), isUnproven, 'what is not there');
  const silent = { ...found, run: async () => ({ code: 128, signal: null, stdout: Buffer.from(''), stderr: '' }) };
  await assert.rejects(tipsOf(silent as unknown as typeof found, refs), isUnproven, 'a git that fails');
  const [tip] = tips;
  assert.ok(tip);
  assert.deepEqual(await basesOf(found, 'origin', tip), [first], 'where it left the branches of the remote');
  for (const remote of ['elsewhere', 'https://user:token@localhost/x', '../x', '--all']) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    assert.deepEqual(await basesOf(found, remote, tip), [null], remote);
  }
  assert.deepEqual(await basesOf(found, 'origin', { ...tip, remoteOids: [second, '1'.repeat(40)] }), [second, first]);
});
