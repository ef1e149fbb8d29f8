import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive } from '../../src/system/process-group.ts';
import { childEnv, unmeasured } from './child-env.ts';
import { MAIN } from './cli.ts';
import { testFile } from './projects.ts';
import { aPushRepo, type PushRepo } from './pushes.ts';
import { leftovers } from './repo.ts';

/** What became of gates that were killed; every list names rounds in which something was not as it has to be. */
export type GateKills = {
  rounds: number;
  /** Gates that were killed while they ran; the others had ended before. */
  killed: number;
  /** Of those, how many worked in a private copy. */
  inCopy: number;
  /** The longest time until every process of a killed run was gone, in ms. */
  slowestEndMs: number;
  readonly changed: string[];
  readonly alive: string[];
  readonly wrong: string[];
  readonly left: string[];
};

/** Where a gate is killed: in the user's work tree, or in a private copy that is used again, or made anew. */
export type Place = 'in place' | 'in a copy' | 'in a new copy';

/** Time within which nothing of a killed run may be alive, in ms. */
const END_MS = 3_000;

/** What a run is taken to last before there was one. */
const FIRST_MS = 700;

/** Beside the suite's own processes: one that ignores TERM in a session of its own, and one whose parent has gone. */
const STUBBORN = testFile(`import { spawn } from 'node:child_process';
test('starts others', async () => {
  const stays = spawn('sh', ['-c', 'trap "" TERM; sleep 60; sleep 60'], { detached: true, stdio: 'ignore' });
  const orphan = spawn('sh', ['-c', 'sleep 61 & echo $!'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = await new Promise((done) => orphan.stdout.once('data', (text) => done(Number(text))));
  await new Promise((done) => setTimeout(done, 250));
  process.kill(-stays.pid, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
});`);

/**
 * Kills the whole gate, `pushgate hook pre-push`, once per named place, each time at another moment of its run; alone, or with the git
 * commands of its process group. After each kill the user's repository has to be what it was, no process may be left, and the next run,
 * which starts at once in every second round, has to be right.
 */
export async function killGates(t: Pick<TestContext, 'after'>, places: readonly Place[], onRound: (told: GateKills) => void = () => {}) {
  const repo = await aPushRepo(t, { 'test/stubborn.test.js': STUBBORN });
  repo.write({ 'src/sum.js': '// put aside\n' });
  await repo.git('stash');
  const line = `refs/heads/main ${await repo.oid('HEAD')} refs/heads/main ${'0'.repeat(40)}\n`;
  const told: GateKills = { rounds: 0, killed: 0, inCopy: 0, slowestEndMs: 0, changed: [], alive: [], wrong: [], left: [] };
  const usualMs = new Map<Place, number>();
  for (const [round, place] of places.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- one gate at a time
    await killOne({ repo, line, told, usualMs, place, round });
    told.rounds += 1;
    onRound(told);
  }
  return told;
}

type Round = {
  readonly repo: PushRepo;
  readonly line: string;
  readonly told: GateKills;
  /** What the last whole run of a place took, in ms. */
  readonly usualMs: Map<Place, number>;
  readonly place: Place;
  readonly round: number;
};

async function killOne({ repo, line, told, usualMs, place, round }: Round): Promise<void> {
  await dress(repo, place);
  const open = (name: string): Gate => openGate(repo, line, `${round} ${place}, ${name}`);
  if (place === 'in a new copy') rmSync(repo.cache, { recursive: true, force: true, maxRetries: 5 });
  const before = await stateOf(repo);
  const gate = open('killed');
  const atMs = Math.random() * (usualMs.get(place) ?? FIRST_MS);
  await Promise.race([wait(atMs), gate.ended]);
  if (kill(gate, round % 3 === 0)) {
    told.killed += 1;
    if (place !== 'in place') told.inCopy += 1;
  }
  const said = `${round} ${place}, killed after ${Math.round(atMs)} ms`;
  const early = round % 2 === 1 ? open('next') : null;
  const end = await untilGone(gate);
  told.slowestEndMs = Math.max(told.slowestEndMs, end.tookMs);
  if (end.alive.length > 0) told.alive.push(`${said}: ${end.alive.join(', ')}`);
  if ((await stateOf(repo)) !== before) told.changed.push(said);
  const next = early ?? open('next');
  const ended = await next.ended;
  usualMs.set(place, ended.tookMs);
  // Both tests, 5 of 7 lines.
  if (ended.code !== 0 || !/✔ 2 tests in .*coverage 71\.4 %/.test(ended.stderr)) told.wrong.push(`${said}: ${ended.code} ${ended.stderr}`);
  if (leftovers(repo).length > 0) told.left.push(`${said}: ${leftovers(repo).join(' ')}`);
  if ((await untilGone(next)).alive.length > 0) told.alive.push(`${said}, of the next`);
  if ((await stateOf(repo)) !== before) told.changed.push(`${said}, by the next`);
}

/** What is checked out is the pushed commit and nothing else, or has changes of every kind. */
async function dress(repo: PushRepo, place: Place): Promise<void> {
  await repo.git('reset', '-q', '--hard');
  await repo.git('clean', '-qfd');
  if (place === 'in place') return;
  repo.write({ 'src/sum.js': '// unfinished\n', 'staged.txt': 'staged\n' });
  await repo.git('add', 'staged.txt');
  repo.write({ 'staged.txt': 'changed again\n', 'untracked.txt': 'untracked\n' });
}

/** Everything of the user's, and that no lock of git's is in the way of what they do next. */
async function stateOf(repo: PushRepo): Promise<string> {
  const gitDir = join(repo.dir, '.git');
  const locks = readdirSync(gitDir, { recursive: true, encoding: 'utf8' }).filter((path) => /^(?!worktrees|pushgate).*\.lock$/.test(path));
  return `${await repo.fingerprint()}\n${locks.join('\n')}`;
}

type Gate = {
  readonly child: ChildProcess;
  /** In the environment of all that the gate starts. */
  readonly mark: string;
  /** Starts the names of its temporary folders; the guard beside the suite knows one. */
  readonly temp: string;
  readonly ended: Promise<{ code: number | null; stderr: string; tookMs: number }>;
};

function openGate(repo: PushRepo, line: string, name: string): Gate {
  // No run is spared because an earlier one has passed.
  rmSync(join(repo.dir, '.git/pushgate/stamps'), { recursive: true, force: true });
  const env = { ...unmeasured(repo.env), KILLED_GATE: name };
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, 'hook', 'pre-push', 'origin', repo.remote], {
    cwd: repo.dir,
    env: childEnv(env),
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => {});
  child.stdin.end(line);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended: Gate['ended'] = new Promise((done) => {
    child.once('close', (code) => done({ code, stderr, tookMs: performance.now() - started }));
  });
  return { child, mark: `KILLED_GATE=${name}`, temp: join(repo.temp, `pushgate-${child.pid}-`), ended };
}

/** Kills a gate, alone or with its process group; false when it had ended. */
function kill({ child }: Gate, withGroup: boolean): boolean {
  if (child.exitCode !== null || child.pid === undefined) return false;
  process.kill(withGroup ? -child.pid : child.pid, 'SIGKILL');
  return true;
}

/** Waits until no process of a gate is alive, as long as allowed; what is, is named and ended. */
async function untilGone(gate: Gate): Promise<{ tookMs: number; alive: readonly string[] }> {
  const started = performance.now();
  for (;;) {
    const alive = processesOf(gate);
    const tookMs = performance.now() - started;
    if (alive.length === 0 || tookMs > END_MS) {
      const named = alive.map((pid) => `${pid} ${contentOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
      for (const pid of alive) process.kill(pid, 'SIGKILL');
      return { tookMs, alive: named };
    }
    // oxlint-disable-next-line no-await-in-loop -- waits for other processes
    await wait(20);
  }
}

function processesOf({ mark, temp }: Gate): number[] {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return names
    .filter((pid) => `\0${contentOf(`/proc/${pid}/environ`)}\0`.includes(`\0${mark}\0`) || contentOf(`/proc/${pid}/cmdline`).includes(temp))
    .map(Number)
    .filter(isAlive);
}

/** What the system tells of a process; nothing of one that is gone. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
