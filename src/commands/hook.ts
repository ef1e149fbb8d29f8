import { branchUpdates, parsePushedRefs } from '../insight/push.ts';
import { usageError } from '../model/error.ts';
import type { Io } from '../system/io.ts';

/** What the git hooks call. Everything goes to stderr: `git push --porcelain` owns stdout. */
export async function hook(io: Io, name: string, args: readonly string[]): Promise<number> {
  const quiet: Io = { ...io, stdout: io.stderr };
  if (name === 'pre-push') return prePush(quiet, args);
  if (name === 'pre-commit') return preCommit(quiet);
  throw usageError(`No hook named '${name}'.`, 'pushgate hook pre-push, pushgate hook pre-commit');
}

/** Judges what is pushed to branches. A push of nothing, of tags, notes or deletions alone runs nothing, not even git. */
async function prePush(io: Io, [remote = '', url = '']: readonly string[]): Promise<number> {
  const updates = branchUpdates(parsePushedRefs(await io.readStdin()));
  if (updates.length === 0) return 0;
  io.watchGit?.();
  const { judgePush } = await import('./push/judge-push.ts');
  return judgePush(io, { remote, url }, updates);
}

/** Checks what a commit can break without a run: configuration and allowlist. */
async function preCommit(io: Io): Promise<number> {
  const { openProject } = await import('./project.ts');
  openProject(io, {});
  return 0;
}
