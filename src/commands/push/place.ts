import { join } from 'node:path';
import { PushgateError, unprovenError } from '../../model/error.ts';
import type { Config } from '../../model/config.ts';
import type { Io } from '../../system/io.ts';
import { linkModules } from '../../system/modules.ts';
import type { Repository } from '../../system/repository.ts';
import { openPrivateCopy } from '../../system/worktree.ts';
import { short } from './changes.ts';
import { readCheckout, type Checkout } from './checkout.ts';
import { notInstalled, packageFolders } from './packages.ts';
import { prepareCopy } from './prepare.ts';

/** Where a commit is judged. */
export type Place = {
  /** The project's folder in it. */
  readonly root: string;
  /** Where the user's own files stand; null in a bare repository. */
  readonly top: string | null;
  /** Why it is a private copy; null for the user's own work tree. */
  readonly privateFor: string | null;
  /** What git ignores in the user's work tree, and so is not in a private copy. */
  readonly ignored: readonly string[];
  readonly close: () => void;
};

/** A commit, the project's folder in the repository, and what the commit itself says about pushes. */
export type Wanted = { readonly commit: string; readonly folder: string; readonly config: Config };

/** Opens the place to judge a commit in: the work tree when it is the commit and nothing else, a private copy otherwise. */
export async function openPlace(io: Io, repo: Repository, wanted: Wanted): Promise<Place> {
  const { commit, folder, config } = wanted;
  const checkout = repo.top === null ? null : await readCheckout(repo, folder, config.push.triggers);
  const why = await whyPrivate(repo, wanted, checkout);
  if (why === null && repo.top !== null)
    return { root: join(repo.top, folder), top: repo.top, privateFor: null, ignored: [], close: () => {} };
  if (config.push.isolate === 'never') throw notJudged(commit, why ?? 'the repository has no work tree', 'push.isolate is "never".');
  return openCopy(io, repo, wanted, { why: why ?? 'the repository has no work tree', ignored: checkout?.ignored ?? [] });
}

/** Why the work tree cannot stand for a commit, for the middle of a sentence; null when it can. */
export async function whyPrivate(repo: Repository, { commit, folder, config }: Wanted, checkout: Checkout | null): Promise<string | null> {
  if (config.push.isolate === 'always') return 'push.isolate asks for it';
  if (repo.top === null || checkout === null) return 'the repository has no work tree';
  if (checkout.head !== commit) return 'it is not what is checked out';
  if ((checkout.differs ?? checkout.hidden) !== null) return checkout.differs ?? checkout.hidden;
  const missing = await notInstalled(repo, repo.top, commit, folder);
  return missing && `the installed packages are not those of ${missing.file}`;
}

async function openCopy(
  io: Io,
  repo: Repository,
  wanted: Wanted,
  { why, ignored }: { why: string; ignored: readonly string[] },
): Promise<Place> {
  const { commit, folder, config } = wanted;
  const { prepare } = config.push;
  const missing = repo.top === null ? null : await notInstalled(repo, repo.top, commit, folder);
  if (missing !== null && prepare === null) {
    throw unprovenError(
      `The installed packages are not those that ${missing.file} asks for in ${short(commit)}.`,
      `${missing.install}   installs them, if that commit is checked out; then push again`,
      `"push": { "prepare": "${missing.install}" } in pushgate.jsonc   lets pushgate install them in its private copy`,
    );
  }
  const copy = await openPrivateCopy(repo, commit).catch((error: unknown) => {
    throw unprovenError(`${short(commit)} could not be checked out to be judged: ${(error as Error).message}`);
  });
  try {
    if (missing === null && repo.top !== null) linkModules(repo.top, copy.dir, await packageFolders(repo, commit));
    const root = join(copy.dir, folder);
    if (prepare !== null) await prepareCopy(io, root, prepare, config.run.timeoutMs);
    return { root, top: repo.top, privateFor: why, ignored, close: copy.release };
  } catch (error) {
    copy.release();
    throw error;
  }
}

/** The work tree does not show what the pushed commit does, and no private copy may be made. */
function notJudged(commit: string, why: string, rule: string): PushgateError {
  return unprovenError(`${short(commit)} cannot be judged in the work tree: ${why}.`, `Commit or stash what differs. ${rule}`);
}
