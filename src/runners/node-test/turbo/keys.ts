import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';

/** The names that Node may give the bytecode of a script: a CommonJS module goes by its path, an ES module by its url. */
export function keysOf(url: string): string[] {
  const path = pathOf(url);
  return path === null ? [] : [keyOf(COMMONJS, path), keyOf(ES_MODULE, url)];
}

const COMMONJS = 0;
const ES_MODULE = 1;

function keyOf(type: number, name: string): string {
  return crc32(Buffer.concat([Buffer.of(type), Buffer.from(name)]))
    .toString(16)
    .padStart(8, '0');
}

/**
 * Whether a script belongs to an installed package: by the path it was loaded from, and by the one its links lead to. A package of the
 * repository itself is linked into node_modules and stands elsewhere.
 */
export function isInstalled(url: string): boolean {
  const path = pathOf(url);
  if (path === null || !isBelowModules(path)) return false;
  try {
    return isBelowModules(realpathSync(path));
  } catch {
    return false;
  }
}

/** Whether a path leads through a node_modules folder. */
export function isBelowModules(path: string): boolean {
  return /[\\/]node_modules[\\/]/.test(path);
}

function pathOf(url: string): string | null {
  if (!url.startsWith('file:')) return null;
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}
