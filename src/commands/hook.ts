import { usageError } from '../model/error.ts';
import type { Io } from '../system/io.ts';
import { check } from './check.ts';
import { openProject } from './project.ts';

/** What the git hooks call. Everything goes to stderr: `git push --porcelain` owns stdout. */
export async function hook(io: Io, name: string, _args: readonly string[]): Promise<number> {
  const quiet: Io = { ...io, stdout: io.stderr };
  if (name === 'pre-push') return prePush(quiet);
  if (name === 'pre-commit') return preCommit(quiet);
  throw usageError(`No hook named '${name}'.`, 'pushgate hook pre-push, pushgate hook pre-commit');
}

/** Judges the suite when a branch is pushed; a push of nothing, of tags or of deletions alone runs nothing. */
async function prePush(io: Io): Promise<number> {
  const updates = parsePushedRefs(await io.readStdin());
  if (!updates.some(isBranchUpdate)) return 0;
  return check(io, { again: 'push again' });
}

/** Checks what a commit can break without a run: configuration and allowlist. */
async function preCommit(io: Io): Promise<number> {
  openProject(io, {});
  return 0;
}

/** One line of what git hands to a pre-push hook. */
export type PushedRef = { readonly localRef: string; readonly localOid: string; readonly remoteRef: string; readonly remoteOid: string };

/** Reads the lines from the right: a local ref such as `HEAD^{/some text}` holds spaces. Lines of another shape are refused. */
export function parsePushedRefs(text: string): PushedRef[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const match = /^(.*) ([0-9a-f]{40,64}) (\S+) ([0-9a-f]{40,64})$/.exec(line);
      if (!match) throw usageError(`git handed the pre-push hook a line that cannot be read: ${line}`);
      const [, localRef = '', localOid = '', remoteRef = '', remoteOid = ''] = match;
      return { localRef, localOid, remoteRef, remoteOid };
    });
}

function isBranchUpdate(ref: PushedRef): boolean {
  return ref.remoteRef.startsWith('refs/heads/') && !/^0+$/.test(ref.localOid);
}
