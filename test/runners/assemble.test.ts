import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assemble, relativeTo, type Remains } from '../../src/runners/node-test/assemble.ts';
import { openEventLog, type EventRecord, type TestRecord } from '../../src/runners/node-test/events.ts';
import type { ProcessLog } from '../../src/runners/node-test/records.ts';

const ROOT = '/project';
const FILE = '/project/test/a.test.js';

function record(change: Partial<TestRecord> = {}): TestRecord {
  return {
    kind: 'test',
    file: FILE,
    at: FILE,
    path: ['adds'],
    line: 3,
    column: 1,
    durationMs: 5,
    subtestsMs: 0,
    outcome: 'passed',
    reason: null,
    failure: null,
    isSuite: false,
    enclosing: null,
    ...change,
  };
}

const fileEnd = (change: Partial<Extract<EventRecord, { kind: 'file' }>> = {}): EventRecord => ({
  kind: 'file',
  file: FILE,
  durationMs: 80,
  failure: null,
  timedOut: false,
  signal: null,
  ...change,
});

const begin = (name: string, nesting = 0): EventRecord => ({ kind: 'begin', file: FILE, name, nesting, line: 3, column: 1, clock: 1_000 });

function remains(records: EventRecord[], change: Partial<Remains> = {}): Remains {
  const log = openEventLog();
  for (const each of records) log.add(each);
  const processes: ProcessLog = { starts: [], ends: [] };
  return {
    root: ROOT,
    expected: ['test/a.test.js'],
    log,
    processes,
    sourceMaps: { positions: (_file, line, column) => ({ line, column }), scripts: new Map() },
    coverage: null,
    timedOut: false,
    begun: new Map(),
    reuses: false,
    watched: null,
    ...change,
  };
}

const started = (pid: number, change: Partial<ProcessLog['starts'][number]> = {}): ProcessLog['starts'][number] => ({
  pid,
  started: 0,
  owner: null,
  script: FILE,
  isTestFile: true,
  covers: true,
  ...change,
});

describe('file runs', () => {
  test('carry title paths, own times and the wall time of the file', () => {
    const { files, unproven } = assemble(remains([record({ path: ['retry', 'gives up'], durationMs: 30, subtestsMs: 10 }), fileEnd()]));
    assert.deepEqual(unproven, []);
    assert.equal(files[0]?.durationMs, 80);
    const [only] = files[0]?.tests ?? [];
    assert.deepEqual([only?.name, only?.durationMs, only?.attempts[0]?.durationMs], ['retry > gives up', 30, 20]);
  });

  test('carry the memory of their process, and what it took around tests and suites', () => {
    const suite = record({ path: ['suite'], isSuite: true, durationMs: 40 });
    const inner = record({ path: ['suite', 'inner'], durationMs: 39 });
    const processes: ProcessLog = {
      starts: [started(7), started(8, { isTestFile: false })],
      ends: [
        { pid: 7, ended: 0, exitCalledAt: null, usedTestRunner: true, peakRssBytes: 60e6 },
        { pid: 8, ended: 0, exitCalledAt: null, usedTestRunner: true, peakRssBytes: 90e6 },
      ],
    };
    const { files } = assemble(remains([suite, inner, record({ durationMs: 10 }), fileEnd()], { processes }));
    assert.deepEqual([files[0]?.aroundMs, files[0]?.peakRssBytes], [30, 60e6]);
    const silent = assemble(remains([record(), fileEnd({ durationMs: 3 })])).files[0];
    assert.deepEqual([silent?.aroundMs, silent?.peakRssBytes], [0, undefined]);
    assert.equal(assemble(remains([record()])).files[0]?.aroundMs, undefined);
  });

  test('that failed as a whole say why, also when the runner heard of it before what the file printed', () => {
    const failureOf = (failure: string, thrown?: string | null): string | null | undefined => {
      const ends = [{ pid: 7, ended: 1, exitCalledAt: null, usedTestRunner: false, ...(thrown === undefined ? {} : { thrown }) }];
      const processes: ProcessLog = { starts: [started(7)], ends };
      return assemble(remains([fileEnd({ failure })], { processes })).files[0]?.tests[0]?.failure;
    };
    assert.equal(failureOf('test failed', 'Error: boom\n    at x'), 'test failed\nError: boom\n    at x');
    assert.equal(failureOf('test failed\nError: said', 'Error: boom'), 'test failed\nError: said');
    assert.equal(failureOf('test failed', null), 'test failed');
    assert.equal(failureOf('test failed'), 'test failed');
  });

  test('hold suites only when these failed by themselves', () => {
    const { files } = assemble(
      remains([
        record({ isSuite: true, path: ['fine'] }),
        record({ isSuite: true, path: ['hook threw'], outcome: 'failed', failure: 'boom' }),
        fileEnd(),
      ]),
    );
    assert.deepEqual(
      files[0]?.tests.map((each) => each.name),
      ['hook threw'],
    );
  });

  test('of a compiled test file are those of the script that ran, whatever Node calls it', () => {
    const scripts = new Map([['/project/test/a.test.ts', '/project/dist/a.test.js']]);
    const compiled = remains([record({ file: '/project/test/a.test.ts', at: '/project/test/a.test.ts' })], {
      expected: ['dist/a.test.js'],
    });
    const { files } = assemble({ ...compiled, sourceMaps: { ...compiled.sourceMaps, scripts } });
    assert.deepEqual(
      files.map((file) => [file.file, file.tests.map((each) => [each.file, each.line])]),
      [['dist/a.test.js', [['dist/a.test.js', 3]]]],
    );
  });

  test('keep blank reasons from counting as reasons', () => {
    const { files } = assemble(
      remains([record({ outcome: 'skipped', reason: '  ' }), record({ outcome: 'skipped', reason: 'no network' }), fileEnd()]),
    );
    assert.deepEqual(
      files[0]?.tests.map((each) => each.skipReason),
      [null, 'no network'],
    );
  });

  test('of a file that did not load hold one failed test named by its path', () => {
    const { files } = assemble(remains([fileEnd({ failure: 'SyntaxError' })]));
    assert.deepEqual(
      files[0]?.tests.map((each) => [each.name, each.line, each.outcome, each.failure]),
      [['test/a.test.js', 0, 'failed', 'SyntaxError']],
    );
  });

  test('of a file that passed without any test hold none', () => {
    assert.deepEqual(assemble(remains([fileEnd()])).files[0]?.tests, []);
  });

  test('are known by the titles’ own text, whatever it is', () => {
    const names = ['__proto__', 'constructor', 'a\nb', '\u001b[31mred', '"quoted"'];
    const { files } = assemble(remains([...names.map((name) => record({ path: [name] })), fileEnd()]));
    assert.deepEqual(
      files[0]?.tests.map((each) => each.name),
      names,
    );
  });
});

describe('evidence', () => {
  test('an expected file that never reported is missing', () => {
    assert.deepEqual(assemble(remains([])).unproven, [{ kind: 'file-missing', file: 'test/a.test.js' }]);
  });

  test('a killed file is missing evidence, not a failed test', () => {
    const { unproven, files } = assemble(remains([fileEnd({ failure: 'test failed', signal: 'SIGKILL' })]));
    assert.deepEqual(unproven, [{ kind: 'file-killed', file: 'test/a.test.js', signal: 'SIGKILL' }]);
    assert.deepEqual(files[0]?.tests, []);
  });

  test('a test under way when process.exit ended its file is a failure that names the place', () => {
    const processes: ProcessLog = {
      starts: [started(7)],
      ends: [{ pid: 7, ended: 0, exitCalledAt: 'file:///project/test/a.test.js:12:5', usedTestRunner: true }],
    };
    const { files } = assemble(remains([record({ path: ['ok'] }), begin('x'), fileEnd()], { processes }));
    const cut = files[0]?.tests.at(-1);
    assert.deepEqual([cut?.name, cut?.outcome], ['x', 'failed']);
    assert.match(cut?.failure ?? '', /process\.exit\(0\) was called .* at test\/a\.test\.js:12\./);
  });

  test('a file that timed out under a test is told once, by the test', () => {
    const { files } = assemble(
      remains([begin('waits'), fileEnd({ failure: 'test timed out after 60000ms', timedOut: true, signal: 'SIGTERM' })]),
    );
    assert.deepEqual(
      files[0]?.tests.map((each) => [each.name, each.outcome]),
      [['waits', 'failed']],
    );
    assert.match(files[0]?.tests[0]?.failure ?? '', /^test timed out after 60000ms\nThe process ended while/);
  });

  test('process.exit before any test was reported fails the file, but not a script without tests', () => {
    const ends = (usedTestRunner: boolean): ProcessLog => ({
      starts: [started(7)],
      ends: [{ pid: 7, ended: 0, exitCalledAt: `${FILE}:1:1`, usedTestRunner }],
    });
    assert.equal(assemble(remains([fileEnd()], { processes: ends(true) })).files[0]?.tests[0]?.outcome, 'failed');
    assert.deepEqual(assemble(remains([fileEnd()], { processes: ends(false) })).files[0]?.tests, []);
  });

  test('process.exit after the last test, as some suites do to end quickly, is no failure', () => {
    const processes: ProcessLog = { starts: [started(7)], ends: [{ pid: 7, ended: 0, exitCalledAt: `${FILE}:9:1`, usedTestRunner: true }] };
    const { files } = assemble(remains([record(), fileEnd()], { processes }));
    assert.deepEqual(
      files[0]?.tests.map((each) => each.outcome),
      ['passed'],
    );
  });

  test('a process that started under coverage and left none is lost, with the test file it belonged to', () => {
    const processes: ProcessLog = {
      starts: [started(7), started(8, { owner: '7', script: '/project/bin/cli.js', isTestFile: false }), started(9, { covers: false })],
      ends: [],
    };
    const coverage = { slicesOf: new Map(), loadedBy: new Map(), delivered: new Set([7]), unusable: [] };
    const { lost } = assemble(remains([record(), fileEnd()], { processes, coverage }));
    assert.deepEqual(lost, [{ pid: 8, script: 'bin/cli.js', file: 'test/a.test.js', why: 'no-coverage' }]);
  });

  test('coverage belongs to the test file whose process, or whose process’s child, wrote it', () => {
    const slice = { url: 'file:///project/src/a.js', text: '[]', count: 1 };
    const coverage = {
      slicesOf: new Map([
        [7, [slice]],
        [99, [slice]],
      ]),
      loadedBy: new Map(),
      delivered: new Set([7, 99]),
      unusable: [],
    };
    const { files, shared } = assemble(remains([record(), fileEnd()], { processes: { starts: [started(7)], ends: [] }, coverage }));
    assert.deepEqual(files[0]?.raw, [slice]);
    assert.deepEqual(shared, [slice]);
  });

  test('after a time-out nothing is made up about files and tests that had no chance', () => {
    const { files, unproven } = assemble(remains([begin('hangs')], { timedOut: true }));
    assert.deepEqual([unproven, files[0]?.tests], [[], []]);
  });
});

test('running tests are told innermost only', () => {
  const { log } = remains([begin('outer'), begin('inner', 1)]);
  assert.deepEqual(
    log.running().map((each) => each.path),
    [['outer', 'inner']],
  );
});

test('paths below the root are relative, others absolute, file URLs read', () => {
  assert.equal(relativeTo(ROOT, '/project/src/ä b.js'), 'src/ä b.js');
  assert.equal(relativeTo(ROOT, 'file:///project/src/%C3%A4%20b.js'), 'src/ä b.js');
  assert.equal(relativeTo(ROOT, '/elsewhere/a.js'), '/elsewhere/a.js');
  assert.equal(relativeTo(ROOT, '/project/..a.test.js'), '..a.test.js');
});
