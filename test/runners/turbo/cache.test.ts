import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { nodeName, openCache } from '../../../src/runners/node-test/turbo/cache.ts';
import { isInstalled, keysOf } from '../../../src/runners/node-test/turbo/keys.ts';
import { prune } from '../../../src/runners/node-test/turbo/prune.ts';
import { openSession } from '../../../src/runners/node-test/turbo/session.ts';
import { coverageOf } from './project.ts';
import { installedIn, noteState, readState } from '../../../src/runners/node-test/turbo/state.ts';

function aFolder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'pushgate-test-cache-')));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  write(dir, files);
  return dir;
}

function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

const urlOf = (...path: string[]): string => pathToFileURL(join(...path)).href;

test('keys are those of Node: a CommonJS module by its path, an ES module by its url', () => {
  // As Node 22.23, 24.21 and 26.10 named the files of these modules.
  assert.equal(keysOf('file:///tmp/h/tw/exp/node_modules/dep/index.js')[0], 'd3466a2e');
  assert.equal(keysOf('file:///tmp/h/tw/exp/node_modules/esmdep/index.js')[1], '9cb11ac0');
  assert.deepEqual(keysOf('node:fs'), []);
});

test('only what stands below node_modules once links are followed is installed', (t) => {
  const dir = aFolder(t, { 'packages/own/index.js': '', 'node_modules/dep/index.js': '', 'elsewhere/node_modules/.store/x/index.js': '' });
  symlinkSync('../packages/own', join(dir, 'node_modules/own'));
  symlinkSync('../elsewhere/node_modules/.store/x', join(dir, 'node_modules/x'));
  const paths = [
    'node_modules/dep/index.js',
    'node_modules/x/index.js',
    'node_modules/own/index.js',
    'packages/own/index.js',
    'node_modules/gone.js',
  ];
  assert.deepEqual(
    paths.map((path) => isInstalled(urlOf(dir, path))),
    [true, true, false, false, false],
  );
});

describe('a cache', () => {
  test('holds what was added, and tells what was written by others', (t) => {
    const dir = aFolder(t, { made: 'bytecode', other: 'bytecode' });
    const cache = openCache(dir);
    assert.ok(cache.prepare() && cache.add('tag', 'key', join(dir, 'made')));
    assert.equal(lstatSync(join(cache.path, 'entries/tag/key')).mode & 0o777, 0o400);
    assert.equal(cache.isWrittenTo(), false);
    write(cache.path, { 'entries/tag/written': 'by Node' });
    assert.equal(cache.isWrittenTo(), true);
    cache.clear();
    assert.deepEqual([cache.isWrittenTo(), readdirSync(cache.path)], [false, []]);
    assert.equal(cache.add('tag', 'key', join(dir, 'missing')), false);
  });

  test('takes the entries of packages from a run, whatever else was staged', (t) => {
    const dir = aFolder(t, { 'src/a.js': '', 'node_modules/dep/index.js': '' });
    const [dep, source] = [urlOf(dir, 'node_modules/dep/index.js'), urlOf(dir, 'src/a.js')];
    const cache = openCache(join(dir, 'cache'));
    const session = openSession(cache, 'fill');
    assert.equal(session.open(join(dir, 'run')), `fill:${cache.path}`);
    const staged = Object.fromEntries([dep, source].flatMap(keysOf).map((key) => [`run/cache/1-new/tag/${key}`, 'x']));
    write(dir, staged);
    session.note(coverageOf([dep, source]), () => false);
    session.finish();
    assert.deepEqual(readdirSync(join(cache.path, 'entries/tag')).toSorted(), keysOf(dep).toSorted());
    assert.deepEqual([[...session.met], session.missed(), readdirSync(join(dir, 'run/cache'))], [keysOf(dep).slice(0, 1), 2, []]);
  });

  test('never takes what is measured, even below node_modules', (t) => {
    const dir = aFolder(t, { 'node_modules/dep/index.js': '' });
    const dep = urlOf(dir, 'node_modules/dep/index.js');
    const session = openSession(openCache(dir), 'fill');
    session.note(coverageOf([dep]), (url) => url === dep);
    assert.equal(session.met.size, 0);
  });
});

test('notes that are missing, damaged or of another version are as if nothing were noted', (t) => {
  const dir = aFolder(t);
  const nothing = readState(dir);
  assert.deepEqual([nothing.isPending, nothing.isOff], [true, false]);
  noteState(dir, { tried: ['a'], isPending: false });
  assert.deepEqual(readState(dir), { ...nothing, format: 1, tried: ['a'], isPending: false });
  for (const text of ['', '{', 'null', '[]', '{"format":2,"isOff":true}', '{"format":1,"isOff":true}', '{"format":1,"tried":[1]}']) {
    writeFileSync(join(dir, 'state.json'), text);
    assert.deepEqual(readState(dir), nothing, text);
  }
});

test('an installation changes its name', (t) => {
  const dir = aFolder(t, { 'node_modules/.package-lock.json': '{}', 'packages/a/package.json': '{}' });
  const before = installedIn(join(dir, 'packages/a'));
  assert.match(before, /\.package-lock\.json/);
  writeFileSync(join(dir, 'node_modules/.package-lock.json'), '{ }');
  assert.notEqual(installedIn(join(dir, 'packages/a')), before);
});

test('pruning removes what is too old or too much, the longest unused first, and never what is in use', (t) => {
  const dir = aFolder(t);
  const days = { used: 50, fresh: 1, older: 3, oldest: 40 };
  for (const [name, age] of Object.entries(days)) {
    write(dir, { [`${name}/${nodeName()}/entries/tag/key`]: 'x'.repeat(100) });
    const at = new Date(Date.now() - age * 86_400_000);
    utimesSync(join(dir, name, nodeName()), at, at);
  }
  const left = (): string[] => Object.keys(days).filter((name) => readdirSync(join(dir, name)).length > 0);
  prune(join(dir, 'used', nodeName()), dir, 1_000);
  assert.deepEqual(left(), ['used', 'fresh', 'older']);
  prune(join(dir, 'used', nodeName()), dir, 250);
  assert.deepEqual(left(), ['used', 'fresh']);
  prune(join(dir, 'used', nodeName()), join(dir, 'missing'));
});
