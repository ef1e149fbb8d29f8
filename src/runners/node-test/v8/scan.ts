import { functionsOf } from './functions.ts';
import { type SourceMapEntry, scanSourceMaps } from './source-maps.ts';

/** `maybe`: no source itself, but perhaps made from one; its source map decides. */
export type Decision = 'source' | 'maybe' | 'no';

/** Which scripts are measured. */
export type Wanted = {
  /** The project root, absolute and real (no symbolic link on the way), without a trailing slash. */
  readonly root: string;
  readonly decide: (url: string) => Decision;
  /** Whether a `maybe` script was made from a source. */
  readonly madeFromSource: (url: string, map: SourceMapEntry) => boolean;
};

/** One script of one process: its url without query and fragment, and the text of its `functions`. */
export type Slice = { readonly url: string; readonly text: string };

/** What one coverage file holds that is wanted. `sourceMaps` has only maps no earlier file brought. */
export type Scan = { readonly slices: readonly Slice[]; readonly sourceMaps: ReadonlyMap<string, SourceMapEntry> };

/** A coverage file no verdict may rest on. */
export type Unusable = { readonly reason: 'empty' | 'cut off or not JSON' | 'not V8 coverage' | 'impossible counts' };

/** Where a wanted script's functions stand in the file. */
type Place = { readonly url: string; readonly script: Script; readonly start: number; readonly end: number };

/** What is known of a url; a `maybe` is settled by the first source map seen for it. */
type Script = { readonly url: string; decision: Decision; map: SourceMapEntry | null };

const HEAD = Buffer.from('{"result":[');
const SCRIPT = Buffer.from('{"scriptId":"');
const URL_KEY = Buffer.from('","url":"');
const FUNCTIONS_KEY = Buffer.from('","functions":[');
const BETWEEN = Buffer.from(']},');
const TAIL = Buffer.from(']}],"timestamp":');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Opens a scanner of the files V8 writes: it hops from script to script by bytes, makes strings only of wanted ones (some 5 % of a file),
 * and remembers what it decided per url and which texts it checked. Equal texts come out as one string. A file laid out in another way than
 * Node's is parsed as a whole.
 */
export function openScanner(wanted: Wanted): (buffer: Buffer) => Scan | Unusable {
  const known = { scripts: new Map<string, Script>(), texts: new Map<string, string>(), prefixes: prefixesOf(wanted.root), wanted };
  return (buffer) => {
    if (buffer.length === 0) return { reason: 'empty' };
    const found = hop(buffer, known) ?? parseWhole(buffer, known);
    if ('reason' in found) return found;
    const slices = found.slices.map(({ url, text }) => ({ url, text: checked(text, known.texts) }));
    return slices.every(isChecked) ? { slices, sourceMaps: found.sourceMaps } : { reason: 'impossible counts' };
  };
}

type Known = {
  readonly scripts: Map<string, Script>;
  readonly texts: Map<string, string>;
  readonly prefixes: readonly Buffer[];
  readonly wanted: Wanted;
};

function isChecked(slice: { url: string; text: string | null }): slice is Slice {
  return slice.text !== null;
}

/** The interned text when V8 can have written it. */
function checked(text: string, texts: Map<string, string>): string | null {
  const same = texts.get(text);
  if (same !== undefined) return same;
  if (functionsOf(text) === null) return null;
  texts.set(text, text);
  return text;
}

/** How a wanted url can begin. A root with characters that urls escape (Node's versions differ in which) is left to `decide`. */
function prefixesOf(root: string): Buffer[] {
  return (/^[\w./-]+$/.test(root) ? [`file://${root}/`, `${root}/`] : ['file:///', '/']).map((prefix) => Buffer.from(prefix));
}

function scriptOf(url: string, known: Known): Script {
  let script = known.scripts.get(url);
  if (script === undefined) {
    const plain = url.startsWith('file:') ? url.replace(/[?#].*$/s, '') : url;
    script = plain === url ? { url, decision: known.wanted.decide(url), map: null } : scriptOf(plain, known);
    known.scripts.set(url, script);
  }
  return script;
}

function hop(buffer: Buffer, known: Known): Scan | null {
  if (!stands(HEAD, buffer, 0)) return null;
  const places: Place[] = [];
  for (let at = HEAD.length; ;) {
    const urlAt = buffer.indexOf(QUOTE, at + SCRIPT.length) + URL_KEY.length;
    if (!stands(SCRIPT, buffer, at) || !stands(URL_KEY, buffer, urlAt - URL_KEY.length)) return null;
    const urlEnd = buffer.indexOf(QUOTE, urlAt);
    if (!stands(FUNCTIONS_KEY, buffer, urlEnd) || buffer[urlEnd - 1] === BACKSLASH) return null;
    const start = urlEnd + FUNCTIONS_KEY.length - 1;
    const next = buffer.indexOf(SCRIPT, start);
    const end = next === -1 ? buffer.indexOf(TAIL, start) : next - BETWEEN.length;
    if (end < start || !stands(next === -1 ? TAIL : BETWEEN, buffer, end)) return null;
    if (known.prefixes.some((prefix) => stands(prefix, buffer, urlAt))) {
      const url = buffer.toString('utf8', urlAt, urlEnd);
      const script = scriptOf(url, known);
      if (script.decision !== 'no') places.push({ url, script, start, end: end + 1 });
    }
    if (next === -1) return takeAll(buffer, places, end + TAIL.length, known);
    at = next;
  }
}

/** Reads what follows the scripts, `<number>}` or `<number>,"source-map-cache":{…}}`, and with it settles which places are taken. */
function takeAll(buffer: Buffer, places: readonly Place[], from: number, known: Known): Scan | null {
  const rest = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?(?<then>\}|,"source-map-cache":\{)/.exec(buffer.toString('latin1', from, from + 80));
  if (rest === null) return null;
  const after = from + rest[0].length;
  if (rest.groups?.['then'] === '}' && after !== buffer.length) return null;
  const maps = rest.groups?.['then'] === '}' ? new Map<string, SourceMapEntry>() : readMaps(buffer, after - 1, places, known);
  if (maps === null) return null;
  const slices = places
    .filter((place) => place.script.decision === 'source')
    .map(({ script, start, end }) => ({ url: script.url, text: buffer.toString('utf8', start, end) }));
  return { slices, sourceMaps: maps };
}

function readMaps(buffer: Buffer, from: number, places: readonly Place[], known: Known): Map<string, SourceMapEntry> | null {
  const open = new Set(places.filter((place) => place.script.map === null).map((place) => place.script.url));
  const found = scanSourceMaps(buffer, from, (url) => open.has(scriptOf(url, known).url));
  return found && settle(found, known);
}

/** Takes new source maps in: a `maybe` script made from a source is one from now on, the others are not looked at again. */
function settle(found: ReadonlyMap<string, SourceMapEntry>, known: Known): Map<string, SourceMapEntry> {
  const kept = new Map<string, SourceMapEntry>();
  for (const [url, map] of found) {
    const script = scriptOf(url, known);
    if (script.map !== null) continue;
    script.map = map;
    if (script.decision === 'maybe') script.decision = known.wanted.madeFromSource(script.url, map) ? 'source' : 'no';
    if (script.decision === 'source') kept.set(script.url, map);
  }
  return kept;
}

/** Whether `bytes` stand at `at`. */
function stands(bytes: Buffer, buffer: Buffer, at: number): boolean {
  if (at < 0) return false;
  for (let i = 0; i < bytes.length; i++) if (buffer[at + i] !== bytes[i]) return false;
  return true;
}

type WholeFile = {
  readonly result?: readonly { readonly url?: unknown; readonly functions?: unknown }[];
  readonly 'source-map-cache'?: Readonly<Record<string, SourceMapEntry>>;
};

function parseWhole(buffer: Buffer, known: Known): Scan | Unusable {
  let file: WholeFile | null;
  try {
    file = JSON.parse(buffer.toString('utf8')) as WholeFile | null;
  } catch {
    return { reason: 'cut off or not JSON' };
  }
  const scripts = file?.result;
  // Every Node process runs scripts of its own before the user's: an empty result is nobody's coverage.
  if (!Array.isArray(scripts) || scripts.length === 0 || !scripts.every(isScript)) return { reason: 'not V8 coverage' };
  const sourceMaps = settle(new Map(Object.entries(file?.['source-map-cache'] ?? {})), known);
  const slices = scripts
    .map(({ url, functions }) => ({ script: scriptOf(url, known), text: JSON.stringify(functions) }))
    .filter(({ script }) => script.decision === 'source')
    .map(({ script, text }) => ({ url: script.url, text }));
  return { slices, sourceMaps };
}

function isScript(script: unknown): script is { url: string; functions: unknown[] } {
  const { url, functions } = (script ?? {}) as { url?: unknown; functions?: unknown };
  return typeof url === 'string' && Array.isArray(functions);
}
