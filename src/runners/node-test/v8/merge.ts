import type { RawSlice } from '../../../model/test-run.ts';
import { type FunctionCount, type RangeCount, functionsOf } from './functions.ts';

/** One script's coverage as c8 reads it. */
export type ScriptCount = { readonly scriptId: string; readonly url: string; readonly functions: readonly FunctionCount[] };

/**
 * The fewest scripts whose n-way merge equals that of every copy of every slice. Merging is linear in the counts, so functions with equal
 * ranges become one with their counts added up. The merge itself stays c8's: it may be done only once, since merging what was merged gives
 * other branches.
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
type Variant = { readonly sum: FunctionCount; copies: number };

/** The functions of a script, laid out so that no layer holds two of equal root range. */
function layersOf(texts: ReadonlyMap<string, number>): FunctionCount[][] {
  const [only, ...more] = texts;
  if (only !== undefined && more.length === 0 && only[1] === 1) return [read(only[0])];
  const layers: FunctionCount[][] = [[], []];
  for (const variants of variantsByRoot(texts)) {
    const blocks = variants.filter(({ sum }) => sum.isBlockCoverage);
    const counted = blocks.length > 0 ? blocks : variants; // As in the merge: what has no blocks gives way to what has.
    const stack = counted.flatMap((variant) => fewestCopies(variant, counted.length === 1));
    for (const [height, each] of stack.entries()) (layers[height] ??= []).push(each);
  }
  return layers;
}

function variantsByRoot(texts: ReadonlyMap<string, number>): Iterable<Variant[]> {
  const roots = new Map<number, Variant[]>();
  for (const [text, times] of texts) {
    for (const each of read(text)) {
      const root = rootOf(each);
      const variants = roots.get(root) ?? [];
      if (variants.length === 0) roots.set(root, variants);
      const known = variants.find(({ sum }) => haveEqualRanges(sum, each));
      if (known === undefined) variants.push({ sum: add(each, each, times - 1), copies: times });
      else {
        add(known.sum, each, times);
        known.copies += times;
      }
    }
  }
  return roots.values();
}

/** A number for the range of the whole function; exact for scripts below 64 MB. */
function rootOf({ ranges }: FunctionCount): number {
  const [{ startOffset, endOffset }] = ranges as [RangeCount];
  return startOffset * 2 ** 26 + endOffset;
}

function haveEqualRanges(a: FunctionCount, b: FunctionCount): boolean {
  if (a.ranges.length !== b.ranges.length || a.isBlockCoverage !== b.isBlockCoverage) return false;
  for (let i = 0; i < a.ranges.length; i++) {
    const [left, right] = [a.ranges[i] as RangeCount, b.ranges[i] as RangeCount];
    if (left.startOffset !== right.startOffset || left.endOffset !== right.endOffset) return false;
  }
  return true;
}

/** Adds the counts of `from` so many times to those of `to`, and returns `to`. */
function add(to: FunctionCount, from: FunctionCount, times: number): FunctionCount {
  for (let i = 0; i < to.ranges.length; i++) (to.ranges[i] as RangeCount).count += (from.ranges[i] as RangeCount).count * times;
  return to;
}

/**
 * A merge leaves a single function as it is, but goes through the blocks of several and decides anew whether they have block coverage. Where
 * that changes nothing, one stands for all copies; elsewhere one without counts goes beside it.
 */
function fewestCopies({ sum, copies }: Variant, alone: boolean): FunctionCount[] {
  if (copies === 1 || (areNested(sum.ranges) && (!alone || keepsItsKind(sum)))) return [sum];
  return [sum, { ...sum, ranges: sum.ranges.map((range) => ({ ...range, count: 0 })) }];
}

/** Whether each block lies inside one before it or beside it, and none is empty. */
function areNested(ranges: readonly RangeCount[]): boolean {
  const ends = [Number.POSITIVE_INFINITY];
  let start = 0;
  for (const { startOffset, endOffset } of ranges) {
    while (startOffset >= (ends.at(-1) as number)) ends.pop();
    if (startOffset < start || endOffset <= startOffset || endOffset > (ends.at(-1) as number)) return false;
    ends.push(endOffset);
    start = startOffset;
  }
  return true;
}

/** Whether a merge calls it what it is. Of several ranges one may remain when together they fill the function, so that cannot be foreseen. */
function keepsItsKind({ ranges: [root, ...blocks], isBlockCoverage }: FunctionCount): boolean {
  if (root === undefined) return false;
  if (blocks.length === 0) return isBlockCoverage === root.count > 0;
  let coveredTo = root.startOffset;
  for (const { startOffset, endOffset } of blocks) if (startOffset <= coveredTo) coveredTo = Math.max(coveredTo, endOffset);
  return isBlockCoverage && coveredTo < root.endOffset;
}

function read(text: string): FunctionCount[] {
  const functions = functionsOf(text);
  if (functions === null) throw new TypeError('A slice holds no V8 coverage.');
  return functions;
}
