import type { RawSlice } from '../../../model/test-run.ts';
import { type Compact, type CompactFunction, RANGE, compactOf, functionsIn } from './compact.ts';
import type { FunctionCount, RangeCount } from './functions.ts';

/** One script's coverage as c8 reads it. */
export type ScriptCount = { readonly scriptId: string; readonly url: string; readonly functions: readonly FunctionCount[] };

/** Reads what a slice's text says. */
export type Read = (text: string) => Compact;

/**
 * The fewest scripts whose n-way merge equals that of every copy of every slice. Merging is linear in the counts, so functions with equal
 * ranges become one with their counts added up. The merge itself stays c8's: it may be done only once, since merging what was merged gives
 * other branches.
 */
export function fewestScripts(slices: Iterable<RawSlice>, read: Read = compactOf): ScriptCount[] {
  const urls = new Map<string, Map<string, number>>();
  for (const { url, text, count } of slices) {
    const texts = urls.get(url) ?? new Map<string, number>();
    urls.set(url, texts);
    texts.set(text, (texts.get(text) ?? 0) + count);
  }
  return [...urls].flatMap(([url, texts]) => layersOf(texts, read).map((functions) => ({ scriptId: '0', url, functions })));
}

/** A function by its ranges, with the counts of all its copies. */
type Variant = { readonly sum: FunctionCount; copies: number };

/** The functions of a script, laid out so that no layer holds two of equal root range. */
function layersOf(texts: ReadonlyMap<string, number>, read: Read): FunctionCount[][] {
  const [only, ...more] = texts;
  if (only !== undefined && more.length === 0 && only[1] === 1) return [allOf(read(only[0]))];
  const layers: FunctionCount[][] = [[], []];
  for (const variants of variantsByRoot(texts, read)) {
    const blocks = variants.filter(({ sum }) => sum.isBlockCoverage);
    const counted = blocks.length > 0 ? blocks : variants; // As in the merge: what has no blocks gives way to what has.
    const stack = counted.flatMap((variant) => fewestCopies(variant, counted.length === 1));
    for (const [height, each] of stack.entries()) (layers[height] ??= []).push(each);
  }
  return layers;
}

function allOf(compact: Compact): FunctionCount[] {
  return [...functionsIn(compact)].map((each) => spread(compact.numbers, each, 1));
}

function variantsByRoot(texts: ReadonlyMap<string, number>, read: Read): Iterable<Variant[]> {
  const roots = new Map<number, Variant[]>();
  for (const [text, times] of texts) {
    const compact = read(text);
    const { numbers } = compact;
    for (const each of functionsIn(compact)) {
      const root = rootOf(numbers, each);
      const variants = roots.get(root) ?? [];
      if (variants.length === 0) roots.set(root, variants);
      const known = variants.find(({ sum }) => haveEqualRanges(sum, numbers, each));
      if (known === undefined) variants.push({ sum: spread(numbers, each, times), copies: times });
      else {
        add(known.sum, numbers, each, times);
        known.copies += times;
      }
    }
  }
  return roots.values();
}

/** A number for the range of the whole function; exact for scripts below 64 MB. */
function rootOf(numbers: Float64Array, { at }: CompactFunction): number {
  return (numbers[at] as number) * 2 ** 26 + (numbers[at + 1] as number);
}

function haveEqualRanges(a: FunctionCount, numbers: Float64Array, { at, ranges, hasBlocks }: CompactFunction): boolean {
  if (a.ranges.length !== ranges || a.isBlockCoverage !== hasBlocks) return false;
  for (let i = 0; i < ranges; i++) {
    const { startOffset, endOffset } = a.ranges[i] as RangeCount;
    if (startOffset !== numbers[at + i * RANGE] || endOffset !== numbers[at + i * RANGE + 1]) return false;
  }
  return true;
}

/** A function as c8 reads it, with so many times its counts. */
function spread(numbers: Float64Array, { name, at, ranges, hasBlocks }: CompactFunction, times: number): FunctionCount {
  const all = Array.from({ length: ranges }, (_, i): RangeCount => {
    const [startOffset, endOffset, count] = [numbers[at + i * RANGE], numbers[at + i * RANGE + 1], numbers[at + i * RANGE + 2]] as [
      number,
      number,
      number,
    ];
    return { startOffset, endOffset, count: count * times };
  });
  return { functionName: name, ranges: all, isBlockCoverage: hasBlocks };
}

/** Adds a function's counts so many times. */
function add(to: FunctionCount, numbers: Float64Array, { at, ranges }: CompactFunction, times: number): void {
  for (let i = 0; i < ranges; i++) (to.ranges[i] as RangeCount).count += (numbers[at + i * RANGE + 2] as number) * times;
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
