import type { Progress } from '../model/progress.ts';
import { fit } from './tables.ts';
import { clean, seconds, wholeSeconds } from './units.ts';

// A test that runs shorter than this is not worth a glance.
const NOTABLE_MS = 1_000;

/** The plain line of a log: `42/120 files, 31 s of 120 s`. A budget of null is not shown. */
export function heartbeatText(suite: Progress, budgetMs: number | null): string {
  if (suite.building !== null) return `Before the tests: ${clean(suite.building, 100)}, ${elapsed(suite, null)}`;
  return `${files(suite)}, ${elapsed(suite, budgetMs)}${failures(suite)}`;
}

/** The live line of a terminal, cut to its columns: files done, time of the budget, failures so far, the test that runs longest. */
export function liveText(suite: Progress, budgetMs: number | null, columns: number): string {
  const { slowest } = suite;
  const running =
    slowest !== null && slowest.elapsedMs >= NOTABLE_MS
      ? `   ${seconds(slowest.elapsedMs)}  ${fit(clean(slowest.file), 40, 'end')}  ${clean(slowest.name)}`
      : '';
  const text = `${heartbeatText(suite, budgetMs)}${running}`;
  // One column is left free: a full line wraps on some terminals, and the rest would stay behind.
  return columns > 1 ? fit(text, columns - 1) : text;
}

function files(suite: Progress): string {
  if (suite.filesTotal === 0) return `${suite.testsDone} tests`;
  return `${suite.filesDone}/${suite.filesTotal} files`;
}

function elapsed(suite: Progress, budgetMs: number | null): string {
  const now = Number.isFinite(suite.elapsedMs) ? Math.floor(suite.elapsedMs / 1000) : 0;
  return budgetMs === null ? `${now} s` : `${now} s of ${wholeSeconds(budgetMs)}`;
}

function failures(suite: Progress): string {
  return suite.failed > 0 ? `, ${suite.failed} failed` : '';
}
