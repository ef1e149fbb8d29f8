import type { Audit, WorkerTrial } from '../../insight/audit.ts';
import type { LookedAt, Spending } from '../../insight/spending.ts';
import type { Steadiness } from '../../insight/steadiness.ts';
import type { Verdict } from '../../model/finding.ts';

/** An audit as it is shown. */
export type Audited = {
  readonly audit: Audit;
  /** Over repeated runs, null for one. Times in ms; `marginPct` is the relative margin of error at 95 % confidence. */
  readonly spread: { readonly medianMs: number; readonly p75Ms: number; readonly marginPct: number } | null;
  readonly spending: Spending;
  /** The tests that were traced; null when that was not asked for. */
  readonly looked: readonly LookedAt[] | null;
  readonly steadiness: Steadiness;
  /** The suite on other numbers of workers; empty unless asked for. */
  readonly trials: readonly WorkerTrial[];
  /** What came of the tests. */
  readonly verdict: Verdict;
};
