import type { Changes } from './changes.ts';
import type { Count, LineRange, Metric } from './coverage.ts';
import type { FindingOf } from './finding.ts';
import type { Reference } from './machine.ts';

/** The totals of a run that passed, and the commit it ran on: what later runs are compared with. */
export type Checkpoint = {
  /** Full object name of the commit. */
  readonly commit: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly coverage: Readonly<Record<Metric, Count>> | null;
  readonly wallMs: number;
  readonly tests: number;
  /** What later times are calibrated by; absent where that was not measured. */
  readonly reference?: Reference;
};

/** A test that an earlier run found flaky, and when (ISO 8601, UTC). */
export type Flake = { readonly file: string; readonly name: string; readonly at: string };

/** Lines of a source that ran in some runs of the same code and in others not. They are known of the source with this hash alone. */
export type Flicker = { readonly file: string; readonly hash: string; readonly lines: readonly LineRange[] };

/** What is known of earlier runs when one is judged. */
export type Past = {
  /** The latest checkpoint on the judged commit's ancestry. */
  readonly checkpoint: Checkpoint | null;
  /** The lines changed since the commit it is compared with; absent when nothing asks for them. */
  readonly changes?: Changes | null;
  /** What the judged commit makes easier to hold than the one it is compared with. */
  readonly loosened?: readonly FindingOf<'policy-loosened'>[];
  /** What earlier runs found flaky, the oldest first. They only word a finding. */
  readonly flakes?: readonly Flake[];
  /** Lines that need not have run: a drop that they alone may make is none. */
  readonly flicker?: readonly Flicker[];
  /** What times here are calibrated by. */
  readonly reference?: Reference | null;
};
