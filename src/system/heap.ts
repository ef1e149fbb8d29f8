import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Keeps the part of V8's heap small that holds new objects: it would double, again and again, up to 48 or 96 MB, while what is left of them is
 * a tenth of that. A few per cent more processor time for a third less memory. Only in versions of Node that were tried: V8 prints an error
 * where it does not know a flag.
 */
export function keepHeapSmall(nodeVersion: string): void {
  const major = Number(nodeVersion.split('.')[0]);
  if (major < 20 || major > 26) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  collect = (runInNewContext('globalThis.gc') as (() => void) | undefined) ?? null;
}

/** Null until the heap is to be kept small. */
let collect: (() => void) | null = null;
/** What was in use after the last look. */
let leftBytes = 0;
/** Less is not worth the look: some 10 ms, more where more is in use. */
const WORTH_BYTES = 24 << 20;

/**
 * Frees what is no longer used, where that may be much: V8 itself would first let the heap of a short process grow to several times what it
 * needs. For the places where much has just been done with.
 */
export function freeUnused(): void {
  if (collect === null || process.memoryUsage().heapUsed - leftBytes < Math.max(WORTH_BYTES, leftBytes / 2)) return;
  collect();
  leftBytes = process.memoryUsage().heapUsed;
}
