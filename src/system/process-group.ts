import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { leaveOut } from './clock.ts';
import { openGuard } from './guard.ts';

/** How a process ended: by itself with a code, or by a signal. */
export type Ending = { readonly code: number | null; readonly signal: string | null };

export type ProcessGroup = {
  readonly pid: number;
  /** Settles when the first process of the group exits, whoever still holds its output. A command that cannot start rejects. */
  readonly ended: Promise<Ending>;
  /**
   * Ends every process of the group, and those that left it but carry the mark: TERM, a time of grace (ms), KILL. Given time to leave by
   * themselves (ms), those that did not are told by their programs, as far as the platform tells.
   */
  readonly end: (graceMs: number, leavingMs?: number) => Promise<readonly string[]>;
};

const POLL_MS = 10;

/**
 * Starts a command as the leader of its own process group, so that all of it can be ended at once. Output goes to real descriptors: with
 * pipes, a grandchild that keeps one open would keep us waiting. `mark` is a `NAME=value` of its environment that no other process has.
 * Ctrl-Z stops the group with us. Should we be killed, the group ends and `dir` goes with it.
 */
export function startGroup(command: {
  file: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  stdout: number;
  stderr: number;
  mark: string;
  dir: string;
}): ProcessGroup {
  const guard = openGuard(command.mark, command.dir);
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', command.stdout, command.stderr],
    detached: true,
  });
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const pid = child.pid ?? 0;
  if (pid > 0) guard.watch(pid);
  else guard.off();
  const suspend = (): void => suspendWith(pid);
  process.on('SIGTSTP', suspend);
  const end = async (graceMs: number, leavingMs = 0): Promise<readonly string[]> => {
    const left = leavingMs > 0 ? await stayingIn(pid, command.mark, leavingMs) : [];
    if (left !== null) await endAll(pid, command.mark, graceMs);
    process.off('SIGTSTP', suspend);
    guard.off();
    return left ?? [];
  };
  return { pid, ended, end };
}

/** Ctrl-Z reaches the foreground group only, and the suite is a group of its own: it stops and goes on with us, and the clock stands still. */
function suspendWith(group: number): void {
  send(-group, 'SIGSTOP');
  const stopped = performance.now();
  process.kill(process.pid, 'SIGSTOP');
  leaveOut(performance.now() - stopped);
  send(-group, 'SIGCONT');
}

/** Whether a process exists (a zombie does not count: it has ended, only nobody has asked). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat[stat.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
}

/** The programs of processes that do not end by themselves when what started them has; null when none is left. */
async function stayingIn(group: number, mark: string, leavingMs: number): Promise<readonly string[] | null> {
  if (group <= 0) return null;
  const deadline = performance.now() + leavingMs;
  while (anyLeft(group, mark)) {
    if (performance.now() >= deadline) return [...new Set([...groupMembers(group), ...markedProcesses(mark)])].map(programOf);
    // oxlint-disable-next-line no-await-in-loop -- waits for others to end
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return null;
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '?';
  }
}

/** Ends a group and whatever carries the mark (Linux only): TERM, a time of grace (ms), KILL. */
export async function endAll(group: number, mark: string, graceMs: number): Promise<void> {
  if (group <= 0) return;
  const signalAll = (signal: NodeJS.Signals): void => {
    // The group first: what it starts in a session of its own until then is among the marked.
    send(-group, signal);
    for (const pid of markedProcesses(mark)) send(pid, signal);
  };
  if (!anyLeft(group, mark)) return;
  signalAll('SIGTERM');
  const deadline = performance.now() + graceMs;
  while (anyLeft(group, mark)) {
    if (performance.now() > deadline) {
      signalAll('SIGKILL');
      return;
    }
    // oxlint-disable-next-line no-await-in-loop -- waits for others to end
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function anyLeft(group: number, mark: string): boolean {
  return groupAlive(group) || markedProcesses(mark).length > 0;
}

function groupAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || groupMembers(group).length > 0;
}

function groupMembers(group: number): number[] {
  return eachProcess((pid, stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === group && isAlive(pid));
}

/** Processes that inherited the mark, the group's and those that made a session of their own. Linux only; elsewhere none are found. */
function markedProcesses(mark: string): number[] {
  return eachProcess((pid) => {
    try {
      return pid !== process.pid && `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${mark}\0`) && isAlive(pid);
    } catch {
      return false;
    }
  });
}

function eachProcess(wanted: (pid: number, stat: string) => boolean): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return wanted(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return false;
    }
  });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}
