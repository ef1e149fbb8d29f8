/**
 * The value below which a share `q` (0 to 1) of the samples lies, interpolated between neighbours. NaN without samples, so that a
 * comparison with it fails.
 */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The middle of the samples, in their unit. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Three of four samples lie below it. */
export function p75(samples: readonly number[]): number {
  return quantile(samples, 0.75);
}

/** How far the samples lie from their median at most, as a share of it: 0.04 reads "within 4 % of the median". 0 for a median of 0. */
export function relativeSpread(samples: readonly number[]): number {
  const middle = median(samples);
  if (middle === 0) return 0;
  const distances = samples.map((sample) => Math.abs(sample - middle));
  return quantile(distances, 1) / middle;
}
