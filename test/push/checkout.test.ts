import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCheckout, treeOf } from '../../src/commands/push/checkout.ts';
import { DEFAULTS } from '../../src/config/defaults.ts';
import { openRepository } from '../../src/system/repository.ts';
import { childEnv } from '../support/child-env.ts';
import { makeRepo, projectFor, type Files, type TempRepo } from '../support/repo.ts';

const FILES: Files = { '.gitignore': 'node_modules/\npackage-lock.json\nignored*\ndist/\n', 'src/sum.js': 'export const sum = 1;\n' };

describe('a checkout is the commit of its HEAD', () => {
  const cases: readonly { name: string; change: (repo: TempRepo) => unknown; differs?: RegExp; hidden?: RegExp }[] = [
    { name: 'when nothing was changed', change: () => {} },
    {
      name: 'beside what an install or a build leaves, and a lock file that git ignores',
      change: (repo) => repo.write({ 'node_modules/a/index.js': '', 'package-lock.json': {}, 'dist/a.js': '', 'ignored.log': '' }),
    },
    {
      name: 'not with a change that is not committed',
      change: (repo) => repo.write({ 'src/sum.js': '' }),
      differs: /^src\/sum\.js is not committed as it is$/,
    },
    { name: 'not with a file that was never added', change: (repo) => repo.write({ 'src/add.js': '' }), differs: /^src\/add\.js is not/ },
    {
      name: 'not beside a source that git ignores',
      change: (repo) => repo.write({ 'src/ignored-add.js': '' }),
      hidden: /^src\/ignored-add\.js is there, which git ignores$/,
    },
    {
      name: 'not with a file that git was told not to look at',
      change: async (repo) => {
        await repo.git('update-index', '--assume-unchanged', 'src/sum.js');
        repo.write({ 'src/sum.js': '' });
      },
      hidden: /^git does not look at src\/sum\.js$/,
    },
  ];
  for (const { name, change, differs, hidden } of cases) {
    it(name, async (t) => {
      const repo = await makeRepo(projectFor(t, FILES));
      await repo.commit('First');
      await change(repo);
      const opened = await openRepository(repo.dir, childEnv(repo.env));
      const checkout = opened && (await readCheckout(opened, '', DEFAULTS.triggers));
      assert.ok(checkout);
      for (const [said, expected] of [
        [checkout.differs, differs],
        [checkout.hidden, hidden],
      ] as const) {
        if (expected === undefined) assert.equal(said, null);
        else assert.match(said ?? '', expected);
      }
      const committed = (await repo.git('rev-parse', 'HEAD^{tree}')).stdout.trim();
      const tree = await treeOf(opened, checkout);
      if (hidden !== undefined) assert.equal(tree, null);
      else assert.equal(tree === committed, differs === undefined);
    });
  }

  it('and before the first commit there is none', async (t) => {
    const repo = await makeRepo(projectFor(t, FILES));
    const opened = await openRepository(repo.dir, childEnv(repo.env));
    const checkout = opened && (await readCheckout(opened, '', DEFAULTS.triggers));
    assert.deepEqual([checkout?.head, checkout?.tree], [null, null]);
  });
});
