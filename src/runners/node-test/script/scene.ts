import type { NodeScriptStep, NodeTestStep } from '../../plan.ts';
import type { CoverageWords } from './coverage-tool.ts';
import type { Word } from './shell-words.ts';

/** What holds for the whole of a test command, and what is gathered on the way through it. */
export type Scene = {
  readonly root: string;
  /** `scripts.test in package.json`. */
  readonly from: string;
  /** The key alone: `scripts.test`. */
  readonly key: string;
  /** `run.files` of the configuration. */
  readonly files: readonly string[] | null;
  readonly node: { readonly major: number; readonly stripsTypes: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly notes: Set<string>;
  readonly coverage: CoverageWords[];
};

/** Where in the scripts the walk is. */
export type Spot = {
  readonly cwd: string;
  /** Variables the scripts have set so far. */
  readonly env: Readonly<Record<string, string>>;
  /** Scripts that led here, to notice one that runs itself. */
  readonly trail: readonly string[];
};

type At = { readonly raw: string; readonly cwd: string; readonly env: Readonly<Record<string, string>> };

/** The least piece of a test command, by what it means for a run. */
export type Leaf = At &
  (
    | { readonly kind: 'tests'; readonly step: NodeTestStep | NodeScriptStep; readonly testFiles: readonly string[] }
    /** Starts node:test in a way that cannot be read. */
    | { readonly kind: 'observed' }
    | { readonly kind: 'other-runner'; readonly name: string }
    /** A linter, type check, coverage report. */
    | { readonly kind: 'check' }
    /** `echo`, `true`. */
    | { readonly kind: 'nothing' }
    | { readonly kind: 'command' }
    /** Tests by their name, of whatever kind. */
    | { readonly kind: 'unknown-tests' }
    | { readonly kind: 'background' }
    /** Tests that run only when another command fails. */
    | { readonly kind: 'either' }
  );

/** A command whose wrappers are taken off one by one. `changed` when `raw` no longer says what runs. */
export type Bare = {
  readonly words: readonly Word[];
  readonly env: Readonly<Record<string, string>>;
  readonly raw: string;
  readonly changed: boolean;
};

/** Whether tests of node:test run in it. */
export function runsTests(leaf: Leaf): boolean {
  return leaf.kind === 'tests' || leaf.kind === 'observed';
}

/** A leaf where the walk is. */
export function leafAt(spot: Spot, raw: string, kind: Exclude<Leaf['kind'], 'tests' | 'other-runner'>): Leaf {
  return { kind, raw, cwd: spot.cwd, env: spot.env };
}
