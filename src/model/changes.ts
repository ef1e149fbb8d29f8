import type { LineRange } from './coverage.ts';

/** The lines that a push adds or changes, by file relative to the project root. */
export type Changes = {
  /** What they are counted from, for people: `3f2c1ab`, `the beginning`. */
  readonly base: string;
  /** Null when there is nothing to compare with: every line counts as changed. */
  readonly files: ReadonlyMap<string, readonly LineRange[]> | null;
};
