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

const LIST = ['ls-files', '-v', '--stage', '--cached', '--others', '--modified', '--deleted', '--exclude-standard', '-z'];

/** Lists the files of a work tree without touching it; null when git cannot tell, or while a merge is unfinished. */
export async function listRepoFiles(repo: Repository): Promise<RepoFiles | null> {
  const run = async (args: readonly string[]): Promise<string | null> => textOf(await repo.run(['-c', 'core.fsmonitor=false', ...args]));
  const listed = await run(LIST);
  if (listed === null) return null;
  const entries = partsOf(listed).map(entryOf);
  const tracked = entries.filter(({ tag }) => tag !== '?' && !isAgain(tag));
  if (tracked.some(({ stage }) => stage !== '0')) return null;
  // What is changed inside a submodule only diff-files tells.
  const inside = tracked.some(({ mode }) => mode === '160000')
    ? await run(['diff-files', '--name-only', '-z', '--ignore-submodules=none'])
    : '';
  if (inside === null) return null;
  const untracked = entries.filter(({ tag }) => tag === '?').map(({ path }) => path);
  const unstaged = entries.filter(({ tag }) => tag !== 'H').map(({ path }) => path);
  return {
    names: [...tracked.map(({ path }) => path), ...untracked],
    links: tracked.filter(({ mode }) => mode === '120000').map(({ path }) => path),
    unstaged: [...new Set([...partsOf(inside), ...unstaged])].toSorted(),
    index: digestOf(tracked.map(({ line }) => line).join('\0')),
  };
}

type Entry = { readonly tag: string; readonly mode: string; readonly stage: string; readonly path: string; readonly line: string };

/** `H 100644 <object> 0<tab>path`, for an untracked file `? path`. */
function entryOf(line: string): Entry {
  if (line.startsWith('? ')) return { tag: '?', mode: '', stage: '', path: line.slice(2), line };
  const tab = line.indexOf('\t');
  const [tag = '', mode = '', , stage = ''] = line.slice(0, tab).split(' ');
  return { tag, mode, stage, path: line.slice(tab + 1), line };
}

/** Whether an entry tells of a tracked file that it is changed (`C`) or gone (`R`): such a file has an entry beside that. */
const isAgain = (tag: string): boolean => /^[CR]$/i.test(tag);

const partsOf = (text: string): string[] => text.split('\0').filter((part) => part !== '');
