import type { RawSlice } from '../../../model/test-run.ts';
import { type FunctionCount, type RangeCount, functionsOf } from './functions.ts';

/** One script's coverage as c8 reads it. */
export type ScriptCount = { readonly scriptId: string; readonly url: string; readonly functions: readonly FunctionCount[] };

/**
 * The fewest scripts whose n-way merge equals that of every copy of every slice. Merging is linear in the counts, so functions with equal
 * ranges become one with their counts added up; but it treats one function otherwise than several, so where there were several, one without
 * counts goes beside it. The merge itself stays c8's: it may be done only once, since merging what was merged gives other branches.
 */
export function fewestScripts(slices: Iterable<RawSlice>): ScriptCount[] {
  const urls = new Map<string, Map<string, number>>();
  for (const { url, text, count } of slices) {
    const texts = urls.get(url) ?? new Map<string, number>();
    urls.set(url, texts);
    texts.set(text, (texts.get(text) ?? 0) + count);
  }
  return [...urls].flatMap(([url, texts]) => layersOf(texts).map((functions) => ({ scriptId: '0', url, functions })));
}

/** A function by its ranges, with the counts of all its copies. */
type Variant = { readonly root: string; readonly sum: FunctionCount; copies: number };

/** The functions of a script, laid out so that no layer holds two of equal root range. */
function layersOf(texts: ReadonlyMap<string, number>): FunctionCount[][] {
  const [only, ...more] = texts;
  if (only !== undefined && more.length === 0 && only[1] === 1) return [read(only[0])];
  const layers: FunctionCount[][] = [[], []];
  const heights = new Map<string, number>();
  const put = (root: string, each: FunctionCount): void => {
    const height = heights.get(root) ?? 0;
    heights.set(root, height + 1);
    (layers[height] ??= []).push(each);
  };
  for (const { root, sum, copies } of variantsOf(texts)) {
    put(root, sum);
    if (copies > 1) put(root, { ...sum, ranges: sum.ranges.map((range) => ({ ...range, count: 0 })) });
  }
  return layers;
}

function variantsOf(texts: ReadonlyMap<string, number>): Iterable<Variant> {
  const variants = new Map<string, Variant>();
  for (const [text, times] of texts) {
    for (const each of read(text)) {
      let key = each.isBlockCoverage ? 'block' : 'function';
      for (const { startOffset, endOffset } of each.ranges) key += ` ${startOffset} ${endOffset}`;
      const known = variants.get(key);
      if (known === undefined) variants.set(key, { root: rootOf(each), sum: add(each, each, times - 1), copies: times });
      else {
        add(known.sum, each, times);
        known.copies += times;
      }
    }
  }
  return variants.values();
}

function rootOf({ ranges }: FunctionCount): string {
  const [root] = ranges as [RangeCount];
  return `${root.startOffset} ${root.endOffset}`;
}

/** Adds the counts of `from` so many times to those of `to`, and returns `to`. */
function add(to: FunctionCount, from: FunctionCount, times: number): FunctionCount {
  for (const [i, range] of to.ranges.entries()) range.count += (from.ranges[i] as RangeCount).count * times;
  return to;
}

function read(text: string): FunctionCount[] {
  const functions = functionsOf(text);
  if (functions === null) throw new TypeError('A slice holds no V8 coverage.');
  return functions;
}
