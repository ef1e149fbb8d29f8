import { digestOf } from './files.ts';
import { textOf, type Repository } from './repository.ts';

/** The files of a repository as git sees them; paths are relative to its top. What git ignores is not among them. */
export type RepoFiles = {
  /** Tracked and untracked, in git's order. */
  readonly names: readonly string[];
  readonly links: readonly string[];
  /** Those whose content is not what the index holds, or whose changes git was told not to see; deleted ones included. */
  readonly unstaged: readonly string[];
  /** Stands for the names, modes and contents in the index. */
  readonly index: string;
};

/** Lists the files of a work tree without touching it; null when git cannot tell, or while a merge is unfinished. */
export async function listRepoFiles(repo: Repository): Promise<RepoFiles | null> {
  const [staged, changed, others] = await Promise.all(
    [
      ['ls-files', '-v', '--stage', '-z'],
      ['diff-files', '--name-only', '-z', '--ignore-submodules=none'],
      ['ls-files', '--others', '--exclude-standard', '-z'],
    ].map(async (args) => textOf(await repo.run(['-c', 'core.fsmonitor=false', ...args]))),
  );
  if (staged == null || changed == null || others == null) return null;
  const tracked = entriesOf(staged);
  if (tracked.some(({ stage }) => stage !== '0')) return null;
  const untracked = partsOf(others);
  return {
    names: [...tracked.map(({ path }) => path), ...untracked],
    links: tracked.filter(({ mode }) => mode === '120000').map(({ path }) => path),
    unstaged: [
      ...new Set([...partsOf(changed), ...tracked.filter(({ tag }) => tag !== 'H').map(({ path }) => path), ...untracked]),
    ].toSorted(),
    index: digestOf(staged),
  };
}

type Entry = { readonly tag: string; readonly mode: string; readonly stage: string; readonly path: string };

function entriesOf(text: string): Entry[] {
  return partsOf(text).map((part) => {
    const tab = part.indexOf('\t');
    const [tag = '', mode = '', , stage = ''] = part.slice(0, tab).split(' ');
    return { tag, mode, stage, path: part.slice(tab + 1) };
  });
}

const partsOf = (text: string): string[] => text.split('\0').filter((part) => part !== '');
