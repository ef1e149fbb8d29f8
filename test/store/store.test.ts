import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { fastestMs, testsOf } from '../../src/model/test-run.ts';
import { appendCheckpoint, findCheckpoint, findReference } from '../../src/store/checkpoints.ts';
import { loadLastRun, saveLastRun } from '../../src/store/last-run.ts';
import { storeDirs } from '../../src/store/store-dir.ts';
import { anAttempt, aRunOf } from '../support/builders.ts';

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function aFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pushgate-store-')));
  folders.push(folder);
  return folder;
}

function aCheckpoint(commit: string, wallMs = 1_000): Checkpoint {
  const count = { covered: 3, total: 4 };
  return {
    commit,
    at: '2026-11-21T10:00:00.000Z',
    coverage: { lines: count, branches: count, functions: count, statements: count },
    wallMs,
    tests: 7,
  };
}

test('the last run comes back with its tests and times, and without what takes room', async () => {
  const dir = join(aFolder(), 'not', 'yet');
  const names = ['__proto__', 'emoji 🚀\n\u001b[31m"', 'plain'];
  const run = aRunOf(names.map((name) => ({ name, outcome: 'failed', attempts: [anAttempt({ durationMs: 12_345.678 })] })));
  assert.equal(await saveLastRun(dir, run), null);
  const kept = loadLastRun(dir);
  assert.ok(kept);
  assert.match(kept.at, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(
    testsOf(kept.run).map((each) => each.name),
    names,
  );
  assert.deepEqual(testsOf(kept.run).map(fastestMs), [12_345.678, 12_345.678, 12_345.678]);
  assert.equal(kept.run.coverage, null);
  assert.ok(testsOf(kept.run).every((each) => each.failure === null));
});

for (const [why, change] of [
  ['nothing', () => ''],
  ['half of it', (text: string) => text.slice(0, text.length / 2)],
  ['without its last line', (text: string) => text.slice(0, text.lastIndexOf('\n'))],
  ['another version', (text: string) => text.replace(/"format":\d+/, '"format":1')],
  ['null', () => 'null'],
  ['a list', () => '[]'],
  ['no run', (text: string) => text.split('\n').slice(0, 1).join('\n')],
  ['a run without tests', (text: string) => text.split('\n').slice(0, 2).join('\n')],
  ['a test without a time', (text: string) => text.replace('"passed",', '"passed",null,')],
] as const) {
  test(`a last run that is ${why} is none`, async () => {
    const dir = aFolder();
    await saveLastRun(dir, aRunOf([{}, {}]));
    assert.ok(loadLastRun(dir));
    const path = join(dir, 'last-run.json');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, change(whole));
    assert.notEqual(readFileSync(path, 'utf8'), whole);
    assert.equal(loadLastRun(dir), null);
  });
}

test('a last run that cannot be read is none, and one that cannot be written is a warning', async () => {
  const dir = aFolder();
  assert.equal(loadLastRun(join(dir, 'missing')), null);
  mkdirSync(join(dir, 'last-run.json'));
  assert.equal(loadLastRun(dir), null);
  writeFileSync(join(dir, 'file'), '');
  assert.match((await saveLastRun(join(dir, 'file', 'below'), aRunOf([{}]))) ?? '', /could not be kept/);
});

test('what a killed writer left goes with a later write, what another is writing stays', async () => {
  const dir = aFolder();
  for (const name of ['last-run.json.123', 'last-run.json.456', 'checkpoints.jsonl']) writeFileSync(join(dir, name), '');
  for (const name of ['last-run.json.123', 'checkpoints.jsonl']) utimesSync(join(dir, name), 0, 0);
  assert.equal(await saveLastRun(dir, aRunOf([{}])), null);
  assert.deepEqual(readdirSync(dir).toSorted(), ['checkpoints.jsonl', 'last-run.json', 'last-run.json.456']);
});

test('the nearest ancestor with a checkpoint is found, and its latest one', async () => {
  const dir = join(aFolder(), 'new');
  for (const [commit, wallMs] of [
    ['c3', 1],
    ['c1', 2],
    ['c3', 3],
    ['elsewhere', 4],
  ] as const)
    await appendCheckpoint(dir, aCheckpoint(commit, wallMs));
  assert.deepEqual(findCheckpoint(dir, ['c4', 'c3', 'c2', 'c1']), aCheckpoint('c3', 3));
  assert.deepEqual(findCheckpoint(dir, ['c2', 'c1']), aCheckpoint('c1', 2));
  assert.equal(findCheckpoint(dir, ['c0']), null);
  assert.equal(findCheckpoint(dir, []), null);
});

test('a checkpoint without coverage is one', async () => {
  const dir = aFolder();
  await appendCheckpoint(dir, { ...aCheckpoint('c1'), coverage: null });
  assert.equal(findCheckpoint(dir, ['c1'])?.coverage, null);
});

test('the latest reference of the same Node is found, on whatever commit', async () => {
  const dir = aFolder();
  assert.equal(findReference(dir, '20.0.0'), null);
  const references = [
    { roundMs: 1, nodeVersion: '20.0.0' },
    { roundMs: 2, nodeVersion: '20.0.0' },
    { roundMs: 3, nodeVersion: '22.0.0' },
  ];
  for (const reference of references) await appendCheckpoint(dir, { ...aCheckpoint(`c${reference.roundMs}`), reference });
  await appendCheckpoint(dir, aCheckpoint('none'));
  assert.deepEqual(findReference(dir, '20.0.0'), references[1]);
  assert.deepEqual(findReference(dir, '22.0.0'), references[2]);
});

test('a torn line costs itself only', async () => {
  const dir = aFolder();
  await appendCheckpoint(dir, aCheckpoint('c1'));
  appendFileSync(join(dir, 'checkpoints.jsonl'), '{"format":1,"commit":"c2","at":');
  await appendCheckpoint(dir, aCheckpoint('c3'));
  assert.ok(findCheckpoint(dir, ['c1']));
  assert.ok(findCheckpoint(dir, ['c3']));
  assert.equal(findCheckpoint(dir, ['c2']), null);
});

test('lines that are no checkpoint of this version are passed over', () => {
  const dir = aFolder();
  const lines = [
    { format: 2, ...aCheckpoint('newer') },
    { format: 1, ...aCheckpoint('odd'), coverage: { lines: 3 } },
    { format: 1, ...aCheckpoint('text'), wallMs: '1' },
    null,
  ];
  writeFileSync(join(dir, 'checkpoints.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
  assert.equal(findCheckpoint(dir, ['newer', 'odd', 'text']), null);
});

test('the file of checkpoints stays bounded', async () => {
  const dir = aFolder();
  const line = (index: number): string => JSON.stringify({ format: 1, ...aCheckpoint(`c${index}`) });
  writeFileSync(join(dir, 'checkpoints.jsonl'), Array.from({ length: 1_000 }, (_, index) => line(index)).join('\n'));
  await appendCheckpoint(dir, aCheckpoint('last'));
  assert.equal(readFileSync(join(dir, 'checkpoints.jsonl'), 'utf8').trim().split('\n').length, 500);
  assert.ok(findCheckpoint(dir, ['last']));
  assert.ok(findCheckpoint(dir, ['c999']));
  assert.equal(findCheckpoint(dir, ['c0']), null);
});

test('checkpoints that cannot be read are none, and one that cannot be written is a warning', async () => {
  const dir = aFolder();
  mkdirSync(join(dir, 'checkpoints.jsonl'));
  assert.equal(findCheckpoint(dir, ['c1']), null);
  assert.match((await appendCheckpoint(dir, aCheckpoint('c1'))) ?? '', /could not be noted/);
});

test('the store of a checkout, of its packages and of its worktrees', async () => {
  const root = aFolder();
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...args], { cwd: root, stdio: 'ignore' });
  const outside = await storeDirs(root);
  assert.equal(outside.shared, outside.worktree);
  assert.match(outside.shared, /pushgate[/\\]projects[/\\][0-9a-f]{16}$/);
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  const own = join(root, '.git', 'pushgate');
  assert.deepEqual(await storeDirs(root), { shared: own, worktree: own });

  mkdirSync(join(root, 'packages', 'a b'), { recursive: true });
  const inPackage = await storeDirs(join(root, 'packages', 'a b'));
  assert.equal(inPackage?.shared, join(own, 'packages', 'packages%2Fa%20b'));

  const linked = join(aFolder(), 'linked');
  git('worktree', 'add', '-q', linked);
  assert.deepEqual(await storeDirs(linked), { shared: own, worktree: join(root, '.git', 'worktrees', 'linked', 'pushgate') });
});

test('a checkpoint keeps its reference; one without, or with one that makes no sense, holds all the same', async () => {
  const dir = aFolder();
  const reference = { roundMs: 0.5, nodeVersion: '20.20.2' };
  await appendCheckpoint(dir, { ...aCheckpoint('a'), reference });
  await appendCheckpoint(dir, aCheckpoint('b'));
  await appendCheckpoint(dir, { ...aCheckpoint('c'), reference: { ...reference, roundMs: 0 } });
  await appendCheckpoint(dir, { ...aCheckpoint('d'), reference: 'fast' as never });
  assert.deepEqual(findCheckpoint(dir, ['a']), { ...aCheckpoint('a'), reference });
  for (const commit of ['b', 'c', 'd']) assert.deepEqual(findCheckpoint(dir, [commit]), aCheckpoint(commit));
});
