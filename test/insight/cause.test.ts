import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { causeOf } from '../../src/insight/cause.ts';
import type { CauseKind, Trace } from '../../src/model/explanation.ts';
import { aTrace, aWait } from '../support/builders.ts';

const place = { file: 'src/a.ts', line: 7 };
const timers = (what: string, delaysMs: number[], count = delaysMs.length): Trace =>
  aTrace({ timers: 900 }, { waits: [aWait({ what, delaysMs, count })] });

const CAUSES: readonly [name: string, trace: Trace, kind: CauseKind][] = [
  ['one timer', timers('setTimeout', [900]), 'timer'],
  ['two equal timers', timers('setTimeout', [450, 450]), 'timer'],
  ['timers that grow', timers('setTimeout', [100, 200, 400]), 'retry'],
  ['timers that shrink', timers('setTimeout', [400, 200, 100]), 'timer'],
  ['many equal timers', timers('setTimeout', [100, 100, 100, 100, 100]), 'polling'],
  ['an interval', timers('setInterval', [20, 20], 45), 'polling'],
  ['a child process', aTrace({ children: 900 }, { waits: [aWait({ bucket: 'children', what: 'exec' })] }), 'subprocess'],
  ['execSync', aTrace({ blocked: 900 }, { waits: [aWait({ bucket: 'blocked', what: 'execSync' })] }), 'subprocess'],
  ['Atomics.wait', aTrace({ blocked: 900 }, { waits: [aWait({ bucket: 'blocked', what: 'Atomics.wait' })] }), 'sleep'],
  ['a request', aTrace({ network: 900 }, { waits: [aWait({ bucket: 'network', what: 'fetch' })] }), 'network'],
  ['files', aTrace({ files: 900 }), 'files'],
  ['a thread', aTrace({ threads: 900 }, { waits: [aWait({ bucket: 'threads', what: 'new Worker' })] }), 'threads'],
  ['own source', aTrace({ source: 900 }), 'cpu'],
  ['packages and Node together', aTrace({ packages: 400, node: 400, timers: 200 }), 'cpu'],
  ['garbage', aTrace({ gc: 700, source: 200, node: 100 }), 'memory'],
  ['modules', aTrace({ loading: 900 }), 'imports'],
  ['hooks', aTrace({ hooks: 900 }), 'hooks'],
  ['other tests of the file', aTrace({ others: 900 }), 'contention'],
  ['a bit of everything', aTrace({ timers: 200, network: 200, files: 200, loading: 200, node: 200 }), 'mixed'],
];

describe('the cause of a slow test', () => {
  for (const [name, trace, kind] of CAUSES) test(`${name}: ${kind}`, () => assert.equal(causeOf(trace, null).kind, kind));

  test('is the suite when the test is much faster alone', () => {
    const cause = causeOf(aTrace({ timers: 900 }), 5_000);
    assert.deepEqual([cause.kind, cause.savesMs, cause.at], ['contention', 4_000, null]);
    assert.equal(causeOf(aTrace({ timers: 900 }), 1_900).kind, 'timer');
    assert.equal(causeOf(aTrace({}, { wallMs: 5 }), 100).kind, 'cpu');
  });

  test('leads to the line that was waited for longest, counts the others, and not those in a hook', () => {
    const waits = [
      aWait({ durationMs: 950, inHook: true, place }),
      aWait({ durationMs: 700, count: 4 }),
      aWait({ durationMs: 200, place }),
      aWait({ durationMs: 800, place: null }),
    ];
    const { at, savesMs, moreLines } = causeOf(aTrace({ timers: 900 }, { waits }), null);
    assert.deepEqual([at?.place.line, at?.count, savesMs, moreLines], [52, 4, 900, 1]);
  });

  test('leads to the same one of equal lines each time: the first in the source', () => {
    const at = (line: number, durationMs: number) => aWait({ durationMs, place: { file: 'test/a.test.ts', line } });
    for (const noise of [-3, 3]) {
      const waits = [at(40, 501), at(12, 501 + noise), at(30, 501)];
      assert.equal(causeOf(aTrace({ timers: 1_503 }, { waits, wallMs: 1_510 }), null).at?.place.line, 12);
    }
  });

  test('of several processes saves all but one', () => {
    const waits = [aWait({ bucket: 'children', what: 'spawn', count: 4, durationMs: 800 })];
    assert.equal(causeOf(aTrace({ children: 800 }, { waits }), null).savesMs, 600);
  });

  test('names a function only when it takes a good part of the time', () => {
    const hot = (durationMs: number): Trace =>
      aTrace({ source: 900 }, { functions: [{ name: 'parse', place, bucket: 'source', durationMs }] });
    assert.equal(causeOf(hot(500), null).at?.what, 'parse');
    assert.equal(causeOf(hot(100), null).at, null);
  });

  test('leads to the hook that took longest', () => {
    const hooks = [
      { type: 'before', place, durationMs: 100 },
      { type: 'beforeEach', place: { ...place, line: 9 }, durationMs: 700 },
    ];
    assert.deepEqual(causeOf(aTrace({ hooks: 800 }, { hooks }), null).at?.place.line, 9);
  });
});
