import { isAbsolute, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sources } from './c8.ts';
import type { Wanted } from './scan.ts';
import { sourcesOf } from './source-maps.ts';

/**
 * Which scripts are measured: the sources, and scripts of the project that were built from one. With `top`, the repository's real folder,
 * every file below it that was loaded is told as well.
 */
export function wantedBy(sources: Sources, top: string | null = null): Wanted {
  const holds = (url: string): string | null => {
    const path = top === null ? null : pathOf(url);
    return path !== null && path.startsWith(`${top}${sep}`) && !path.includes(`${sep}node_modules${sep}`) ? path : null;
  };
  return {
    root: top ?? sources.root,
    fileOf: holds,
    decide: (url) => {
      const path = pathOf(url);
      if (path === null || !path.startsWith(sources.root + sep)) return 'no';
      if (sources.has(path)) return 'source';
      return url.startsWith('file:') && !path.includes(`${sep}node_modules${sep}`) ? 'maybe' : 'no';
    },
    madeFromSource: (url, map) => sourcesOf(map, pathOf(url) ?? '').some(sources.has),
  };
}

/** The file a script was loaded from: of a file URL, or the absolute name that `vm` was given; null for anything else. */
export function pathOf(url: string): string | null {
  if (!url.startsWith('file:')) return isAbsolute(url) ? url : null;
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}
