import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { linkModules } from '../../src/system/modules.ts';

/** A work tree and an empty copy. Texts are files, `-> x` a link to x. */
function trees(t: TestContext, entries: Record<string, string>, folders: readonly string[] = ['']): { from: string; to: string } {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'pushgate-test-')));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const [from, to] = [join(home, 'from'), join(home, 'to')];
  for (const folder of folders) mkdirSync(join(to, folder), { recursive: true });
  for (const [path, content] of Object.entries(entries)) {
    mkdirSync(dirname(join(from, path)), { recursive: true });
    if (content.startsWith('-> ')) symlinkSync(content.slice(3).replace('FROM', from), join(from, path));
    else writeFileSync(join(from, path), content);
  }
  linkModules(from, to, folders);
  return { from, to };
}

test('packages lead where they are installed, those of the repository into the copy', (t) => {
  const { from, to } = trees(t, {
    'node_modules/dep/index.js': 'dep',
    'node_modules/@scope/dep/index.js': 'scoped',
    'node_modules/own': '-> ../packages/own',
    'node_modules/@scope/own': '-> ../../packages/own',
    'node_modules/absolute': '-> FROM/packages/own',
    'packages/own/index.js': 'dirty',
  });
  const real = (path: string): string => realpathSync(join(to, 'node_modules', path));
  assert.equal(real('dep'), join(from, 'node_modules/dep'));
  assert.equal(real('@scope/dep'), join(from, 'node_modules/@scope/dep'));
  mkdirSync(join(to, 'packages/own'), { recursive: true });
  writeFileSync(join(to, 'packages/own/index.js'), 'committed');
  for (const name of ['own', '@scope/own', 'absolute']) {
    assert.equal(readFileSync(join(to, 'node_modules', name, 'index.js'), 'utf8'), 'committed', name);
  }
});

test('the store of pnpm is shared, caches are not', (t) => {
  const { from, to } = trees(t, {
    'node_modules/.pnpm/dep@1/node_modules/dep/index.js': 'dep',
    'node_modules/dep': '-> .pnpm/dep@1/node_modules/dep',
    'node_modules/.cache/x': 'x',
    'node_modules/.vite/x': 'x',
    'node_modules/.modules.yaml': 'notes',
  });
  assert.equal(realpathSync(join(to, 'node_modules/dep')), join(from, 'node_modules/.pnpm/dep@1/node_modules/dep'));
  assert.deepEqual(readdirSync(join(to, 'node_modules')).toSorted(), ['.modules.yaml', '.pnpm', 'dep']);
  writeFileSync(join(to, 'node_modules/.modules.yaml'), 'changed');
  assert.equal(readFileSync(join(from, 'node_modules/.modules.yaml'), 'utf8'), 'notes');
});

test('commands run, those of the repository from the copy', (t) => {
  const { from, to } = trees(t, {
    'node_modules/dep/cli.js': 'dep',
    'node_modules/.bin/dep': '-> ../dep/cli.js',
    'node_modules/.bin/shim': 'a shell script',
    'node_modules/own': '-> ../packages/own',
    'node_modules/.bin/own': '-> ../own/cli.js',
    'packages/own/cli.js': 'dirty',
  });
  mkdirSync(join(to, 'packages/own'), { recursive: true });
  writeFileSync(join(to, 'packages/own/cli.js'), 'committed');
  const read = (name: string): string => readFileSync(join(to, 'node_modules/.bin', name), 'utf8');
  assert.deepEqual([read('dep'), read('shim'), read('own')], ['dep', 'a shell script', 'committed']);
  rmSync(join(to, 'node_modules'), { recursive: true });
  assert.equal(readFileSync(join(from, 'node_modules/dep/cli.js'), 'utf8'), 'dep', 'removing the copy removes links only');
});

test('every folder with packages of its own, and what the commit holds itself is left', (t) => {
  const { to } = trees(t, { 'packages/a/node_modules/dep/index.js': 'nested', 'packages/gone/node_modules/dep/index.js': 'x' }, [
    '',
    'packages/a',
  ]);
  assert.equal(readFileSync(join(to, 'packages/a/node_modules/dep/index.js'), 'utf8'), 'nested');
  assert.deepEqual(readdirSync(join(to, 'packages')), ['a']);
  const again = trees(t, { 'node_modules/dep/index.js': 'installed' });
  linkModules(again.from, again.to, ['']);
  assert.deepEqual(readdirSync(join(again.to, 'node_modules')), ['dep']);
});
