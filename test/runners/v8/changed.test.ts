import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileCoverage } from '../../../src/model/coverage.ts';
import type { KeptRaw, KeptScript } from '../../../src/model/inputs.ts';
import type { FileRun, RawSlice, SourceMapEntry } from '../../../src/model/test-run.ts';
import { changedIn } from '../../../src/runners/node-test/v8/changed.ts';

const url = (path: string): string => `file:///p/${path}`;
const mapTo = (...sources: string[]): SourceMapEntry => ({
  lineLengths: [],
  data: { sources: sources.map((each) => `/p/${each}`) },
  url: null,
});
const slice = (path: string, text: string): RawSlice => ({ url: url(path), text, count: 1 });

/** Scripts that are kept: who ran each, and what its map names. */
function keptOf(scripts: Readonly<Record<string, { files: readonly string[]; map?: SourceMapEntry }>>): KeptRaw {
  const entries = Object.entries(scripts).map(([path, { files, map = null }]): [string, KeptScript] => [
    url(path),
    { files: new Set(files), map },
  ]);
  return {
    scripts: new Map(entries),
    slicesOf: (asked) =>
      new Map(
        [...(entries.find(([each]) => each === asked)?.[1].files ?? [])].map((file) => [file, [{ url: asked, text: file, count: 1 }]]),
      ),
    sourceMapOf: (asked) => (entries.find(([each]) => each === asked)?.[1].map as SourceMapEntry | null | undefined) ?? null,
  };
}

function changed(asked: {
  kept: KeptRaw | null;
  sources: readonly string[];
  reused: readonly string[];
  measured?: readonly RawSlice[];
  maps?: ReadonlyMap<string, SourceMapEntry>;
  edited?: readonly string[];
  /** Sources there are now, where those are not the ones that were counted. */
  there?: readonly string[];
  exact?: boolean;
}): { texts: string[]; clean: string[]; maps: string[] } {
  const none = { covered: 0, total: 1 };
  const files = asked.sources.map((file): FileCoverage => ({
    file,
    hash: 'h',
    lines: none,
    branches: none,
    functions: none,
    statements: none,
    uncovered: [],
  }));
  const runs = asked.reused.map((file): FileRun => ({ file, tests: [], durationMs: 1, origin: 'reused', raw: [] }));
  const isSame = (path: string): boolean => !(asked.edited ?? []).includes(path.slice('/p/'.length));
  const measured = { slices: asked.measured ?? [], sourceMaps: asked.maps ?? new Map() };
  const found = changedIn(
    measured,
    { run: new Set(), files: runs, figures: { coverage: { files, exact: asked.exact ?? true }, raw: asked.kept, isSame } },
    { root: '/p', list: () => [...(asked.there ?? asked.sources)] },
  );
  return {
    texts: found.slices.map(({ url: at, text }) => `${at.slice(url('').length)} ${text}`).toSorted(),
    clean: found.clean.map(({ file }) => file),
    maps: [...found.sourceMaps.keys()].map((each) => each.slice(url('').length)),
  };
}

describe('what has to be converted again', () => {
  const kept = keptOf({ 'a.js': { files: ['t1', 't2'] }, 'b.js': { files: ['t2'] }, 'c.js': { files: ['t1', 't3'] } });

  it('is nothing when nothing at all changed', () => {
    assert.deepEqual(changed({ kept: null, sources: ['a.js', 'b.js'], reused: ['t1'] }), { texts: [], clean: ['a.js', 'b.js'], maps: [] });
  });

  it('is what a test file runs now, with what the others left of it', () => {
    const found = changed({
      kept,
      sources: ['a.js', 'b.js', 'c.js', 'd.js'],
      reused: ['t1', 't2', 't3'],
      measured: [slice('b.js', 'new')],
    });
    assert.deepEqual(found, { texts: ['b.js new', 'b.js t2'], clean: ['a.js', 'c.js', 'd.js'], maps: [] });
  });

  it('is what a test file ran before, when it ran again or is gone, without what it left', () => {
    const found = changed({ kept, sources: ['a.js', 'b.js', 'c.js'], reused: ['t2', 't3'] });
    assert.deepEqual(found, { texts: ['a.js t2', 'c.js t3'], clean: ['b.js'], maps: [] });
  });

  it('is a source with another content, loaded or not', () => {
    const found = changed({ kept, sources: ['a.js', 'b.js', 'c.js', 'd.js'], reused: ['t1', 't2', 't3'], edited: ['b.js', 'd.js'] });
    assert.deepEqual(found, { texts: ['b.js t2'], clean: ['a.js', 'c.js'], maps: [] });
  });

  it('is whatever shares a source with it, from bundle to bundle', () => {
    const bundles = keptOf({
      'dist/one.js': { files: ['t1'], map: mapTo('a.ts', 'b.ts') },
      'dist/two.js': { files: ['t2'], map: mapTo('b.ts', 'c.ts') },
      'dist/three.js': { files: ['t3'], map: mapTo('d.ts') },
    });
    const found = changed({ kept: bundles, sources: ['a.ts', 'b.ts', 'c.ts', 'd.ts'], reused: ['t1', 't2', 't3'], edited: ['a.ts'] });
    assert.deepEqual(found, { texts: ['dist/one.js t1', 'dist/two.js t2'], clean: ['d.ts'], maps: ['dist/one.js', 'dist/two.js'] });
  });

  it('is everything where the sources are not those that were counted', () => {
    const all = ['a.js t1', 'a.js t2', 'b.js t2', 'c.js t1', 'c.js t3'];
    const asked = { kept, sources: ['a.js', 'b.js', 'c.js'], reused: ['t1', 't2', 't3'] };
    const added = changed({ ...asked, there: ['a.js', 'b.js', 'c.js', 'd.js'] });
    assert.deepEqual(added, { texts: all, clean: [], maps: [] }, 'one came, or came back: it may be what another is made from');
    assert.deepEqual(changed({ ...asked, exact: false }).clean, [], 'a source map led to one that the rule does not name');
  });

  it('is a source that is none any more', () => {
    const found = changed({ kept, sources: ['a.js', 'b.js', 'c.js'], reused: ['t1', 't2', 't3'], there: ['a.js', 'c.js'] });
    assert.deepEqual(found, { texts: ['b.js t2'], clean: ['a.js', 'c.js'], maps: [] });
  });

  it('takes no source map from a script that no reused test file ran', () => {
    const built = keptOf({ 'a.js': { files: ['gone'], map: mapTo('a.ts') } });
    const found = changed({ kept: built, sources: ['a.js'], reused: ['t1'], measured: [slice('a.js', 'new')] });
    assert.deepEqual(found, { texts: ['a.js new'], clean: [], maps: [] });
  });

  it('knows what a new source map leads to', () => {
    const maps = new Map([[url('dist/new.js'), mapTo('c.js')]]);
    const found = changed({
      kept,
      sources: ['a.js', 'b.js', 'c.js'],
      reused: ['t1', 't2', 't3'],
      measured: [slice('dist/new.js', 'new')],
      maps,
    });
    assert.deepEqual(found, { texts: ['c.js t1', 'c.js t3', 'dist/new.js new'], clean: ['a.js', 'b.js'], maps: ['dist/new.js'] });
  });
});
