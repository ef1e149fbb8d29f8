import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { TestRun } from '../../../src/model/test-run.ts';
import type { MeasureRequest } from '../../../src/runners/runner.ts';
import { nodeName, turboDir } from '../../../src/runners/node-test/turbo/cache.ts';
import { keysOf } from '../../../src/runners/node-test/turbo/keys.ts';
import type { Session } from '../../../src/runners/node-test/turbo/session.ts';
import { noteState, readState } from '../../../src/runners/node-test/turbo/state.ts';
import { withTurbo } from '../../../src/runners/node-test/turbo/turbo.ts';
import { aFileRun, aRun } from '../../support/builders.ts';
import { projectFor } from '../../support/repo.ts';
import { coverageOf, ownCacheDir } from './project.ts';

/** How the suite of a project behaves: in place of a runner and of Node, so that what is decided can be seen on any version. */
type Suite = {
  /** Test file by test file, what its coverage is with the mode of the run it is in. */
  readonly slice?: (mode: string, turn: number) => string;
  /** Whether packages were found in the cache; without, Node stages them. */
  readonly hits?: boolean;
  /** A process writes to the cache. */
  readonly writes?: boolean;
  readonly packages?: readonly string[];
};

/** A project whose suite is run as told; `modes` notes how. */
function aSuite(t: TestContext, change: Partial<MeasureRequest> = {}) {
  ownCacheDir(t);
  const { dir } = projectFor(t, { 'node_modules/dep/index.js': '', 'node_modules/more/index.js': '' });
  const modes: string[] = [];
  const notices: string[] = [];
  const request: MeasureRequest = {
    root: dir,
    plan: {} as MeasureRequest['plan'],
    coverage: { include: ['src/**'], exclude: [] },
    only: null,
    turbo: true,
    timeoutMs: 1_000,
    env: {},
    passThrough: null,
    signal: new AbortController().signal,
    onProgress: () => {},
    onNotice: (text: string) => void notices.push(text),
    ...change,
  };
  const known = new Set<string>();
  const measureAs =
    ({ slice = () => 'same', writes = false, packages = ['dep'] }: Suite) =>
    async ({ only }: MeasureRequest, session: Session | null): Promise<TestRun> => {
      const variable = session?.open(join(dir, 'run')) ?? 'without';
      const [mode = '', cache = ''] = variable.split(':');
      modes.push(only === null ? mode : `${mode} alone`);
      const urls = packages.map((name) => pathToFileURL(join(realpathSync(dir), 'node_modules', name, 'index.js')).href);
      for (const key of urls.map((url) => keysOf(url)[0] ?? '')) {
        if (mode === 'fill' && !known.has(cache + key)) stage(dir, key);
        known.add(cache + key);
      }
      session?.note(coverageOf(urls), () => false);
      session?.finish();
      if (writes && mode === 'read') stageAt(join(cache, 'entries/tag/00000000'));
      const raw = [{ url: 'file:///a.js', text: slice(mode, modes.length), count: 1 }];
      return aRun([aFileRun('test/a.test.js', [{}], { raw })]);
    };
  const run = (suite: Suite = {}, version = '22.12.0') => withTurbo(request, measureAs(suite), version);
  const folder = (): string => join(turboDir(), readdirSync(turboDir()).find((name) => /^\w{16}$/.test(name)) ?? '', nodeName());
  return { dir, run, modes, notices, folder };
}

function stage(dir: string, key: string): void {
  stageAt(join(dir, 'run/cache/1-new/tag', key));
}

function stageAt(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'bytecode');
}

describe('turbo', () => {
  test('finds out after the first run, fills in the second, reads from then on', async (t) => {
    const { run, modes, notices } = aSuite(t);
    for (let i = 0; i < 4; i += 1) await run();
    assert.deepEqual(modes, ['without', 'fill alone', 'fill alone', 'fill', 'read', 'read']);
    assert.deepEqual(notices, []);
  });

  test('fills again when packages are met that it does not know, and when others are installed', async (t) => {
    const { dir, run, modes } = aSuite(t);
    await run();
    await run();
    await run({ packages: ['dep', 'more'] });
    await run({ packages: ['dep', 'more'] });
    await run();
    stageAt(join(dir, 'node_modules/.package-lock.json'));
    await run();
    assert.deepEqual(modes.slice(3), ['fill', 'read', 'fill', 'read', 'fill']);
  });

  test('is not for Node 20, a bare run, a project below node_modules, or sources asked for there', async (t) => {
    const old = aSuite(t);
    await old.run({}, '20.19.0');
    const inside = projectFor(t, { 'node_modules/project/package.json': {} });
    const others = [{ turbo: false }, { coverage: null }, { root: join(inside.dir, 'node_modules/project') }];
    const cases = [...others, { coverage: { include: ['**'], exclude: ['!**/node_modules/mine/**'] } }].map((change) => aSuite(t, change));
    for (const each of cases) await each.run();
    assert.deepEqual(
      [old, ...cases].flatMap(({ modes }) => modes),
      Array.from({ length: 5 }, () => 'without'),
    );
  });

  test('stays off, with one line, where it changes what is counted', async (t) => {
    const { run, modes, notices } = aSuite(t);
    let filled = 0;
    await run({ slice: (mode) => (mode === 'fill' && (filled += 1) === 2 ? 'other' : 'same') });
    await run();
    assert.deepEqual(modes, ['without', 'fill alone', 'fill alone', 'fill alone', 'without']);
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /^turbo is off: /);
  });

  test('cannot tell from tests that never count the same twice, or load no package; it asks again a day later', async (t) => {
    for (const suite of [{ slice: (_: string, turn: number) => String(turn) }, { packages: [] }]) {
      const { run, modes, folder } = aSuite(t);
      await run(suite);
      const asked = modes.length;
      await run(suite);
      assert.deepEqual(modes.slice(asked), ['without']);
      noteState(folder(), { undecidedAt: 1 });
      await run();
      assert.deepEqual(modes.slice(asked + 1), ['without', 'fill alone', 'fill alone']);
    }
  });

  test('runs a suite again without when one of its processes wrote to the cache, and then does without', async (t) => {
    const { run, modes, notices, folder } = aSuite(t);
    await run();
    await run();
    await run({ writes: true });
    await run();
    assert.deepEqual(modes.slice(3), ['fill', 'read', 'without', 'without']);
    assert.deepEqual([notices.length, readState(folder()).isOff], [1, true]);
  });

  test('does without where nothing can be written', async (t) => {
    const { run, modes } = aSuite(t);
    await run();
    rmSync(join(turboDir(), '..'), { recursive: true, force: true });
    writeFileSync(join(turboDir(), '..'), 'no folder');
    await run();
    assert.deepEqual(modes.slice(3), ['without', 'fill alone', 'fill alone']);
  });
});
