import { type Compact, compacted, compactOf } from './compact.ts';
import { functionsOf } from './functions.ts';
import { type Place, layoutOf } from './layout.ts';
import type { SourceMapEntry } from '../../../model/test-run.ts';
import { scanSourceMaps } from './source-maps.ts';

/** `maybe`: no source itself, but perhaps made from one; its source map decides. */
export type Decision = 'source' | 'maybe' | 'no';

/** Which scripts are measured. */
export type Wanted = {
  /** The folder that holds all there is to decide on, absolute and real (no symbolic link on the way), without a trailing slash. */
  readonly root: string;
  readonly decide: (url: string) => Decision;
  /** Whether a `maybe` script was made from a source. */
  readonly madeFromSource: (url: string, map: SourceMapEntry) => boolean;
  /** The file a script was loaded from when that is one of the repository; null for packages, and where nobody asks. */
  readonly fileOf: (url: string) => string | null;
};

/** One script of one process: its url without query and fragment, and the text of its `functions`. */
export type Slice = { readonly url: string; readonly text: string };

/** What one coverage file says: its wanted scripts, and all files of the repository that were loaded. */
export type Scanned = { readonly slices: readonly Slice[]; readonly loaded: readonly string[] };

/** A coverage file that no verdict may rest on. */
export type Unusable = { readonly reason: string };

export type Scanner = {
  /** The wanted scripts of one coverage file; equal texts, also of different files, are one string. */
  readonly scan: (buffer: Buffer) => Scanned | Unusable;
  /** Source maps of wanted scripts seen so far, by url; the first seen counts. */
  readonly sourceMaps: ReadonlyMap<string, SourceMapEntry>;
  /** What a slice's text says; of those that were scanned that is known already. */
  readonly read: (text: string) => Compact;
};

type Script = { readonly url: string; readonly file: string | null; decision: Decision; hasMap: boolean };

type Known = {
  readonly wanted: Wanted;
  readonly scripts: Map<string, Script>;
  readonly texts: Map<string, { readonly text: string; readonly compact: Compact }>;
  readonly sourceMaps: Map<string, SourceMapEntry>;
};

/**
 * Opens a scanner of the files V8 writes. Most of such a file is about scripts nobody asked for, so it makes strings of the wanted ones only
 * and remembers what it decided per url and which texts it checked. A file laid out in another way than Node's is parsed as a whole.
 */
export function openScanner(wanted: Wanted): Scanner {
  const known: Known = { wanted, scripts: new Map(), texts: new Map(), sourceMaps: new Map() };
  const prefixes = prefixesOf(wanted.root);
  return {
    scan: (buffer) => {
      if (buffer.length === 0) return { reason: 'is empty' };
      const found = scanBytes(buffer, prefixes, known) ?? scanWhole(buffer, known);
      if ('reason' in found) return found;
      const slices = found.slices.map(({ url, text }) => ({ url, text: checkedText(text, known) }));
      return slices.every(isChecked) ? { slices, loaded: found.loaded } : { reason: 'has counts V8 cannot have written' };
    },
    sourceMaps: known.sourceMaps,
    read: (text) => known.texts.get(text)?.compact ?? compactOf(text),
  };
}

/** How a wanted url can begin. A root with characters that urls escape (Node's versions differ in which) is left to `decide`. */
function prefixesOf(root: string): Buffer[] {
  return (/^[\w./-]+$/.test(root) ? [`file://${root}/`, `${root}/`] : ['file:///', '/']).map((prefix) => Buffer.from(prefix));
}

function isChecked(slice: { url: string; text: string | null }): slice is Slice {
  return slice.text !== null;
}

/** The first of equal texts, when V8 can have written it. */
function checkedText(text: string, known: Known): string | null {
  const same = known.texts.get(text);
  if (same !== undefined) return same.text;
  const functions = functionsOf(text);
  if (functions === null) return null;
  known.texts.set(text, { text, compact: compacted(functions) });
  return text;
}

/** What is known of a url; `file:///a.js?v=1` and `file:///a.js` are one script. */
function scriptOf(url: string, known: Known): Script {
  let script = known.scripts.get(url);
  if (script !== undefined) return script;
  const plain = url.startsWith('file:') ? url.replace(/[?#].*$/s, '') : url;
  const { decide, fileOf } = known.wanted;
  script = plain === url ? { url, file: fileOf(url), decision: decide(url), hasMap: false } : scriptOf(plain, known);
  known.scripts.set(url, script);
  return script;
}

function scanBytes(buffer: Buffer, prefixes: readonly Buffer[], known: Known): Scanned | null {
  const layout = layoutOf(buffer, prefixes);
  if (layout === null) return null;
  const places = layout.places.filter(({ url }) => scriptOf(url, known).decision !== 'no');
  if (layout.sourceMapsAt !== null && !readMaps(buffer, layout.sourceMapsAt, places, known)) return null;
  const slices = places
    .filter(({ url }) => scriptOf(url, known).decision === 'source')
    .map(({ url, start, end }) => ({ url: scriptOf(url, known).url, text: buffer.toString('utf8', start, end) }));
  return { slices, loaded: filesOf(layout.places, known) };
}

function filesOf(scripts: readonly { readonly url: string }[], known: Known): string[] {
  return scripts.flatMap(({ url }) => scriptOf(url, known).file ?? []);
}

/** False when the source maps are not laid out as Node lays them out. */
function readMaps(buffer: Buffer, from: number, places: readonly Place[], known: Known): boolean {
  const asked = new Set(places.map(({ url }) => scriptOf(url, known)).filter((script) => !script.hasMap));
  const found = scanSourceMaps(buffer, from, (url) => asked.has(scriptOf(url, known)));
  if (found === null) return false;
  for (const [url, map] of found) takeMap(scriptOf(url, known), map, known);
  return true;
}

/** A `maybe` script that was made from a source is one from now on; the others are not looked at again. */
function takeMap(script: Script, map: SourceMapEntry, known: Known): void {
  if (script.hasMap) return;
  script.hasMap = true;
  if (script.decision === 'maybe') script.decision = known.wanted.madeFromSource(script.url, map) ? 'source' : 'no';
  if (script.decision === 'source') known.sourceMaps.set(script.url, map);
}

type WholeFile = {
  readonly result?: readonly unknown[];
  readonly 'source-map-cache'?: Readonly<Record<string, SourceMapEntry>>;
};

function scanWhole(buffer: Buffer, known: Known): Scanned | Unusable {
  let file: WholeFile | null;
  try {
    file = JSON.parse(buffer.toString('utf8')) as WholeFile | null;
  } catch {
    return { reason: 'is cut off or no JSON' };
  }
  const scripts = file?.result;
  // Every Node process runs scripts of its own before the user's: an empty result is nobody's coverage.
  if (!Array.isArray(scripts) || scripts.length === 0 || !scripts.every(isScript)) return { reason: 'is not V8 coverage' };
  for (const [url, map] of Object.entries(file?.['source-map-cache'] ?? {})) takeMap(scriptOf(url, known), map, known);
  const slices = scripts
    .filter(({ url }) => scriptOf(url, known).decision === 'source')
    .map(({ url, functions }) => ({ url: scriptOf(url, known).url, text: JSON.stringify(functions) }));
  return { slices, loaded: filesOf(scripts, known) };
}

function isScript(script: unknown): script is { url: string; functions: unknown[] } {
  const { url, functions } = (script ?? {}) as { url?: unknown; functions?: unknown };
  return typeof url === 'string' && Array.isArray(functions);
}
