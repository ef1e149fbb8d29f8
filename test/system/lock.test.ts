import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { tryLock } from '../../src/system/lock.ts';
import { PACKAGE } from '../support/package.ts';

const LOCK = pathToFileURL(`${PACKAGE}/dist/src/system/lock.js`).href;

function aLock(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'pushgate-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'a.lock');
}

test('one at a time, and free again when it is given back', (t) => {
  const path = aLock(t);
  const release = tryLock(path);
  assert.ok(release);
  assert.equal(tryLock(path), null);
  release();
  const again = tryLock(path);
  assert.ok(again);
  again();
  assert.deepEqual(readdirSync(join(path, '..')), [], 'nothing is left behind');
});

test('the lock of a process that is gone, or whose number another has, is taken over', (t) => {
  const path = aLock(t);
  for (const owner of ['4194999 1', `${process.pid} 1`, '', 'x', '-1 5']) {
    writeFileSync(path, owner);
    const release = tryLock(path);
    assert.ok(release, owner);
    release();
  }
});

test('a clearing that was cut off holds nobody up for long', (t) => {
  const path = aLock(t);
  writeFileSync(path, '4194999 1');
  mkdirSync(`${path}.clearing`);
  assert.equal(tryLock(path), null, 'another may just be at it');
  utimesSync(`${path}.clearing`, 0, 0);
  tryLock(path)?.();
  assert.deepEqual(readdirSync(join(path, '..')), []);
});

test('survives a holder that is killed', async (t) => {
  const path = aLock(t);
  const code = `import { tryLock } from ${JSON.stringify(LOCK)}; tryLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  assert.equal(tryLock(path), null);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  const release = tryLock(path);
  assert.ok(release);
  release();
});
