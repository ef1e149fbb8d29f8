/** A state of the suite while it runs, for the live line and the heartbeat. */
export type Progress = {
  /** The step before the tests that runs, such as a build; null once they do. */
  readonly building: string | null;
  /** Of that step, or of the tests. */
  readonly elapsedMs: number;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly testsDone: number;
  readonly failed: number;
  /** The test that has been running longest; null between tests. */
  readonly slowest: { readonly file: string; readonly name: string; readonly elapsedMs: number } | null;
};
