import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from '../../../model/explanation.ts';

/** Tells places as the user knows them. */
export type Places = {
  /** The place of a line (1-based) of an absolute path, in its source where the file says what it was compiled from. */
  readonly at: (file: string, line: number, column: number) => Place | null;
  readonly isOwn: (file: string) => boolean;
};

/** Places below a project root. Compiled files are followed to their sources through the maps that lie beside them. */
export function placesIn(root: string): Places {
  const maps = new Map<string, SourceMap | null>();
  const mapOf = (file: string): SourceMap | null => {
    const known = maps.get(file);
    if (known !== undefined) return known;
    const map = readMap(file);
    maps.set(file, map);
    return map;
  };
  const isOwn = (file: string): boolean => !file.includes(`${sep}node_modules${sep}`) && !relative(root, file).startsWith('..');
  return {
    isOwn,
    at(file, line, column) {
      if (file === '' || line === 0) return null;
      const entry = mapOf(file)?.findEntry(line - 1, Math.max(0, column - 1));
      if (entry === undefined || !('originalSource' in entry)) return { file: shortened(root, file), line };
      return { file: shortened(root, resolve(dirname(file), pathOf(entry.originalSource))), line: entry.originalLine + 1 };
    },
  };
}

/** A path or a file URL as a path. */
export function pathOf(url: string): string {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}

function shortened(root: string, file: string): string {
  const short = relative(root, file);
  return (short.startsWith('..') || isAbsolute(short) ? file : short).split(sep).join('/');
}

function readMap(file: string): SourceMap | null {
  if (!/\.[cm]?jsx?$/.test(file)) return null;
  try {
    const url = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(file, 'utf8').slice(-2_000_000))?.[1];
    if (url === undefined) return null;
    const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(url)?.[1];
    const text = inline === undefined ? readFileSync(resolve(dirname(file), url), 'utf8') : Buffer.from(inline, 'base64').toString();
    return new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    // Without its map the file keeps the compiled lines.
    return null;
  }
}
