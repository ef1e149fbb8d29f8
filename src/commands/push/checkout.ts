import { posix } from 'node:path';
import { matcher } from '../../formats/globs.ts';
import type { Repository } from '../../system/repository.ts';
import { readWorkTree, treeOfFiles } from '../../system/work-tree.ts';

/** A checkout, as far as a verdict can rest on it. */
export type Checkout = {
  /** The commit that is checked out; null before the first one. */
  readonly head: string | null;
  /** Its tree. */
  readonly tree: string | null;
  /** Why the files are not that commit, for the middle of a sentence; null when they are. */
  readonly differs: string | null;
  /** Why not even a commit of everything would hold what the tests see; null when it would. */
  readonly hidden: string | null;
  /** Untracked and ignored, what belongs to the installed packages aside. */
  readonly ignored: readonly string[];
};

/** Ignored files that no test depends on, or that it makes by itself; judged from the project's folder. */
const BY_PRODUCTS =
  /^(?:coverage|\.nyc_output|dist|build|out|tmp|\.cache|\.idea|\.vscode|\.husky)(?:\/|$)|\.(?:log|tsbuildinfo)$|(?:^|\/)\.DS_Store$/;
/** What an install makes or goes by; of this the copy has all that tests use. */
const INSTALLED =
  /(?:^|\/)node_modules(?:\/|$)|^(?:\.\.\/)*(?:\.husky\/_|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/;

/** Reads the state of a checkout; ignored files count when they match the triggers, since the tests would see them and a clone would not. */
export async function readCheckout(repo: Repository, folder: string, triggers: readonly string[]): Promise<Checkout | null> {
  const tree = await readWorkTree(repo);
  if (tree === null) return null;
  const counts = matcher(triggers);
  const inProject = (path: string): string => posix.relative(folder, path.replace(/\/$/, ''));
  const ignored = tree.ignored.filter((path) => !INSTALLED.test(inProject(path)));
  const seen = ignored.find((path) => {
    const own = inProject(path);
    return !BY_PRODUCTS.test(own) && (counts(own) || (path.endsWith('/') && counts(`${own}/x.js`)));
  });
  const [unwatched] = tree.unwatched;
  const hidden =
    unwatched !== undefined ? `git does not look at ${unwatched}` : seen !== undefined ? `${seen} is there, which git ignores` : null;
  const [first, ...more] = tree.changed;
  const said = more.length > 0 ? `${first} and ${more.length} more are not committed as they are` : `${first} is not committed as it is`;
  return { head: tree.head, tree: tree.tree, differs: first === undefined ? null : said, hidden, ignored };
}

/** The tree object name of the files as they stand; null when git cannot tell all that the tests see. */
export async function treeOf(repo: Repository, checkout: Checkout): Promise<string | null> {
  if (checkout.hidden !== null) return null;
  return checkout.differs === null && checkout.tree !== null ? checkout.tree : treeOfFiles(repo);
}
