import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileRecord, KeptRun } from '../../src/model/inputs.ts';
import type { FileRun, RawSlice, SourceMapEntry } from '../../src/model/test-run.ts';
import { openRaw, packRaw, rawByFile, type OpenRaw } from '../../src/store/kept-raw.ts';

const TOP = '/top';
const A = `file://${TOP}/src/a.js`;
const B = `file://${TOP}/src/b.js`;

type Ran = {
  readonly origin?: FileRun['origin'];
  readonly untracked?: string;
  readonly raw?: readonly (readonly [string, string, number])[];
};

function runOf(files: Readonly<Record<string, Ran>>, sourceMaps: ReadonlyMap<string, SourceMapEntry> = new Map()): KeptRun {
  const records = Object.entries(files).map(([file, { origin = 'measured', untracked = null, raw = [] }]): [string, FileRecord] => {
    const slices = raw.map(([url, text, count]): RawSlice => ({ url, text, count }));
    return [file, { run: { file, tests: [], durationMs: 1, origin, raw: slices }, states: new Map(), untracked }];
  });
  return {
    key: new Map(),
    tree: null,
    records: new Map(records),
    sourceMaps,
    coverage: { files: [] },
    lastFull: { at: '2026-11-21T10:00:00.000Z', wallMs: 1, durationsMs: new Map(), isOver: false },
  };
}

function stored(run: KeptRun, before: OpenRaw | null = null, top = TOP): OpenRaw {
  const { bytes, packed } = packRaw(run, before, top);
  return openRaw(bytes, JSON.parse(JSON.stringify(packed)), top);
}

const FIRST = {
  't1.js': { raw: [[A, 'a1', 1] as const, [B, 'b', 2] as const] },
  't2.js': { raw: [[A, 'a2', 1] as const, [A, 'a1', 3] as const] },
};

describe('raw coverage that is kept', () => {
  it('comes back by script and test file as it was left', () => {
    const raw = stored(runOf(FIRST));
    assert.deepEqual([...(raw.scripts.get(A)?.files ?? [])], ['t1.js', 't2.js']);
    assert.deepEqual(raw.slicesOf(A).get('t2.js'), [
      { url: A, text: 'a2', count: 1 },
      { url: A, text: 'a1', count: 3 },
    ]);
    assert.deepEqual(
      rawByFile(raw, new Set(['t1.js']))
        .get('t1.js')
        ?.map(({ text }) => text),
      ['a1', 'b'],
    );
  });

  it('serves a copy elsewhere, whatever characters the paths hold', () => {
    const [here, there] = ['/a~[b] c%d{é}', '/copy#[2]'];
    // As Node 20 to 26 name an ES module and a CommonJS script of a folder.
    const [module, script] = ['file:///a%7E%5Bb%5D%20c%25d%7B%C3%A9%7D/src/m.mjs', 'file:///a~[b]%20c%25d%7B%C3%A9%7D/src/c.cjs'];
    const { bytes, packed } = packRaw(
      runOf({
        't.js': {
          raw: [
            [module, 'm', 1],
            [script, 'c', 1],
          ],
        },
      }),
      null,
      here,
    );
    const moved = openRaw(bytes, JSON.parse(JSON.stringify(packed)), there);
    assert.deepEqual([...moved.scripts.keys()], ['file:///copy%23%5B2%5D/src/m.mjs', 'file:///copy%23[2]/src/c.cjs']);
    const back = openRaw(bytes, JSON.parse(JSON.stringify(packed)), here);
    assert.deepEqual([...back.scripts.keys()], [module, script]);
  });

  it('of what is reused is taken over, byte for byte where no other test file ran the script', () => {
    const before = stored(runOf(FIRST));
    const after = stored(
      runOf({ 't1.js': { origin: 'reused' }, 't2.js': { raw: [[A, 'a3', 1]] }, 't3.js': { raw: [[A, 'a1', 1]] } }),
      before,
    );
    assert.deepEqual(
      [...after.slicesOf(A)].map(([file, slices]) => [file, slices.map(({ text, count }) => `${text} ${count}`)]),
      [
        ['t1.js', ['a1 1']],
        ['t2.js', ['a3 1']],
        ['t3.js', ['a1 1']],
      ],
    );
    assert.ok(after.partOf(B).equals(before.partOf(B)));
    assert.deepEqual(after.slicesOf(B).get('t1.js'), [{ url: B, text: 'b', count: 2 }]);
  });

  it('loses a test file that is gone, and a script that nobody runs any more', () => {
    const before = stored(runOf(FIRST));
    const after = stored(runOf({ 't2.js': { origin: 'reused' } }), before);
    assert.deepEqual([...after.scripts.keys()], [A]);
    assert.deepEqual([...after.slicesOf(A).keys()], ['t2.js']);
  });

  it('of a test file that has to run again is only which scripts it ran', () => {
    const raw = stored(runOf({ ...FIRST, 't2.js': { ...FIRST['t2.js'], untracked: 'it failed' } }));
    assert.deepEqual([...(raw.scripts.get(A)?.files ?? [])], ['t1.js', 't2.js']);
    assert.deepEqual(raw.slicesOf(A).get('t2.js'), []);
  });

  it('keeps source maps, and serves a copy of the repository elsewhere', () => {
    const map = { lineLengths: [3, 5], data: { sources: [`${TOP}/src/a.ts`], sourcesContent: ['x'] }, url: `${A}.map` };
    const { bytes, packed } = packRaw(runOf(FIRST, new Map([[A, map]])), null, TOP);
    const copy = openRaw(bytes, packed, '/elsewhere/copy');
    const url = 'file:///elsewhere/copy/src/a.js';
    assert.deepEqual(copy.scripts.get(url)?.map?.data?.sources, ['/elsewhere/copy/src/a.ts']);
    assert.deepEqual(copy.sourceMapOf(url)?.data?.sources, ['/elsewhere/copy/src/a.ts']);
    const later = stored(runOf({ 't1.js': { origin: 'reused' }, 't2.js': { raw: [[url, 'a4', 1]] } }), copy, '/elsewhere/copy');
    assert.deepEqual(later.sourceMapOf(url), copy.sourceMapOf(url), 'the map of the file run that is reused stays');
  });

  it('names what a source map names as the map itself does, wherever it is read', () => {
    const map = { lineLengths: [3], data: { sources: [`webpack://${TOP}/src/a.ts`, 'b.ts'], sourceRoot: `${TOP}/` }, url: null };
    const { bytes, packed } = packRaw(runOf(FIRST, new Map([[A, map]])), null, TOP);
    const copy = openRaw(bytes, packed, '/elsewhere');
    const { sources, sourceRoot } = copy.sourceMapOf('file:///elsewhere/src/a.js')?.data ?? {};
    assert.deepEqual(copy.scripts.get('file:///elsewhere/src/a.js')?.map?.data, { sources, sourceRoot });
  });

  it('forgets test files that are gone once they are most of those it names', () => {
    let raw = stored(runOf({ 't0.js': { raw: [[A, 'a', 1]] }, 'stays.js': { raw: [[B, 'b', 1]] } }));
    for (let i = 1; i < 60; i += 1) raw = stored(runOf({ [`t${i}.js`]: { raw: [[A, 'a', 1]] }, 'stays.js': { origin: 'reused' } }), raw);
    assert.ok(raw.files.length < 30, `${raw.files.length} names`);
    assert.deepEqual(raw.slicesOf(B).get('stays.js'), [{ url: B, text: 'b', count: 1 }]);
  });

  it('is not read when a single bit of it has changed', () => {
    const { bytes, packed } = packRaw(runOf(FIRST), null, TOP);
    bytes[3] = (bytes[3] as number) ^ 1;
    assert.throws(() => openRaw(bytes, packed, TOP), /damaged/);
  });
});
