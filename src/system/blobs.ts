import type { Repository } from './repository.ts';

/** What stands at a path of a commit. */
export type Entry = { readonly kind: 'file'; readonly bytes: Buffer } | { readonly kind: 'folder' };

/** Reads paths of a commit, relative to the top of the repository, in one call of git. What is not there is left out. */
export async function entriesAt(repo: Repository, commit: string, paths: readonly string[]): Promise<Map<string, Entry>> {
  const input = paths.map((path) => `${commit}:${path}\n`).join('');
  const { stdout } = await repo.run(['cat-file', '--batch'], { input });
  const entries = new Map<string, Entry>();
  let at = 0;
  for (const path of paths) {
    const end = stdout.indexOf('\n', at);
    if (end < 0) break;
    const [, kind, size] = stdout.toString('utf8', at, end).split(' ').slice(-3);
    at = end + 1;
    if (kind !== 'blob' && kind !== 'tree') continue;
    const bytes = stdout.subarray(at, at + Number(size));
    at += Number(size) + 1;
    entries.set(path, kind === 'blob' ? { kind: 'file', bytes } : { kind: 'folder' });
  }
  return entries;
}
