import { join } from 'node:path';
import { isNearBudget } from '../../gate/budget.ts';
import { withLoosened } from '../../gate/judge.ts';
import type { Terms } from '../../insight/loosened.ts';
import type { Past } from '../../model/checkpoint.ts';
import type { LoadedConfig } from '../../model/config.ts';
import { ALL_GATES } from '../../model/policy.ts';
import { findStamp, saveStamp, type Stamp } from '../../store/stamps.ts';
import { fileRunsDir } from '../../store/store-dir.ts';
import type { Io } from '../../system/io.ts';
import { openRepository, type Repository } from '../../system/repository.ts';
import type { CheckOptions, Occasion } from '../check.ts';
import { ancestryOf, isWholePass, openMemory, type Ancestry } from '../memory.ts';
import { effectiveConfig, openProject, type Project } from '../project.ts';
import { changesSince, upstreamBase } from './changes.ts';
import { readCheckout, treeOf, type Checkout } from './checkout.ts';
import { folderIn } from './folder.ts';
import { loosenedSince } from './loosening.ts';
import { verdictKey } from './verdict-key.ts';

/** A check of the files as they stand; `stamp` is the pass that makes it unnecessary. */
export type CheckOccasion = Occasion & { readonly stamp: Stamp | null; readonly loaded: LoadedConfig };

/** Finds out what the files of a project are compared with, and whether just these have passed before. */
export async function openOccasion(io: Io, options: CheckOptions): Promise<CheckOccasion> {
  const project = openProject(io, options);
  const files = await filesOf(io, project);
  const memory = await openMemory(io, project.root, files);
  const { changed } = project.config.coverage;
  const changes = changed !== null && files ? await changesSince(files.repo, files.base, files.folder) : null;
  const { knownSlow } = project.policy;
  // A file that is named for once is nobody's policy.
  const terms = async (): Promise<Terms> => ({ config: await effectiveConfig(io, project.root, project.loaded), knownSlow });
  const isCompared = files !== null && files.base !== null && options.config === undefined;
  const loosened = isCompared ? await loosenedSince(io, files, await terms()) : [];
  const { checkpoint, flakes, flicker, reference } = memory;
  const past: Past = { checkpoint, changes, flakes, flicker, reference, loosened };
  const keyOf = async (again: boolean): Promise<string | null> => {
    const tree = await files?.tree(again);
    return files && tree ? keyFor(io, options, project, { ...files, tree, past }) : null;
  };
  const key = isStampable(options) ? await keyOf(false) : null;
  const { stamp, warnings: unread } = key === null || options.stamp === false ? UNSTAMPED : findStamp(memory.dirs.shared, key);
  return {
    past,
    keepDir: files === null ? null : fileRunsDir(memory.dirs),
    stamp: stamp === null ? null : { ...stamp, verdict: withLoosened(stamp.verdict, past) },
    loaded: project.loaded,
    settle: async (verdict, suite) => {
      const warnings = [...unread, ...(await memory.remember(verdict, suite.gates))];
      // A push measures what is only projected near the budget: a pass on that is none for it.
      if (key === null || !isWholePass(verdict, suite.gates) || isNearBudget(verdict.run, suite.project.policy)) return warnings;
      // What changed while the suite ran was judged in neither state.
      if ((await keyOf(true)) !== key) return warnings;
      const unsaved = await saveStamp(memory.dirs.shared, key, { verdict, policy: suite.project.policy });
      return unsaved === null ? warnings : [...warnings, unsaved];
    },
  };
}

const UNSTAMPED = { stamp: null, warnings: [] };

/** Only a run of everything is remembered; who wants to see the runner's output wants a run. */
function isStampable(options: CheckOptions): boolean {
  return ALL_GATES.every((gate) => (options.gates ?? ALL_GATES).includes(gate)) && options.verbose !== true;
}

type Files = {
  readonly repo: Repository;
  /** The project's folder in the repository. */
  readonly folder: string;
  /** Where they left what the remote has; null when there is none. */
  readonly base: string | null;
  readonly ancestry: Ancestry;
  /** Of the files as they were first read, or as they are now. */
  readonly tree: (again: boolean) => Promise<string | null>;
};

/** What git says about the files of a project; null outside a repository. */
async function filesOf(io: Io, project: Project): Promise<Files | null> {
  const repo = await openRepository(project.root, io.env);
  if (repo === null || repo.top === null) return null;
  const folder = folderIn(repo.top, project.root);
  const read = (): Promise<Checkout | null> => readCheckout(repo, folder, project.config.push.triggers);
  const checkout = await read();
  if (checkout === null) return null;
  const withChanges = (checkout.differs ?? checkout.hidden) !== null;
  const { head } = checkout;
  const base = head === null ? null : await upstreamBase(repo);
  return {
    repo,
    folder,
    base,
    ancestry: await ancestryOf(repo, withChanges ? null : head, base ?? head),
    tree: async (again) => {
      const now = again ? await read() : checkout;
      return now === null ? null : treeOf(repo, now);
    },
  };
}

function keyFor(
  io: Io,
  options: CheckOptions,
  project: Project,
  files: { repo: Repository; folder: string; tree: string; past: Past },
): string {
  const { repo, folder, tree, past } = files;
  return verdictKey(io, {
    tree,
    folder,
    past,
    config: project.config,
    knownSlow: project.policy.knownSlow,
    passOnUnpruned: options.passOnUnpruned === true,
    packages: { from: join(repo.top ?? project.root, folder), top: repo.top ?? project.root },
  });
}
