/** What a round of the reference workload took, in ms: on average, where other programs cost time, and the fastest, which none disturbed. */
export type Pace = { readonly wallMs: number; readonly leastMs: number };

/**
 * What the fastest round took when limits were held, in ms: it does not hang on what else ran. Another version of Node is another reference.
 */
export type Reference = { readonly roundMs: number; readonly nodeVersion: string };

/** The machine while a time was measured. */
export type Machine = {
  readonly cores: number;
  /** Load average of the last minute; 0 where the platform has none. */
  readonly load: number;
  /** Against the reference, never below 1; null when there is none. */
  readonly slower: Slower | null;
};

/** How much longer work takes than on the reference: on the clock, and how much of that is the processor's own doing. */
export type Slower = { readonly wall: number; readonly cpu: number };

/** Which clock judges time limits: this machine's, or that of the reference. */
export type Clock = 'wall' | 'calibrated';
