import { readFileSync } from 'node:fs';

const POLL_MS = 500;

/** Parent and name of a process; null when it is gone, or on a platform without /proc. */
function lookUp(pid: number): { parent: number; name: string; started: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const close = stat.lastIndexOf(')');
    const fields = stat.slice(close + 2).split(' ');
    return { parent: Number(fields[1]), name: stat.slice(stat.indexOf('(') + 1, close), started: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/** The nearest process of that name which this one descends from, told apart from a later one with the same number. */
function ancestor(name: string): { pid: number; started: string } | null {
  for (let pid = process.ppid, steps = 0; pid > 1 && steps < 32; steps += 1) {
    const found = lookUp(pid);
    if (found === null) return null;
    if (found.name === name) return { pid, started: found.started };
    pid = found.parent;
  }
  return null;
}

/**
 * Calls back once when the git that started this hook is gone. A git killed outright tells its hook nothing, and between the two stand the
 * shells of a hook manager, which live on: so git itself is watched, and the parent where git cannot be found.
 */
export function whenGitIsGone(callback: () => void): void {
  const git = ancestor('git');
  const parent = process.ppid;
  const timer = setInterval(() => {
    const there = git === null ? process.ppid === parent : lookUp(git.pid)?.started === git.started;
    if (there) return;
    clearInterval(timer);
    callback();
  }, POLL_MS);
  timer.unref();
}
