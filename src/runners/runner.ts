import type { Coverage } from '../model/coverage.ts';
import type { Progress } from '../model/progress.ts';
import type { CoveragePolicy } from '../model/policy.ts';
import type { KeptRaw } from '../model/inputs.ts';
import type { FileRun, Test, TestRun } from '../model/test-run.ts';
import type { SuitePlan } from './plan.ts';

/** What to note of the processes of test files, so that their file runs can be kept. */
export type Track = {
  /** The repository's top folder, absolute and real. */
  readonly top: string;
  /** Variables whose reading counts. */
  readonly env: readonly string[];
  /** Programs other than Node that may be started without counting as readers of everything; true for all. */
  readonly trusted: boolean | readonly string[];
};

/** File runs that stand for test files which do not run. */
export type Reuse = {
  /** The test files that run, relative to the root. */
  readonly run: ReadonlySet<string>;
  /** Without raw coverage, which is in `figures`. */
  readonly files: readonly FileRun[];
  readonly figures: KeptFigures;
};

/** The figures of the run that is reused, and what they were made of; what cannot have changed is not counted again. */
export type KeptFigures = {
  readonly coverage: Coverage;
  /** Null when nothing at all can have changed. */
  readonly raw: KeptRaw | null;
  /** Whether a file, by its absolute path, has the content with this hash once the tests have run. */
  readonly isSame: (path: string, hash: string) => boolean;
};

/** What to measure and how. */
export type MeasureRequest = {
  readonly root: string;
  readonly plan: SuitePlan;
  /** Sources to measure; null runs the suite bare, without coverage. */
  readonly coverage: Pick<CoveragePolicy, 'include' | 'exclude'> | null;
  /** One file, filtered to these tests; null for the whole suite. */
  readonly only: { readonly file: string; readonly tests: readonly Test[] } | null;
  /** Null where nothing is kept of the run. */
  readonly track?: Track | null;
  /** Asked once it is known which test files there are; null runs them all. */
  readonly reuse?: ((plan: SuitePlan) => Promise<Reuse | null>) | null;
  /** Whether to tell where the time of its tests goes; slows them a little. */
  readonly trace?: boolean;
  /** Whether the steps before the tests run also for a single file: no run of the suite came before. */
  readonly withSetup?: boolean;
  /** Lets processes take the bytecode of installed packages from a cache, where that changes no coverage. */
  readonly turbo: boolean;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The descriptor on which the test runner's own output passes through; null keeps it for crash messages only. */
  readonly passThrough: 1 | 2 | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Something the person should know that changes no verdict; one sentence. */
  readonly onNotice: (text: string) => void;
};

/** The port every test runner is adapted to. A suite that fails, hangs or crashes is a result (`unproven`), not an exception. */
export type Runner = {
  readonly name: string;
  readonly measure: (request: MeasureRequest) => Promise<TestRun>;
};
