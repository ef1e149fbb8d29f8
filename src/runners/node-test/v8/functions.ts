/** One range of a function as V8 counts it; offsets in UTF-16 units of the script. The first range of a function is the function itself. */
export type RangeCount = { readonly startOffset: number; readonly endOffset: number; count: number };

/** One function's coverage in V8's own form. */
export type FunctionCount = { readonly functionName: string; readonly ranges: readonly RangeCount[]; readonly isBlockCoverage: boolean };

/**
 * Reads the text of one script's `functions` array. Null when V8 cannot have written it: no function at all (a converter would show the
 * whole script as covered), a range that ends before it starts, a negative or fractional count.
 */
export function functionsOf(text: string): FunctionCount[] | null {
  let functions: unknown;
  try {
    functions = JSON.parse(text);
  } catch {
    return null;
  }
  return isFunctions(functions) ? functions : null;
}

function isFunctions(value: unknown): value is FunctionCount[] {
  return Array.isArray(value) && value.length > 0 && value.every(isFunction);
}

function isFunction(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { functionName, ranges, isBlockCoverage } = value as Partial<FunctionCount>;
  return (
    typeof functionName === 'string' &&
    typeof isBlockCoverage === 'boolean' &&
    Array.isArray(ranges) &&
    ranges.length > 0 &&
    ranges.every(isRange)
  );
}

function isRange(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { startOffset, endOffset, count } = value as Partial<RangeCount>;
  return isCount(startOffset) && isCount(endOffset) && startOffset <= endOffset && isCount(count);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
