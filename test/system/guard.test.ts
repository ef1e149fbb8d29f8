import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { isAlive } from '../../src/system/process-group.ts';
import { PACKAGE } from '../support/package.ts';

const GUARD = pathToFileURL(`${PACKAGE}/dist/src/system/guard.js`).href;
const GROUP = pathToFileURL(`${PACKAGE}/dist/src/system/process-group.js`).href;

/** Starts a group of two processes and one that left it, tells their ids, and waits to be killed. */
const HOLDER = `
const { startGroup } = await import(${JSON.stringify(GROUP)});
const [, dir, env] = process.argv;
const children = "const { spawn } = require('node:child_process'); const all = [{}, { detached: true }].map((how) => " +
  "spawn('sleep', ['60'], { ...how, stdio: 'ignore' }).pid); require('node:fs').writeSync(1, [process.pid, ...all].join(' ')); setInterval(() => {}, 1000)";
startGroup({ file: process.execPath, args: ['-e', children], cwd: dir, env: JSON.parse(env), stdout: 1, stderr: 2, mark: 'PUSHGATE_RUN=' + dir, dir });
`;

/** Opens the guard and starts a marked process, as far as a group's start comes when it is cut short. */
const UNNAMED = `
const { openGuard } = await import(${JSON.stringify(GUARD)});
const { spawn } = await import('node:child_process');
const [, dir] = process.argv;
openGuard('PUSHGATE_RUN=' + dir, dir);
console.log(spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: { ...process.env, PUSHGATE_RUN: dir } }).pid);
setInterval(() => {}, 1000);
`;

/** Kills a process that holds a group, and waits until all that it told of is gone. */
async function killHolder(t: TestContext, env: (dir: string) => Record<string, string>): Promise<{ dir: string; alive: () => number[] }> {
  const home = mkdtempSync(join(tmpdir(), 'pushgate-test-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const dir = join(home, 'run');
  mkdirSync(dir);
  const args = ['--input-type=module', '-e', HOLDER, dir, JSON.stringify({ PATH: process.env['PATH'], ...env(dir) })];
  const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const pids = String(await new Promise((resolve) => holder.stdout.once('data', resolve)))
    .split(' ')
    .map(Number);
  assert.equal(pids.length, 3);
  t.after(() => pids.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')));
  holder.kill('SIGKILL');
  return { dir, alive: () => pids.filter(isAlive) };
}

test('all of a group, what left it and the folder go with a holder that is killed', { timeout: 20_000 }, async (t) => {
  const { dir, alive } = await killHolder(t, (run) => ({ PUSHGATE_RUN: run }));
  // oxlint-disable-next-line no-await-in-loop -- waits for other processes
  while (alive().length > 0 || existsSync(dir)) await wait(10);
});

test('what carries the mark goes with a holder that was killed before it could name the group', { timeout: 20_000 }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'pushgate-test-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const dir = join(home, 'run');
  mkdirSync(dir);
  const holder = spawn(process.execPath, ['--input-type=module', '-e', UNNAMED, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(await new Promise((resolve) => holder.stdout.once('data', resolve)));
  t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
  holder.kill('SIGKILL');
  // oxlint-disable-next-line no-await-in-loop -- waits for other processes
  while (isAlive(pid) || existsSync(dir)) await wait(10);
});

test('the group ends as one, marked or not', { timeout: 20_000 }, async (t) => {
  const { dir, alive } = await killHolder(t, () => ({}));
  // oxlint-disable-next-line no-await-in-loop -- waits for other processes
  while (existsSync(dir)) await wait(10);
  assert.equal(alive().length, 1, 'the one that left it cannot be told from any other');
});
