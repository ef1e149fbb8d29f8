/** Where one script's functions stand in a coverage file: bytes from `[` to after `]`. */
export type Place = { readonly url: string; readonly start: number; readonly end: number };

/** What stands where in a coverage file; `sourceMapsAt` is the `{` of its source maps. */
export type Layout = { readonly places: readonly Place[]; readonly sourceMapsAt: number | null };

const HEAD = Buffer.from('{"result":[');
const SCRIPT = Buffer.from('{"scriptId":"');
const URL_KEY = Buffer.from('","url":"');
const FUNCTIONS_KEY = Buffer.from('","functions":[');
const BETWEEN = Buffer.from(']},');
const TAIL = Buffer.from(']}],"timestamp":');
const MAPS_KEY = ',"source-map-cache":{';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Finds the scripts whose url begins with one of the prefixes, hopping from script to script by bytes: quotes inside JSON strings are
 * escaped, so the marks cannot stand inside one. Null when the file is not laid out, from its first byte to its last, as Node lays it out.
 */
export function layoutOf(buffer: Buffer, prefixes: readonly Buffer[]): Layout | null {
  if (!stands(HEAD, buffer, 0)) return null;
  const places: Place[] = [];
  for (let at = HEAD.length; ;) {
    const urlAt = buffer.indexOf(QUOTE, at + SCRIPT.length) + URL_KEY.length;
    const urlEnd = buffer.indexOf(QUOTE, urlAt);
    if (!stands(SCRIPT, buffer, at) || !stands(URL_KEY, buffer, urlAt - URL_KEY.length)) return null;
    if (!stands(FUNCTIONS_KEY, buffer, urlEnd) || buffer[urlEnd - 1] === BACKSLASH) return null;
    const start = urlEnd + FUNCTIONS_KEY.length - 1;
    const next = buffer.indexOf(SCRIPT, start);
    const end = next === -1 ? buffer.indexOf(TAIL, start) : next - BETWEEN.length;
    if (end < start || !stands(next === -1 ? TAIL : BETWEEN, buffer, end)) return null;
    if (prefixes.some((prefix) => stands(prefix, buffer, urlAt))) {
      places.push({ url: buffer.toString('utf8', urlAt, urlEnd), start, end: end + 1 });
    }
    if (next === -1) return ending(buffer, end + TAIL.length, places);
    at = next;
  }
}

/** After the scripts: the timestamp's number, then the end, or the source maps and the end. */
function ending(buffer: Buffer, from: number, places: readonly Place[]): Layout | null {
  const rest = buffer.toString('latin1', from, from + 80);
  const number = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?/.exec(rest)?.[0];
  if (number === undefined) return null;
  if (rest.slice(number.length) === '}') return { places, sourceMapsAt: null };
  return rest.startsWith(MAPS_KEY, number.length) ? { places, sourceMapsAt: from + number.length + MAPS_KEY.length - 1 } : null;
}

function stands(bytes: Buffer, buffer: Buffer, at: number): boolean {
  if (at < 0) return false;
  for (let i = 0; i < bytes.length; i++) if (buffer[at + i] !== bytes[i]) return false;
  return true;
}
