import { type FunctionCount, functionsOf } from './functions.ts';

/**
 * The functions of one script without an object for each range, so that those of a whole suite can be held: their names, and in `numbers`
 * one after the other whether it has blocks, how many ranges, and of each range start, end and count.
 */
export type Compact = { readonly names: readonly string[]; readonly numbers: Float64Array };

/** A function in a `Compact`: its name, and where its numbers begin and how many ranges they are. */
export type CompactFunction = { readonly name: string; readonly hasBlocks: boolean; readonly at: number; readonly ranges: number };

/** Numbers of a range. */
export const RANGE = 3;

export function compacted(functions: readonly FunctionCount[]): Compact {
  const numbers = new Float64Array(functions.reduce((sum, { ranges }) => sum + 2 + ranges.length * RANGE, 0));
  let at = 0;
  for (const { ranges, isBlockCoverage } of functions) {
    numbers[at++] = isBlockCoverage ? 1 : 0;
    numbers[at++] = ranges.length;
    for (const { startOffset, endOffset, count } of ranges) {
      numbers[at++] = startOffset;
      numbers[at++] = endOffset;
      numbers[at++] = count;
    }
  }
  return { names: functions.map(({ functionName }) => functionName), numbers };
}

/** Reads the text of one script's `functions`. Throws when V8 cannot have written it. */
export function compactOf(text: string): Compact {
  const functions = functionsOf(text);
  if (functions === null) throw new TypeError('A slice holds no V8 coverage.');
  return compacted(functions);
}

/** Its functions in order. */
export function* functionsIn({ names, numbers }: Compact): Generator<CompactFunction, void> {
  let at = 0;
  for (const name of names) {
    const ranges = numbers[at + 1] as number;
    yield { name, hasBlocks: numbers[at] === 1, at: at + 2, ranges };
    at += 2 + ranges * RANGE;
  }
}
