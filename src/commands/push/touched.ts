import { join, posix } from 'node:path';
import { matcher } from '../../formats/globs.ts';
import { mayDependOn, type ChangedPath } from '../../insight/push.ts';
import type { Input } from '../../model/inputs.ts';
import { loadFileRuns } from '../../store/file-runs.ts';
import { fileRunsDir, storeDirs } from '../../store/store-dir.ts';
import type { Repository } from '../../system/repository.ts';
import { changedPaths } from './changes.ts';

export type Touched = {
  /** The bases against which something differs that concerns the suite. */
  readonly touched: readonly (string | null)[];
  /** A path, relative to the repository's top, that concerns it only because tests were seen to read it; null when none is needed to say why. */
  readonly read: string | null;
};

/** Finds out whether a commit concerns the suite: by what the triggers name, and by what test files depended on when they last ran here. */
export async function touchedOf(
  repo: Repository,
  folder: string,
  { commit, bases, triggers }: { commit: string; bases: readonly (string | null)[]; triggers: readonly string[] },
): Promise<Touched> {
  const isNamed = matcher(triggers);
  const isTriggered = ({ path }: ChangedPath): boolean => isTrigger(posix.relative(folder, path), isNamed);
  const touched: (string | null)[] = [];
  let read: string | null = null;
  let inputs: ReadonlySet<Input> | null = null;
  for (const base of bases) {
    // oxlint-disable-next-line no-await-in-loop -- mostly there is one
    const changed = base === null ? null : await changedPaths(repo, base, commit);
    if (changed === null || changed.some(isTriggered)) touched.push(base);
    else if (changed.length > 0) {
      // oxlint-disable-next-line no-await-in-loop -- read once
      const known = (inputs ??= await knownInputs(repo, folder));
      const found = changed.find((each) => mayDependOn(known, each));
      if (found === undefined) continue;
      touched.push(base);
      read ??= found.path;
    }
  }
  return { touched, read };
}

/** Whether a changed path is one of the triggers. A file right above the project, such as a lock file there, counts by its name. */
export function isTrigger(path: string, triggers: (path: string) => boolean): boolean {
  return triggers(path) || (/^(?:\.\.\/)+[^/]+$/.test(path) && triggers(posix.basename(path)));
}

/** What test files depended on, from the file runs kept of this checkout: none where nothing ran yet, or what is kept cannot be read. */
async function knownInputs(repo: Repository, folder: string): Promise<ReadonlySet<Input>> {
  const top = repo.top ?? repo.gitDir;
  const dirs = await storeDirs(join(top, folder), repo);
  const { kept } = loadFileRuns(fileRunsDir(dirs), top);
  return new Set([...(kept?.records.values() ?? [])].flatMap(({ states }) => [...states.keys()]));
}
