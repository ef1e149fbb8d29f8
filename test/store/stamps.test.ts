import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { judge } from '../../src/gate/judge.ts';
import { ALL_GATES } from '../../src/model/policy.ts';
import { findStamp, saveStamp } from '../../src/store/stamps.ts';
import { aFileRun, aPolicy, aRun } from '../support/builders.ts';

const policy = aPolicy();
const run = aRun([aFileRun('test/a.test.ts', [{}], { raw: [{ url: 'file:///a', text: 'x'.repeat(9_999), count: 1 }] })]);
const verdict = judge(run, policy, { checkpoint: null }, { gates: ALL_GATES, today: '2026-11-21', ci: false, passOnUnpruned: false });

function aFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'pushgate-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('a pass is found again under its key, and under no other', async (t) => {
  const dir = aFolder(t);
  assert.equal(await saveStamp(dir, 'abc', { verdict, policy }), null);
  const { stamp: found, warnings } = findStamp(dir, 'abc');
  assert.deepEqual(warnings, []);
  assert.equal(found?.verdict.run.mode, 'stamped');
  assert.deepEqual(found?.verdict.run.coverage, run.coverage);
  assert.deepEqual(found?.verdict.run.files, [{ ...run.files[0], raw: [] }]);
  assert.deepEqual(found?.policy, policy);
  assert.deepEqual(findStamp(dir, 'abd'), { stamp: null, warnings: [] });
});

test('what is damaged, foreign or no pass is no stamp', async (t) => {
  const dir = aFolder(t);
  await saveStamp(dir, 'failed', { verdict: { ...verdict, exitCode: 1 }, policy });
  assert.equal(findStamp(dir, 'failed').stamp, null);
  await saveStamp(dir, 'x', { verdict, policy });
  const path = join(dir, 'stamps/x.json');
  const whole = readFileSync(path, 'utf8');
  const cuts = Array.from({ length: whole.length }, (_, length) => whole.slice(0, length));
  const changes = [
    [/"format":\d+/, '"format":1'],
    ['"key":"x"', '"key":"y"'],
    ['"at":"2', '"at":"x'],
    ['"policy":{', '"policy":[{'],
    ['"exitCode":0', '"exitCode":1'],
    ['"findings":[', '"findings":{'],
    ['"files":[{', '"files":[[{'],
    ['"passed"', '7'],
  ] as const;
  const changed = changes.map(([from, to]) => whole.replace(from, to));
  assert.ok(changed.every((text) => text !== whole));
  for (const text of [...cuts, ...changed, 'null', '[]', `${whole}\n[]`]) {
    writeFileSync(path, text);
    const { stamp, warnings } = findStamp(dir, 'x');
    assert.equal(stamp, null, text);
    assert.match(warnings.join('\n'), /^The pass kept in .*stamps\/x\.json (?:is none|cannot be read \(.*\)); it does not count\.$/s, text);
  }
  writeFileSync(path, whole);
  assert.ok(findStamp(dir, 'x').stamp);
  mkdirSync(join(dir, 'stamps/folder.json'));
  assert.equal(findStamp(dir, 'folder').stamp, null);
});

test('the oldest are dropped, and a folder that cannot be written is a warning', async (t) => {
  const dir = aFolder(t);
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (let index = 0; index < 25; index += 1) await saveStamp(dir, `key${index}`, { verdict, policy });
  assert.equal(readdirSync(join(dir, 'stamps')).length, 20);
  assert.ok(findStamp(dir, 'key24').stamp);
  writeFileSync(join(dir, 'file'), '');
  assert.match((await saveStamp(join(dir, 'file'), 'a', { verdict, policy })) ?? '', /could not be kept/);
});
