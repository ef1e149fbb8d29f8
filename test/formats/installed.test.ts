import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedPackages, isInstalled, isInstalledByPnpm } from '../../src/formats/installed.ts';

const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages });

test('the same version at every place is installed', () => {
  const asked = lock({ '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/a/node_modules/b': { version: '2.0.0' } });
  assert.equal(isInstalled(asked, asked), true);
  assert.equal(isInstalled(asked, lock({ 'node_modules/a': { version: '1.0.0' } })), false, 'one is missing');
  assert.equal(isInstalled(asked, asked.replace('2.0.0', '2.0.1')), false, 'another version');
});

test('optional packages may be missing, links lead to folders of the repository', () => {
  const asked = lock({
    'node_modules/o': { version: '1', optional: true },
    'packages/w': { version: '1' },
    'node_modules/w': { link: true, resolved: 'packages/w' },
  });
  assert.equal(isInstalled(asked, lock({ 'node_modules/w': { link: true } })), true);
  assert.equal(isInstalled(asked, lock({ 'node_modules/w': { version: '1' } })), false, 'a copy in the place of a link');
  assert.equal(isInstalled(asked, lock({ 'node_modules/w': { link: true }, 'node_modules/o': { version: '2' } })), false);
});

test('what cannot be read decides nothing', () => {
  for (const text of ['', '{', 'null', '{}', '{"packages":null}', '{"dependencies":{}}'])
    assert.equal(isInstalled(text, lock({})), null, text);
  assert.equal(isInstalled(lock({ 'node_modules/constructor': { version: '1' } }), lock({})), false);
});

test('what a package asks for does not depend on where it says so, or in which order', () => {
  assert.equal(
    askedPackages('{"dependencies":{"a":"1","b":"2"}}'),
    askedPackages('{"devDependencies":{"b":"2"},"dependencies":{"a":"1"}}'),
  );
  assert.notEqual(askedPackages('{"dependencies":{"a":"1"}}'), askedPackages('{"dependencies":{"a":"2"}}'));
  assert.equal(askedPackages('{}'), askedPackages(null));
  assert.equal(askedPackages('{'), null);
});

const pnpmLock = (...keys: string[]): string =>
  `lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\npackages:\n\n${keys.map((key) => `  ${key}:\n    resolution: {integrity: x}\n`).join('\n')}\nsnapshots:\n\n  left@9.9.9: {}\n`;

test('what pnpm installed is in the lock file, package by package', () => {
  assert.equal(isInstalledByPnpm(pnpmLock('a@1.0.0', "'@b/c@2.0.0'"), pnpmLock("'@b/c@2.0.0'", '/a@1.0.0')), true);
  assert.equal(isInstalledByPnpm(pnpmLock('a@1.1.0'), pnpmLock('a@1.0.0')), false);
  assert.equal(isInstalledByPnpm(pnpmLock('a@1.0.0', 'for-another-platform@1.0.0'), pnpmLock('a@1.0.0')), true);
  assert.equal(isInstalledByPnpm(pnpmLock(), pnpmLock('a@1.0.0')), null);
  assert.equal(isInstalledByPnpm(pnpmLock('a@1.0.0').replaceAll('\n', '\r\n'), pnpmLock('a@1.0.0')), true);
});
