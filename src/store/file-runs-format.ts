import { pathToFileURL } from 'node:url';
import type { FileRecord, Input, KeptRun, LastFull } from '../model/inputs.ts';
import type { Attempt, FileRun, RawSlice, SourceMapEntry, SourceMaps, Test } from '../model/test-run.ts';
import type { Remembered } from '../system/states.ts';
import type { Kept } from './file-runs.ts';

/** The two files of the store as JSON. Tables and tuples: thousands of tests share a few hundred inputs. */
export type Packed = Readonly<Record<string, unknown>>;

const FORMAT = 1;

type PackedTest = readonly [
  name: string,
  line: number,
  column: number,
  outcome: Test['outcome'],
  durationMs: number,
  subtestsMs: number,
  skipReason: string | null,
  enclosing: string | null,
  onlyUnderCoverage: boolean,
  attempts: readonly (readonly [Attempt['outcome'], number, boolean, boolean])[],
];
type PackedRecord = readonly [
  file: string,
  durationMs: number,
  untracked: string | null,
  states: readonly number[],
  tests: readonly PackedTest[],
];

export function packIndex(run: KeptRun, remembered: ReadonlyMap<string, Remembered>, slicesName: string): Packed {
  const pairs = new Table<readonly [string, string]>((pair) => pair.join('\0'));
  const records = [...run.records].map(([file, record]): PackedRecord => [
    file,
    ms(record.run.durationMs),
    record.untracked,
    record.untracked === null ? [...record.states].map((pair) => pairs.at(pair)) : [],
    record.run.tests.map(packTest),
  ]);
  const { lastFull } = run;
  return {
    format: FORMAT,
    slicesName,
    key: [...run.key],
    tree: run.tree,
    coverage: run.coverage,
    lastFull: [lastFull.at, ms(lastFull.wallMs), [...lastFull.durationsMs].map(([file, duration]) => [file, ms(duration)])],
    records,
    pairs: pairs.items,
    remembered: [...remembered],
  };
}

/** Null for a file of another version; throws for one that is none of ours. */
export function unpackIndex(packed: Packed): (Omit<Kept, 'slices'> & { readonly slicesName: string }) | null {
  if (packed['format'] !== FORMAT) return null;
  const pairs = packed['pairs'] as readonly (readonly [Input, string])[];
  const [at, wallMs, durations] = packed['lastFull'] as readonly [string, number, [string, number][]];
  const lastFull: LastFull = { at, wallMs, durationsMs: new Map(durations) };
  const records = (packed['records'] as readonly PackedRecord[]).map(
    ([file, durationMs, untracked, states, tests]): [string, FileRecord] => {
      const run: FileRun = { file, tests: tests.map((test) => unpackTest(file, test)), durationMs, origin: 'reused', raw: [] };
      return [file, { run, untracked, states: new Map(states.map((index) => pairs[index] as readonly [Input, string])) }];
    },
  );
  return {
    slicesName: packed['slicesName'] as string,
    key: new Map(packed['key'] as [string, string][]),
    tree: packed['tree'] as string | null,
    coverage: packed['coverage'] as Kept['coverage'],
    lastFull,
    records: new Map(records),
    remembered: new Map(packed['remembered'] as [string, Remembered][]),
  };
}

export function packSlices(run: KeptRun, top: string): Packed {
  const place = placeOf(top);
  const texts = new Table<string>((text) => text);
  const urls = new Table<string>((url) => url);
  const raw = [...run.records].map(([file, record]) => [
    file,
    record.untracked === null ? record.run.raw.flatMap(({ url, text, count }) => [urls.at(place.packed(url)), texts.at(text), count]) : [],
  ]);
  const used = new Set(urls.items);
  const sourceMaps = [...run.sourceMaps]
    .map(([url, entry]) => [place.packed(url), place.packedText(JSON.stringify(entry))] as const)
    .filter(([url]) => used.has(url));
  return { format: FORMAT, texts: texts.items, urls: urls.items, raw, sourceMaps };
}

export function unpackSlices(packed: Packed, top: string): { raw: Map<string, RawSlice[]>; sourceMaps: SourceMaps } {
  if (packed['format'] !== FORMAT) throw new Error('its slices are of another version');
  const place = placeOf(top);
  const texts = packed['texts'] as readonly string[];
  const urls = (packed['urls'] as readonly string[]).map(place.unpacked);
  const raw = (packed['raw'] as readonly (readonly [string, readonly number[]])[]).map(([file, numbers]): [string, RawSlice[]] => {
    const slices: RawSlice[] = [];
    for (let at = 0; at < numbers.length; at += 3) {
      const [url, text, count] = [urls[numbers[at] as number], texts[numbers[at + 1] as number], numbers[at + 2]];
      if (url === undefined || text === undefined || count === undefined) throw new Error('its slices do not fit together');
      slices.push({ url, text, count });
    }
    return [file, slices];
  });
  const sourceMaps = (packed['sourceMaps'] as readonly (readonly [string, string])[]).map(([url, text]): [string, SourceMapEntry] => [
    place.unpacked(url),
    JSON.parse(place.unpackedText(text)) as SourceMapEntry,
  ]);
  return { raw: new Map(raw), sourceMaps: new Map(sourceMaps) };
}

/** Urls and maps name absolute paths; what is kept of one checkout serves a private copy of it too. `\0` stands in no path and no JSON text. */
function placeOf(top: string): Record<'packed' | 'unpacked' | 'packedText' | 'unpackedText', (text: string) => string> {
  const url = `${pathToFileURL(top).href}/`;
  const path = `${top}/`;
  const swaps = [url, path];
  return {
    packed: (text) =>
      text.startsWith(url) ? `\0u${text.slice(url.length)}` : text.startsWith(path) ? `\0p${text.slice(path.length)}` : text,
    unpacked: (text) => (text.startsWith('\0u') ? url + text.slice(2) : text.startsWith('\0p') ? path + text.slice(2) : text),
    packedText: (text) => swaps.reduce((all, swap, index) => all.replaceAll(JSON.stringify(swap).slice(1, -1), `\0${index}`), text),
    unpackedText: (text) => swaps.reduce((all, swap, index) => all.replaceAll(`\0${index}`, () => JSON.stringify(swap).slice(1, -1)), text),
  };
}

function packTest(test: Test): PackedTest {
  const attempts = test.attempts.map(
    ({ outcome, durationMs, alone, instrumented }) => [outcome, ms(durationMs), alone, instrumented] as const,
  );
  const { name, line, column, outcome, skipReason, enclosing, onlyUnderCoverage } = test;
  return [name, line, column, outcome, ms(test.durationMs), ms(test.subtestsMs), skipReason, enclosing, onlyUnderCoverage, attempts];
}

function unpackTest(file: string, packed: PackedTest): Test {
  const [name, line, column, outcome, durationMs, subtestsMs, skipReason, enclosing, onlyUnderCoverage, attempts] = packed;
  const tried = attempts.map(([outcomeOf, attemptMs, alone, instrumented]) => ({
    outcome: outcomeOf,
    durationMs: attemptMs,
    alone,
    instrumented,
  }));
  return {
    file,
    name,
    line,
    column,
    outcome,
    durationMs,
    subtestsMs,
    attempts: tried,
    skipReason,
    enclosing,
    failure: null,
    onlyUnderCoverage,
  };
}

/** Microseconds are finer than anything that is judged. */
const ms = (value: number): number => Math.round(value * 1_000) / 1_000;

class Table<Item> {
  readonly items: Item[] = [];
  readonly #ids = new Map<string, number>();
  readonly #keyOf: (item: Item) => string;

  constructor(keyOf: (item: Item) => string) {
    this.#keyOf = keyOf;
  }

  at(item: Item): number {
    const key = this.#keyOf(item);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.items.length);
    return this.items.push(item) - 1;
  }
}
