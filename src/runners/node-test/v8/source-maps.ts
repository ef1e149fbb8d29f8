import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceMapEntry } from '../../../model/test-run.ts';

/** Paths of the sources a script was made from, resolved as c8's converter resolves them. */
export function sourcesOf(entry: Pick<SourceMapEntry, 'data'>, scriptPath: string): string[] {
  const sources: unknown = entry.data?.sources;
  if (!Array.isArray(sources)) return [];
  return sources
    .filter((source): source is string => typeof source === 'string')
    .flatMap((source) => sourcePath(entry, source, scriptPath));
}

function sourcePath(entry: Pick<SourceMapEntry, 'data'>, source: string, scriptPath: string): string[] {
  try {
    if (source.startsWith('file://')) return [fileURLToPath(source)];
    const path = join((entry.data?.sourceRoot ?? '').replace('file://', ''), source.replace(/^webpack:\/\//, ''));
    return [isAbsolute(path) ? path : resolve(dirname(scriptPath), path)];
  } catch {
    return []; // A file URL with a host or an encoded slash names no file.
  }
}

const KEY_END = Buffer.from('":{"lineLengths":[');
const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * Goes through the source maps of a coverage file, from the byte after `"source-map-cache":` to its end, and parses those that `take` asks
 * for by url. The last one is always parsed: a file cut off inside it must not pass for whole. Null when the bytes are not laid out as
 * Node lays them out.
 */
export function scanSourceMaps(buffer: Buffer, from: number, take: (url: string) => boolean): Map<string, SourceMapEntry> | null {
  const found = new Map<string, SourceMapEntry>();
  const end = buffer.length - 2;
  if (buffer.toString('latin1', end) !== '}}') return null;
  if (from + 1 === end) return found;
  let key = from + 1;
  for (;;) {
    const keyEnd = buffer.indexOf(KEY_END, key);
    if (keyEnd === -1 || buffer[key] !== QUOTE || buffer.indexOf(QUOTE, key + 1) !== keyEnd) return null;
    const next = buffer.indexOf(KEY_END, keyEnd + KEY_END.length);
    const nextKey = next === -1 ? end + 1 : buffer.lastIndexOf(QUOTE, next - 1);
    if (next !== -1 && buffer[nextKey - 1] !== COMMA) return null;
    const url = buffer.toString('utf8', key + 1, keyEnd);
    if (next === -1 || take(url)) {
      const entry = entryOf(buffer.toString('utf8', keyEnd + 2, nextKey - 1));
      if (entry === null) return null;
      if (take(url)) found.set(url, entry);
    }
    if (next === -1) return found;
    key = nextKey;
  }
}

function entryOf(text: string): SourceMapEntry | null {
  try {
    return JSON.parse(text) as SourceMapEntry;
  } catch {
    return null;
  }
}
