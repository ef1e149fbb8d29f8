import type { FileRecord, Input, KeptRun, LastFull } from '../model/inputs.ts';
import type { FileRun } from '../model/test-run.ts';
import type { Remembered } from '../system/states.ts';
import type { Kept } from './file-runs.ts';
import type { PackedRaw } from './kept-raw.ts';
import { ms, packTests, unpackTests } from './packed-run.ts';

const FORMAT = 4;

type PackedRecord = readonly [file: string, durationMs: number, untracked: string | null, states: readonly number[]];

/**
 * The index of the store: a line of JSON for all, then one for the tests of each file. Tables and tuples: thousands of tests share a few
 * hundred inputs.
 */
export function packIndex(run: KeptRun, remembered: ReadonlyMap<string, Remembered>, raw: PackedRaw & { name: string }): string {
  const pairs = new Table<readonly [string, string]>((pair) => pair.join('\0'));
  const records = [...run.records].map(([file, record]): PackedRecord => [
    file,
    ms(record.run.durationMs),
    record.untracked,
    record.untracked === null ? [...record.states].map((pair) => pairs.at(pair)) : [],
  ]);
  const { lastFull } = run;
  const head = {
    format: FORMAT,
    raw,
    key: [...run.key],
    tree: run.tree,
    coverage: run.coverage,
    lastFull: [
      lastFull.at,
      ms(lastFull.wallMs),
      [...lastFull.durationsMs].map(([file, duration]) => [file, ms(duration)]),
      lastFull.isOver,
    ],
    records,
    pairs: pairs.items,
    remembered: [...remembered],
  };
  return [JSON.stringify(head), ...[...run.records.values()].map((record) => packTests(record.run.tests))].join('\n');
}

/** Null for a file of another version; throws for one that is none of ours. */
export function unpackIndex(text: string): (Omit<Kept, 'raw'> & { readonly raw: PackedRaw & { readonly name: string } }) | null {
  const [head = '', ...lines] = text.split('\n');
  const packed = JSON.parse(head) as Readonly<Record<string, unknown>>;
  if (packed['format'] !== FORMAT) return null;
  const pairs = packed['pairs'] as readonly (readonly [Input, string])[];
  const [at, wallMs, durations, isOver] = packed['lastFull'] as readonly [string, number, [string, number][], boolean];
  const lastFull: LastFull = { at, wallMs, durationsMs: new Map(durations), isOver };
  const records = (packed['records'] as readonly PackedRecord[]).map(([file, durationMs, untracked, states], i): [string, FileRecord] => {
    const run: FileRun = { file, tests: unpackTests(file, lines[i] as string), durationMs, origin: 'reused', raw: [] };
    return [file, { run, untracked, states: new Map(states.map((index) => pairs[index] as readonly [Input, string])) }];
  });
  return {
    raw: packed['raw'] as PackedRaw & { readonly name: string },
    key: new Map(packed['key'] as [string, string][]),
    tree: packed['tree'] as string | null,
    coverage: packed['coverage'] as Kept['coverage'],
    lastFull,
    records: new Map(records),
    remembered: new Map(packed['remembered'] as [string, Remembered][]),
  };
}

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
