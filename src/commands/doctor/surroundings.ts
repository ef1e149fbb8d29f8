import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULTS } from '../../config/defaults.ts';
import { loadConfig } from '../../config/load.ts';
import { type Diagnosis, ok, warning } from '../../model/diagnosis.ts';
import { seconds, wholeSeconds } from '../../report/units.ts';
import { loadLastRun } from '../../store/last-run.ts';
import { storeDirs } from '../../store/store-dir.ts';
import { exists } from '../../system/files.ts';
import type { Scene } from '../setup/scene.ts';

/** What is remembered of runs, and the remotes that may not wait for one. */
export async function surroundingDiagnoses(scene: Scene): Promise<Diagnosis[]> {
  const dirs = await storeDirs(scene.root);
  const faults = [...new Set([dirs.worktree, dirs.shared])].flatMap(storeFaults);
  const lost = exists(join(dirs.worktree, 'last-run.json')) && loadLastRun(dirs.worktree) === null;
  const unread = lost ? [warning('store', 'What was kept of the last run cannot be read.', 'pushgate check   replaces it')] : [];
  const problems = [...faults, ...unread];
  const store = problems.length > 0 ? problems : [ok('store', 'Runs can be remembered.')];
  const last = loadLastRun(dirs.worktree)?.run;
  return [...store, ...(await remoteDiagnoses(scene, last?.projectedWallMs ?? last?.wallMs ?? null))];
}

/** Makes a folder and takes it away again. */
function storeFaults(dir: string): Diagnosis[] {
  try {
    mkdirSync(dir, { recursive: true });
    rmdirSync(mkdtempSync(join(dir, 'doctor-')));
    return [];
  } catch (error) {
    const says = `Runs cannot be remembered: ${(error as Error).message}. Pushes are judged all the same, but never from memory.`;
    return [warning('store', says, `Make ${dir} writable.`)];
  }
}

/** Remotes by name: an address may hold a token. */
async function remoteDiagnoses({ root, checkout }: Scene, wallMs: number | null): Promise<Diagnosis[]> {
  const { repository } = checkout;
  const names = ((await repository.git('remote')) ?? '').split('\n').filter((name) => name !== '');
  const addresses = await Promise.all(names.map((name) => repository.git('remote', 'get-url', '--push', '--all', name)));
  const overSsh = names.filter((_, index) => (addresses[index] ?? '').split('\n').some(isSsh));
  const idleMs = idleOf(root);
  if (overSsh.length === 0 || wallMs === null) return [];
  const remotes = overSsh.join(', ');
  if (wallMs <= idleMs)
    return [ok('remotes', `${remotes} over SSH: the last run took ${seconds(wallMs)}, within the ${wholeSeconds(idleMs)} a remote waits.`)];
  const says = `${remotes} over SSH: git holds the connection while the hook runs, the last run took ${seconds(wallMs)}, and a remote may hang up after ${wholeSeconds(idleMs)}.`;
  return [warning('remotes', says, 'pushgate check   before the push: what it passed is not run again')];
}

function idleOf(root: string): number {
  try {
    return loadConfig(root).config.push.sshIdleMs;
  } catch {
    // What is wrong with it is said elsewhere.
    return DEFAULTS.sshIdleMs;
  }
}

/** `ssh://…`, or git's short form `user@host:path`, which has no slash before its colon. */
function isSsh(address: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) return /^(?:git\+)?ssh(?:\+git)?:\/\//i.test(address);
  return /^[^/\\:]{2,}:(?!:)/.test(address);
}
