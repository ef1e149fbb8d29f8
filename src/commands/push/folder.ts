import { join, posix, relative, sep } from 'node:path';
import { exists, realPath } from '../../system/files.ts';
import type { Repository } from '../../system/repository.ts';

/** A project's folder in its repository, as git writes paths; empty for the top. */
export function folderIn(top: string, root: string): string {
  const folder = relative(realPath(top), realPath(root));
  return folder.split(sep).join(posix.sep);
}

/** The folder the hook was started for: the nearest upwards with a project, not above the repository. */
export function projectFolder(repo: Repository, cwd: string): string {
  if (repo.top === null) return '';
  const top = realPath(repo.top);
  for (let folder = folderIn(top, cwd); folder !== '' && !folder.startsWith('..'); folder = folder.split('/').slice(0, -1).join('/')) {
    if (['pushgate.jsonc', 'package.json'].some((name) => exists(join(top, folder, name)))) return folder;
  }
  return '';
}
