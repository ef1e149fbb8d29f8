import { pathToFileURL } from 'node:url';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { KeptRaw, KeptRun, KeptScript } from '../model/inputs.ts';
import type { RawSlice, SourceMapEntry } from '../model/test-run.ts';

/**
 * What the index says of the raw coverage beside it: a checksum of all its bytes, the test files by number, and of each script where its part
 * stands, which test files ran it, and what its source map names.
 */
export type PackedRaw = {
  readonly sum: number;
  readonly files: readonly string[];
  readonly scripts: readonly (readonly [url: string, at: number, length: number, files: readonly number[], map: PackedMap])[];
};
/** The part of a source map that names sources, as text. */
type PackedMap = string | null;

/** One script's part: its texts, by test file which of them how often, and its source map as text. */
type Part = readonly [
  texts: readonly string[],
  by: readonly (readonly [file: number, textsAndCounts: readonly number[]])[],
  map: string | null,
];

/** Raw coverage as it stands in a file: a part for each script, so that a run reads and writes only those it touched. */
export type OpenRaw = KeptRaw & {
  readonly files: readonly string[];
  /** A script's part as it is stored. */
  readonly partOf: (url: string) => Buffer;
};

/** Opens stored raw coverage; paths are made those below `top`. Throws when its bytes are not those that were written. */
export function openRaw(bytes: Buffer, { sum, files, scripts }: PackedRaw, top: string): OpenRaw {
  if (crc32(bytes) !== sum) throw new Error('its raw coverage is damaged');
  const place = placeOf(top);
  const nameOf = (id: number): string => files[id] as string;
  const spans = new Map(scripts.map(([url, at, length]) => [place.unpacked(url), bytes.subarray(at, at + length)]));
  const partOf = (url: string): Buffer => spans.get(url) ?? Buffer.alloc(0);
  let last: { readonly url: string; readonly part: Part } | null = null;
  const read = (url: string): Part => {
    if (last?.url === url) return last.part;
    const bytesOfPart = partOf(url);
    const part: Part = bytesOfPart.length === 0 ? [[], [], null] : (JSON.parse(inflateRawSync(bytesOfPart).toString('utf8')) as Part);
    last = { url, part };
    return part;
  };
  const scriptOf = ([url, , , ids, map]: PackedRaw['scripts'][number]): [string, KeptScript] => [
    place.unpacked(url),
    { files: new Set(ids.map(nameOf)), map: map === null ? null : { data: JSON.parse(place.unpackedText(map)) as SourceMapEntry['data'] } },
  ];
  return {
    files,
    partOf,
    scripts: new Map(scripts.map(scriptOf)),
    slicesOf: (url) => {
      const [texts, by] = read(url);
      return new Map(by.map(([id, numbers]) => [nameOf(id), unpackedSlices(url, texts, numbers)]));
    },
    sourceMapOf: (url) => {
      const text = read(url)[2];
      return text === null ? null : (JSON.parse(place.unpackedText(text)) as SourceMapEntry);
    },
  };
}

/** What is stored of some test files, by file. */
export function rawByFile(raw: OpenRaw, files: ReadonlySet<string>): Map<string, RawSlice[]> {
  const slices = new Map([...files].map((file) => [file, [] as RawSlice[]]));
  for (const [url, script] of raw.scripts) {
    if (![...script.files].some((file) => files.has(file))) continue;
    for (const [file, each] of raw.slicesOf(url)) slices.get(file)?.push(...each);
  }
  return slices;
}

function unpackedSlices(url: string, texts: readonly string[], numbers: readonly number[]): RawSlice[] {
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    url,
    text: texts[numbers[i * 2] as number] as string,
    count: numbers[i * 2 + 1] as number,
  }));
}

/**
 * Packs the raw coverage of a run. Of the test files it reused that is what is stored `before`: the part of a script that no other test file
 * ran is taken as it is. Of a test file that has to run again all the same, only its name is kept.
 */
export function packRaw(run: KeptRun, before: OpenRaw | null, top: string): { readonly bytes: Buffer; readonly packed: PackedRaw } {
  const place = placeOf(top);
  // Parts that are taken over hold numbers of files: once most of those are gone, all are packed anew.
  const isTakenOver = before !== null && before.files.length <= 2 * run.records.size + 20;
  const ids = new Map((isTakenOver ? before.files : []).map((file, id) => [file, id]));
  const idOf = (file: string): number => ids.get(file) ?? (ids.set(file, ids.size), ids.size - 1);
  const measured = measuredIn(run);
  const bytesOf = openEncoder();
  const isReused = (file: string): boolean => run.records.get(file)?.run.origin === 'reused';
  const parts: Buffer[] = [];
  const scripts: PackedRaw['scripts'][number][] = [];
  let at = 0;
  for (const url of new Set([...(before?.scripts.keys() ?? []), ...measured.keys()])) {
    const old = before?.scripts.get(url);
    const anew = measured.get(url);
    const left = [...(old?.files ?? [])].filter(isReused);
    const files = new Set([...left, ...(anew?.keys() ?? [])]);
    if (files.size === 0) continue;
    const isSame = isTakenOver && old !== undefined && anew === undefined && left.length === old.files.size;
    const map = run.sourceMaps.get(url) ?? (isSame || left.length === 0 ? null : (before?.sourceMapOf(url) ?? null));
    const part = isSame ? before.partOf(url) : packedPart(slicesByFile(url, left, anew, before), map, { idOf, place, bytesOf });
    const data = isSame ? old.map?.data : map?.data;
    const names = data ? place.packedText(JSON.stringify({ sources: data.sources, sourceRoot: data.sourceRoot })) : null;
    scripts.push([place.packed(url), at, part.length, [...files].map(idOf), names]);
    parts.push(part);
    at += part.length;
  }
  const bytes = Buffer.concat(parts);
  return { bytes, packed: { sum: crc32(bytes), files: [...ids.keys()], scripts } };
}

type SlicesByFile = ReadonlyMap<string, readonly RawSlice[]>;

/** By script and test file; no slices of files whose tests have to run again. */
function measuredIn(run: KeptRun): Map<string, Map<string, RawSlice[]>> {
  const byUrl = new Map<string, Map<string, RawSlice[]>>();
  for (const [file, { run: fileRun, untracked }] of run.records) {
    if (fileRun.origin === 'reused') continue;
    for (const slice of fileRun.raw) {
      const byFile = byUrl.get(slice.url) ?? new Map<string, RawSlice[]>();
      byUrl.set(slice.url, byFile);
      const slices = byFile.get(file) ?? [];
      byFile.set(file, slices);
      if (untracked === null) slices.push(slice);
    }
  }
  return byUrl;
}

function slicesByFile(url: string, left: readonly string[], anew: SlicesByFile | undefined, before: OpenRaw | null): SlicesByFile {
  if (left.length === 0) return anew ?? new Map();
  const kept = (before as OpenRaw).slicesOf(url);
  return new Map([...left.map((file) => [file, kept.get(file) ?? []] as const), ...(anew ?? [])]);
}

/** Level 1: the text is repetitive, and more effort costs more time than it saves in reading. Small chunks: each part keeps one alive. */
function packedPart(
  slices: SlicesByFile,
  map: SourceMapEntry | null,
  { idOf, place, bytesOf }: { idOf: (file: string) => number; place: Place; bytesOf: (text: string) => Buffer },
): Buffer {
  const texts = new Map<string, number>();
  const textAt = (text: string): number => texts.get(text) ?? (texts.set(text, texts.size), texts.size - 1);
  const by = [...slices].map(([file, each]) => [idOf(file), each.flatMap(({ text, count }) => [textAt(text), count])] as const);
  const part: Part = [[...texts.keys()], by, map === null ? null : place.packedText(JSON.stringify(map))];
  return deflateRawSync(bytesOf(JSON.stringify(part)), { level: 1, chunkSize: 2_048 });
}

/** Encodes one text after the other, all in the same place: what each took for itself would be freed long after the last. */
function openEncoder(): (text: string) => Buffer {
  let place = Buffer.alloc(0);
  return (text) => {
    const length = Buffer.byteLength(text);
    if (length > place.length) place = Buffer.allocUnsafe(2 * length);
    return place.subarray(0, place.write(text));
  };
}

/** V8 names CommonJS scripts by a url that Node makes of the path itself, with fewer escapes than `pathToFileURL`: `~`, `[` and others stay. */
function urlOfScript(path: string): string {
  const url = new URL('file:///');
  url.pathname = path.replaceAll('%', '%25');
  return url.href;
}

type Place = Readonly<Record<'packed' | 'unpacked' | 'packedText' | 'unpackedText', (text: string) => string>>;

/** Urls and maps name absolute paths; what is kept of one checkout serves a private copy of it too. `\0` stands in no path and no JSON text. */
function placeOf(top: string): Place {
  const heads = { u: `${pathToFileURL(top).href}/`, v: `${urlOfScript(top)}/`, p: `${top}/` };
  const swaps = Object.values(heads);
  const byMark = Object.entries(heads);
  return {
    packed: (text) => {
      const [mark, head] = byMark.find(([, each]) => text.startsWith(each)) ?? [];
      return mark === undefined || head === undefined ? text : `\0${mark}${text.slice(head.length)}`;
    },
    unpacked: (text) => (text.startsWith('\0') ? heads[text[1] as keyof typeof heads] + text.slice(2) : text),
    packedText: (text) => swaps.reduce((all, swap, index) => all.replaceAll(JSON.stringify(swap).slice(1, -1), `\0${index}`), text),
    unpackedText: (text) => swaps.reduce((all, swap, index) => all.replaceAll(`\0${index}`, () => JSON.stringify(swap).slice(1, -1)), text),
  };
}
