import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openEventLog, type EventRecord } from '../../src/runners/node-test/events.ts';
import reporter from '../../src/runners/node-test/reporter.ts';

const dir = mkdtempSync(join(tmpdir(), 'reporter-test-'));
process.env['PUSHGATE_RUN'] = dir;
after(() => rmSync(dir, { recursive: true, force: true }));

type Source = Parameters<typeof reporter>[0];
type Given = Source extends AsyncIterable<infer Event> ? Event : never;

const FILE = '/project/test/a.test.js';
const place = { file: FILE, line: 3, column: 5 };
const fileItself = { name: 'test/a.test.js', nesting: 0, file: FILE, line: 1, column: 1 };

const start = (name: string, nesting = 0): Given => ({ type: 'test:start', data: { name, nesting, ...place } });
const pass = (name: string, nesting = 0, more: object = {}, details: object = {}): Given => ({
  type: 'test:pass',
  data: { name, nesting, ...place, ...more, details: { duration_ms: 5, ...details } },
});
const fail = (name: string, nesting: number, error: object, more: object = {}): Given => ({
  type: 'test:fail',
  data: { name, nesting, ...place, ...more, details: { duration_ms: 5, error: error as never } },
});

/** What the reporter writes for these events of node:test. */
async function recordsOf(...events: Given[]): Promise<EventRecord[]> {
  for (const name of readdirSync(dir)) rmSync(join(dir, name));
  const source = async function* (): AsyncGenerator<Given> {
    yield* events;
  };
  for await (const text of reporter(source())) assert.fail(`the reporter printed ${text}`);
  const [name = ''] = readdirSync(dir);
  assert.match(name, /^events-\d+\.ndjson$/);
  return readFileSync(join(dir, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as EventRecord);
}

const testsOf = (records: EventRecord[]): Extract<EventRecord, { kind: 'test' }>[] => records.filter((record) => record.kind === 'test');

test('title paths come from the starts, which are parents first, though ends are children first', async () => {
  const records = await recordsOf(
    start('outer'),
    start('inner', 1),
    start('leaf', 2),
    pass('leaf', 2),
    pass('inner', 1, {}, { type: 'suite' }),
    pass('outer', 0, {}, { type: 'suite' }),
    start('next'),
    pass('next'),
  );
  assert.deepEqual(
    testsOf(records).map((each) => [each.path, each.isSuite]),
    [
      [['outer'], true],
      [['outer', 'inner'], true],
      [['outer', 'inner', 'leaf'], false],
      [['next'], false],
    ],
  );
  assert.deepEqual(records.at(-1), { kind: 'complete' });
});

test('a test is told the outermost test around it, a suite does not count as one', async () => {
  const records = await recordsOf(
    start('suite'),
    start('parent', 1),
    start('child', 2),
    start('grandchild', 3),
    pass('grandchild', 3),
    pass('child', 2),
    pass('parent', 1),
    pass('suite', 0, {}, { type: 'suite' }),
  );
  const enclosing = new Map(testsOf(records).map((each) => [each.path.at(-1), each.enclosing]));
  assert.deepEqual(
    [...enclosing],
    [
      ['suite', null],
      ['parent', null],
      ['child', ['suite', 'parent']],
      ['grandchild', ['suite', 'parent']],
    ],
  );
});

test('the time of direct subtests is known, theirs included in their own', async () => {
  const records = await recordsOf(
    start('parent'),
    start('one', 1),
    pass('one', 1, {}, { duration_ms: 30 }),
    start('two', 1),
    start('below', 2),
    pass('below', 2, {}, { duration_ms: 7 }),
    pass('two', 1, {}, { duration_ms: 40 }),
    pass('parent', 0, {}, { duration_ms: 100 }),
  );
  const times = testsOf(records).map((each) => [each.path.at(-1), each.durationMs, each.subtestsMs]);
  assert.deepEqual(times, [
    ['parent', 100, 70],
    ['one', 30, 0],
    ['two', 40, 7],
    ['below', 7, 0],
  ]);
});

test('a subtest that fails after it called skip() is skipped, and its parent says that it failed for it', async () => {
  const records = await recordsOf(
    start('outer'),
    start('inner', 1),
    start('leaf', 2),
    fail('leaf', 2, { message: 'boom' }, { skip: 'why' }),
    fail('inner', 1, { failureType: 'subtestsFailed' }),
    fail('outer', 0, { failureType: 'subtestsFailed' }),
    start('next'),
    fail('next', 0, { failureType: 'subtestsFailed' }),
  );
  assert.deepEqual(
    testsOf(records).map((each) => [each.path.at(-1), each.outcome, each.failure]),
    [
      ['outer', 'failed', null],
      ['inner', 'failed', 'The subtest "leaf" called skip() and then failed: boom'],
      ['leaf', 'skipped', null],
      ['next', 'failed', null],
    ],
  );
});

test('skips, todos and their reasons, in every form Node gives them', async () => {
  const records = await recordsOf(
    ...[{ skip: true }, { skip: 'no network' }, { todo: true }, { todo: 'later' }, { skip: '' }, { skip: false }].flatMap((mark, index) => [
      start(`t${index}`),
      pass(`t${index}`, 0, mark),
    ]),
    start('failing todo'),
    fail('failing todo', 0, { failureType: 'testCodeFailure', cause: 'no' }, { todo: 'known' }),
  );
  assert.deepEqual(
    testsOf(records).map((each) => [each.outcome, each.reason]),
    [
      ['skipped', null],
      ['skipped', 'no network'],
      ['todo', null],
      ['todo', 'later'],
      ['skipped', ''],
      ['passed', null],
      ['todo', 'known'],
    ],
  );
});

test('a failure carries its stack; a parent that failed for a subtest carries none', async () => {
  const records = await recordsOf(
    start('parent'),
    start('child', 1),
    fail('child', 1, { failureType: 'testCodeFailure', cause: new Error('boom') }),
    fail('parent', 0, { failureType: 'subtestsFailed', message: '1 subtest failed' }),
  );
  const [parent, child] = testsOf(records);
  assert.deepEqual([parent?.outcome, parent?.failure], ['failed', null]);
  assert.match(child?.failure ?? '', /^Error: boom\n/);
});

test('a file is no test: it is told with its time, its failure and what it wrote to stderr', async () => {
  const error = { failureType: 'testCodeFailure', message: 'test failed', exitCode: 1, signal: null };
  const records = await recordsOf(
    { type: 'test:dequeue', data: fileItself },
    { type: 'test:stderr', data: { ...fileItself, message: 'SyntaxError: nope' } },
    { type: 'test:complete', data: { ...fileItself, details: { duration_ms: 70, error } } },
    { type: 'test:start', data: fileItself },
    { type: 'test:fail', data: { ...fileItself, details: { duration_ms: 70, error } } },
  );
  const [started] = records;
  assert.ok(started?.kind === 'file-start' && Math.abs(Date.now() - started.clock) < 60_000, 'begins at a time of the epoch');
  assert.deepEqual(records, [
    { kind: 'file-start', file: FILE, clock: started.clock },
    { kind: 'file', file: FILE, durationMs: 70, failure: 'test failed\nSyntaxError: nope', timedOut: false, signal: null },
    { kind: 'complete' },
  ]);
});

test('what a file printed after it was said to have failed is told with it too', async () => {
  const error = { failureType: 'testCodeFailure', message: 'test failed', exitCode: 1, signal: null };
  const records = await recordsOf(
    { type: 'test:complete', data: { ...fileItself, details: { duration_ms: 70, error } } },
    { type: 'test:stderr', data: { ...fileItself, message: 'SyntaxError: nope' } },
    { type: 'test:fail', data: { ...fileItself, details: { duration_ms: 70, error } } },
  );
  const log = openEventLog();
  for (const each of records) log.add(each);
  assert.deepEqual(
    [...log.files.values()].map(({ failure }) => failure),
    ['test failed\nSyntaxError: nope'],
  );
});

test('what is under way is told by begin and end', async () => {
  const log = openEventLog();
  const begun = await recordsOf({ type: 'test:dequeue', data: { name: 'x', nesting: 0, ...place } });
  for (const record of begun) log.add(record);
  assert.deepEqual(
    log.running().map((each) => each.path),
    [['x']],
  );
  for (const record of await recordsOf({ type: 'test:complete', data: { name: 'x', nesting: 0, ...place } })) log.add(record);
  assert.deepEqual([log.running(), log.testsDone], [[], 1]);
});

test('a test that only tells how it came out is over; one of two of the same name that is over says nothing of the other', async () => {
  const log = openEventLog();
  const begin = (): Given => ({ type: 'test:dequeue', data: { name: 'x', nesting: 0, ...place } });
  const complete: Given = { type: 'test:complete', data: { name: 'x', nesting: 0, ...place } };
  for (const record of await recordsOf(begin(), start('x'), pass('x'))) log.add(record);
  assert.deepEqual([log.running(), log.testsDone], [[], 1], 'as tap tells it');
  for (const record of await recordsOf(begin(), begin(), complete, start('x'), pass('x'))) log.add(record);
  assert.equal(log.running().length, 1);
});

test('subtests declared by a shared function belong to the file of the test around them', async () => {
  const shared = { file: '/project/test/shared.js' };
  const records = await recordsOf(start('top'), start('from shared', 1), pass('from shared', 1, shared), pass('top'));
  assert.deepEqual(
    testsOf(records).map((each) => [each.file, each.at]),
    [
      [FILE, FILE],
      [FILE, shared.file],
    ],
  );
});

test('ten thousand tests leave one record each', async () => {
  const events = Array.from({ length: 10_000 }, (_, index) => [start(`t${index}`), pass(`t${index}`)]).flat();
  assert.equal(testsOf(await recordsOf(...events)).length, 10_000);
});
