import { join } from 'node:path';
import { withLoosened } from '../../gate/judge.ts';
import type { Past } from '../../model/checkpoint.ts';
import { seconds, wholeSeconds } from '../../report/units.ts';
import { findStamp, saveStamp } from '../../store/stamps.ts';
import { fileRunsDir } from '../../store/store-dir.ts';
import type { Io } from '../../system/io.ts';
import type { Repository } from '../../system/repository.ts';
import type { CheckOptions, Occasion } from '../check.ts';
import { ancestryOf, isWholePass, openMemory, type Memory } from '../memory.ts';
import { showStamped } from '../screen.ts';
import { changesBetween } from './changes.ts';
import { loosenedSince } from './loosening.ts';
import type { CommitTerms } from './terms.ts';
import { verdictKey } from './verdict-key.ts';

/** A commit that is to be judged for a push. */
export type Pushed = {
  readonly commit: string;
  readonly tree: string;
  /** For people: short name and branches, cleaned. */
  readonly name: string;
  /** The project's folder in the repository. */
  readonly folder: string;
  /** What it is compared with; null for nothing. */
  readonly base: string | null;
  readonly terms: CommitTerms;
  readonly isSsh: boolean;
};

/** Judges one commit by its own policy: from memory when the same has passed, else where it can be run as it is. Returns the exit code. */
export async function judgeCommit(io: Io, repo: Repository, pushed: Pushed, options: CheckOptions): Promise<number> {
  const { config, loaded, knownSlow } = pushed.terms;
  const root = join(repo.top ?? repo.gitDir, pushed.folder);
  const memory = await openMemory(io, root, { repo, ancestry: await ancestryOf(repo, pushed.commit, pushed.base ?? pushed.commit) });
  const past = await pastOf(io, repo, pushed, memory);
  const packages = { from: root, top: repo.top ?? root };
  const key = verdictKey(io, { tree: pushed.tree, folder: pushed.folder, config, knownSlow, past, passOnUnpruned: false, packages });
  const { stamp, warnings: unread } = findStamp(memory.dirs.shared, key);
  if (stamp !== null) {
    showStamped(io, options, { ...stamp, verdict: withLoosened(stamp.verdict, past) }, loaded);
    return stamp.verdict.exitCode;
  }
  warnOfIdleConnection(io, pushed, memory);
  const remember: Occasion['settle'] = async (verdict, { project, gates }) => {
    const warnings = [...unread, ...(await memory.remember(verdict, gates))];
    if (!isWholePass(verdict, gates)) return warnings;
    const unsaved = await saveStamp(memory.dirs.shared, key, { verdict, policy: project.policy });
    return unsaved === null ? warnings : [...warnings, unsaved];
  };
  const { judgeSomewhere } = await import('./judge-somewhere.ts');
  return judgeSomewhere(io, repo, pushed, {
    options: { ...options, measuresNear: true, verifySample: 1 },
    occasion: { past, keepDir: fileRunsDir(memory.dirs), settle: remember },
  });
}

/** What the commit is compared with: the last checkpoint the remote's branch has behind it, the lines it changes, the policy it loosens. */
async function pastOf(io: Io, repo: Repository, { base, commit, folder, terms }: Pushed, memory: Memory): Promise<Past> {
  const changes = terms.config.coverage.changed === null ? null : await changesBetween(repo, base, commit, folder);
  const loosened = await loosenedSince(io, { repo, base, folder }, { ...terms, config: terms.effective });
  const { checkpoint, flakes, flicker, reference } = memory;
  return { checkpoint, changes, flakes, flicker, reference, loosened };
}

/** git opened the connection before it called the hook, and holds it idle until the suite is done. */
function warnOfIdleConnection(io: Io, { isSsh, terms }: Pushed, { checkpoint }: Memory): void {
  const { sshIdleMs } = terms.config.push;
  if (!isSsh || checkpoint === null || !(checkpoint.wallMs > sshIdleMs)) return;
  io.stderr.write(
    `! The remote is reached over SSH and may hang up while the suite runs: about ${seconds(checkpoint.wallMs, 0)}, and it is believed to wait ${wholeSeconds(sshIdleMs)} (push.sshIdle).\n` +
      '  → If it does, push again: the verdict is kept, and the second push is through at once.\n' +
      '  → pushgate check   before the push makes it instant\n',
  );
}
