import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files below a folder, relative to it: hidden ones and links to files too, links to folders not followed, folders that `leaves` names (by
 * their path from there) left out with all that is in them.
 */
export function filesBelow(root: string, leaves: (folder: string) => boolean): string[] {
  const files: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!leaves(path)) folders.push(path);
      } else if (entry.isFile() || (entry.isSymbolicLink() && isFile(join(root, path)))) files.push(path);
    }
  }
  return files;
}

/** Nothing for a folder that cannot be read: what cannot be seen cannot have run either. */
function entriesOf(folder: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(folder);
  } catch {
    return [];
  }
}

const readEntries = (folder: string) => readdirSync(folder, { withFileTypes: true });

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
