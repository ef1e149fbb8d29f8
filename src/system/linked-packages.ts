import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, realpathSync, type Dirent, type Stats } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** More files than a package that is worked on has; whoever links more has no name for their state. */
const MOST_FILES = 20_000;

/**
 * Names the state of packages that links lead to outside the repository, as `npm link` and `file:../x` make them: neither git nor a lock file
 * tells of those. Looks into the `node_modules` from a folder up to the top; both real. Empty when there are none. The state is that of sizes
 * and times; it never repeats where there is too much to look at.
 */
export function linkedPackages(from: string, top: string): string {
  const states: string[] = [];
  for (let dir = from; ; dir = dirname(dir)) {
    for (const target of targetsIn(join(dir, 'node_modules'))) {
      if (target !== top && !target.startsWith(`${top}${sep}`) && !target.includes(`${sep}node_modules${sep}`))
        states.push(stateOf(target));
    }
    if (dir === top || dir === dirname(dir)) return states.join('\n');
  }
}

/** Where the links among the packages lead. */
function targetsIn(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('@')) return targetsIn(path);
    if (entry.name.startsWith('.') || !entry.isSymbolicLink()) return [];
    try {
      return [realpathSync(path)];
    } catch {
      return [];
    }
  });
}

function stateOf(target: string): string {
  const hash = createHash('sha256');
  const folders = [target];
  let left = MOST_FILES;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const names = entriesIn(folder).map((entry) => entry.name);
    for (const name of names.toSorted()) {
      const path = join(folder, name);
      const stat = statOf(path);
      if (stat === null || name === '.git' || name === 'node_modules') continue;
      left -= 1;
      if (left < 0) return `${target} ${process.hrtime.bigint()}`;
      if (stat.isDirectory()) folders.push(path);
      else hash.update(`${path} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}\n`);
    }
  }
  return `${target} ${hash.digest('hex')}`;
}

function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}
