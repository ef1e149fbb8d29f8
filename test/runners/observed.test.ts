import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openEventLog } from '../../src/runners/node-test/events.ts';
import { effectOfManifest, lazyImportsOf, observer } from '../../src/runners/node-test/observed.ts';
import { openRecords } from '../../src/runners/node-test/records.ts';
import { projectFor } from '../support/repo.ts';

const start = (pid: number, owner: string | null = null) => ({
  pid,
  started: 0,
  owner,
  script: 'x',
  isTestFile: owner === null,
  covers: true,
});

describe('what processes noted', () => {
  it('is gathered by the process that owns them, and what a killed one lacks is seen', (t) => {
    const line = (entry: object): string => `${JSON.stringify(entry)}\n`;
    const { dir } = projectFor(t, {
      'inputs.ndjson': [
        line({ owner: 7, pid: 8, inputs: ['names /r/data'], ended: false }),
        line({ owner: 7, pid: 7, inputs: ['file /r/a.json', 'names /r/data'], ended: true }),
        '{"owner":9,"pid":9,"inputs":["file /r/b',
      ].join(''),
    });
    const records = openRecords(dir, openEventLog());
    records.poll();
    assert.deepEqual([...(records.notes.get(7)?.inputs ?? [])].toSorted(), ['file /r/a.json', 'names /r/data']);
    assert.deepEqual([...(records.notes.get(7)?.endedPids ?? [])], [7]);
    assert.equal(records.notes.size, 1);
  });

  const observe = (lines: readonly string[], ended: readonly number[], starts = [start(7)], workers = { made: [''], watched: [''] }) =>
    observer({
      top: '/r',
      processes: { starts, ends: [] },
      notes: new Map([
        [
          7,
          {
            inputs: new Set(lines),
            endedPids: new Set(ended),
            workers: { made: new Set(workers.made), watched: new Set(workers.watched) },
          },
        ],
      ]),
      loadedBy: new Map([[7, new Set(['/r/test/a.test.js', '/r/src/x/index.js'])]]),
    })([7], false);

  it('becomes inputs below the repository, with the modules and what could stand in their place', () => {
    const { inputs, untracked } = observe(['names /r/data', 'env STAGE', 'everything git', 'file /r/a b.json'], [7]);
    assert.equal(untracked, null);
    assert.deepEqual(inputs, [
      'names data',
      'env STAGE',
      'everything git',
      'file a b.json',
      'file test/a.test.js',
      'stem test/a.test',
      'file src/x/index.js',
      'stem src/x/index',
      'stem src/x',
    ]);
  });

  it('takes a worker that was made and told nothing for one that may have read anything', () => {
    const inputsWith = (made: string[], watched: string[]): readonly string[] => observe([], [7], [start(7)], { made, watched }).inputs;
    const apart = 'everything a worker that was not watched';
    assert.ok(inputsWith(['7 1', '8 1'], ['7 1']).includes(apart));
    assert.ok(!inputsWith(['7 1'], ['7 1', '7 2']).includes(apart));
  });

  it('proves nothing when a process ended from outside, was lost, or talked to the network', () => {
    assert.match(observe([], []).untracked ?? '', /ended from outside/);
    assert.match(observe([], [7], [start(7), start(8, '7')]).untracked ?? '', /ended from outside/);
    assert.match(observe(['untracked db.example'], [7]).untracked ?? '', /talks to db\.example/);
    assert.match(
      observer({ top: '/r', processes: { starts: [], ends: [] }, notes: new Map(), loadedBy: new Map() })([], false).untracked ?? '',
      /not known/,
    );
  });
});

describe('lazy imports', () => {
  it('are those with a name, and a star for those without', () => {
    assert.deepEqual(lazyImportsOf(`await import('./a.js'); import("../b.js", { with: {} }); import(\`./c.js\`)`), [
      './a.js',
      '../b.js',
      './c.js',
    ]);
    assert.deepEqual(lazyImportsOf(`import(name); import('./a' + b); import(\`./\${c}.js\`);`), ['*']);
    assert.deepEqual(lazyImportsOf(`import x from './x.js'; import('lodash'); reimport('./y.js'); import.meta.url`), []);
  });
});

describe('a package.json', () => {
  it('is what loaders act on, not what it says of the package', () => {
    const manifest = { name: 'a', version: '1.0.0', type: 'module', license: 'MIT', exports: './a.js' };
    const effect = (change: object): string | null => effectOfManifest(JSON.stringify({ ...manifest, ...change }, null, 2));
    assert.equal(effect({ license: 'ISC', author: 'me' }), effect({}));
    // Tests find it in npm_package_version.
    assert.notEqual(effect({ version: '2.0.0' }), effect({}));
    for (const change of [{ name: 'b' }, { type: 'commonjs' }, { exports: './b.js' }, { imports: {} }, { main: './c.js' }, { custom: 1 }])
      assert.notEqual(effect(change), effect({}));
    for (const text of ['', '{', '[]', 'null', '"x"', '\uFEFF{}']) assert.equal(effectOfManifest(text), null, text);
  });
});
