import type { Pace, Reference } from '../model/machine.ts';

/** Counted, not timed: on a busy machine too few rounds would run for the compiler to have seen them. About 60 ms alone. */
const WARMUP_ROUNDS = 100;
const MEASURED_MS = 180;
/** Enough for the fastest round, which is all that a reference holds. */
const FASTEST_MS = 60;

const NUMBERS = 512;
const PASSES = 16;

/** One round of the reference workload, about half a millisecond: the same numbers, sorted, counted and hashed. Changing it changes every reference. */
function round(): number {
  const numbers = new Uint32Array(NUMBERS);
  const counts = new Map<string, number>();
  let seed = 0x2545f491;
  let hash = 0;
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (let i = 0; i < NUMBERS; i += 1) {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      numbers[i] = seed;
    }
    numbers.sort();
    let text = '';
    for (let i = 0; i < NUMBERS; i += 8) {
      const word = ((numbers[i] ?? 0) % 97).toString(36);
      counts.set(word, (counts.get(word) ?? 0) + 1);
      text += word;
    }
    for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  }
  return hash + counts.size;
}

/** What a round takes now; null when that could not be measured. Keeps one processor busy for a quarter of a second, or for `time` ms and a little. */
export async function measurePace(time = MEASURED_MS): Promise<Pace | null> {
  const { timed } = await import('./bench.ts');
  const found = await timed(round, {
    time,
    iterations: 20,
    warmupTime: 0,
    warmupIterations: WARMUP_ROUNDS,
  });
  return found !== null && found.min > 0 ? { wallMs: found.mean, leastMs: found.min } : null;
}

/**
 * The reference for a checkpoint: the one that is known, so that a pass costs nothing and a busy day moves no limit; else what a round takes
 * now. Null when that could not be measured; never throws.
 */
export async function referenceAfter(known: Reference | null, pace: typeof measurePace): Promise<Reference | null> {
  if (known !== null) return known;
  try {
    const now = await pace(FASTEST_MS);
    return now === null ? null : { roundMs: now.leastMs, nodeVersion: process.versions.node };
  } catch {
    return null;
  }
}
