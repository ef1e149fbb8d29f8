import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, test, type TestContext } from 'node:test';
import { generate } from '../../bench/generate.ts';
import { keysOf } from '../../../src/runners/node-test/turbo/keys.ts';
import type { Env } from '../../support/child-env.ts';
import { projectFor, type TempProject } from '../../support/repo.ts';
import { entriesIn, evidenceOf, measure, type Measured, NO_TURBO, ownCacheDir, WITH_PACKAGES } from './project.ts';

/** The project with packages, and where its caches are. */
function aProject(t: TestContext): { project: TempProject; turboDir: string } {
  const turboDir = ownCacheDir(t);
  const project = projectFor(t, WITH_PACKAGES);
  symlinkSync('../packages/local', join(project.dir, 'node_modules/local'));
  return { project, turboDir };
}

/** Runs it until the cache is filled: the first run finds out whether it may be used. */
async function fill(project: TempProject, env: Env = {}): Promise<Measured> {
  await measure(project, true, env);
  return measure(project, true, env);
}

describe('turbo', { skip: NO_TURBO }, () => {
  test('leaves every counter of every source of a generated project as it is', async (t) => {
    ownCacheDir(t);
    const project = projectFor(t);
    generate(project.dir, { testFiles: 2, modules: 12 });
    const without = await measure(project, false);
    const filling = await fill(project);
    const reading = await measure(project, true);
    for (const each of [filling, reading]) assert.deepEqual(evidenceOf(each), evidenceOf(without));
    assert.equal(without.run.files.length, 2);
  });

  test('keeps installed packages alone: no source, no package of the repository', async (t) => {
    const { project, turboDir } = aProject(t);
    await measure(project, true);
    assert.deepEqual(entriesIn(turboDir), [], 'the first run only finds out');
    await measure(project, true);
    const dir = realpathSync(project.dir);
    const urlOf = (path: string): string => pathToFileURL(join(dir, path)).href;
    const expected = [keysOf(urlOf('node_modules/common/index.js'))[0], keysOf(urlOf('node_modules/modern/index.js'))[1]];
    assert.deepEqual(new Set(entriesIn(turboDir).map((path) => basename(path))), new Set(expected));
    const linked = readdirSync(project.temp);
    assert.deepEqual(
      linked.filter((name) => name.startsWith('pushgate-')),
      [],
    );
  });

  test('gives way to no cache of the user, and leaves that one alone', async (t) => {
    const { project } = aProject(t);
    const theirs = join(project.dir, 'their-cache');
    mkdirSync(theirs);
    const without = await measure(project, false);
    await fill(project, { NODE_COMPILE_CACHE: theirs });
    assert.deepEqual(evidenceOf(await measure(project, true, { NODE_COMPILE_CACHE: theirs })), evidenceOf(without));
    assert.deepEqual(readdirSync(theirs), []);
  });

  test('two runs at once fill one cache and count the same', async (t) => {
    const { project } = aProject(t);
    const without = await measure(project, true);
    const both = await Promise.all([measure(project, true), measure(project, true)]);
    for (const each of both) assert.deepEqual(evidenceOf(each), evidenceOf(without));
  });

  test('a run whose process wrote to the cache proves nothing and is repeated without', async (t) => {
    const { project, turboDir } = aProject(t);
    await fill(project);
    project.write({ 'test/a.test.js': `process.removeAllListeners('exit');\n${project.read('test/a.test.js')}` });
    const without = await measure(project, false);
    const written = await measure(project, true);
    assert.match(written.notices.join(), /^turbo is off for this project: a process of the suite wrote/);
    assert.deepEqual(evidenceOf(written), evidenceOf(without));
    const after = await measure(project, true);
    assert.deepEqual([after.notices, entriesIn(turboDir)], [[], []]);
  });

  test('a package that was changed in place is compiled anew', async (t) => {
    const { project } = aProject(t);
    await fill(project);
    const changed = `${project.read('node_modules/common/index.js')}globalThis.changed = true;\n`;
    const asks = `test('sees the change', () => assert.equal(globalThis.changed, true));\n`;
    project.write({ 'node_modules/common/index.js': changed, 'test/a.test.js': project.read('test/a.test.js') + asks });
    const { run } = await measure(project, true);
    assert.deepEqual(
      run.files.flatMap(({ tests }) => tests.filter(({ outcome }) => outcome !== 'passed')),
      [],
    );
  });
});

describe('a cache that is damaged', { skip: NO_TURBO }, () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    'cut off': (path) => truncateSync(path, 20),
    empty: (path) => truncateSync(path, 0),
    overwritten: (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length, 0xa5)),
    'of another script': (path) => writeFileSync(path, readFileSync(join(path, '..', readdirSync(join(path, '..')).at(-1) ?? ''))),
  };
  test(`${Object.keys(damages).join(', ')}: the counts are the same`, async (t) => {
    const { project, turboDir } = aProject(t);
    const { run, notices } = await fill(project);
    const entries = entriesIn(turboDir).map((entry) => join(turboDir, entry));
    for (const [name, damage] of Object.entries(damages)) {
      for (const path of entries) {
        chmodSync(path, 0o600);
        damage(path);
        chmodSync(path, 0o400);
      }
      // oxlint-disable-next-line no-await-in-loop -- one damage after the other
      assert.deepEqual(evidenceOf(await measure(project, true)), evidenceOf({ run, notices }), name);
    }
  });

  test('with notes that cannot be read, or a folder that cannot be made: the counts are the same', async (t) => {
    const { project, turboDir } = aProject(t);
    const without = await fill(project);
    for (const path of (readdirSync(turboDir, { recursive: true }) as string[]).filter((each) => each.endsWith('.json')))
      writeFileSync(join(turboDir, path), '{"format": 99');
    assert.deepEqual(evidenceOf(await measure(project, true)), evidenceOf(without));
    rmSync(turboDir, { recursive: true });
    writeFileSync(turboDir, 'a file where the folder should be');
    assert.deepEqual(evidenceOf(await measure(project, true)), evidenceOf(without));
    assert.ok(existsSync(turboDir));
  });
});
