import { withTriedAgain } from '../insight/tried-again.ts';
import type { Attempt, Outcome, Test, TestRun } from '../model/test-run.ts';

/** Runs one file, filtered to some of its tests, with or without coverage. */
export type RunAlone = (file: string, tests: readonly Test[], instrumented: boolean) => Promise<TestRun>;

const SLOW_ATTEMPTS = 2;

/** How one test came out of a run alone; null when that run did not reach it. */
function outcomeIn(run: TestRun, test: Test): Attempt | null {
  const candidates = run.files.flatMap((file) => file.tests);
  if (test.line === 0) return fileAttempt(run, test);
  const found =
    candidates.find((each) => each.name === test.name && each.line === test.line && each.column === test.column) ??
    candidates.find((each) => each.name === test.name);
  const first = found?.attempts[0];
  if (first === undefined || first.outcome === 'skipped') return null;
  return { ...first, alone: true, ...(run.cpuMs === null ? {} : { within: { wallMs: run.wallMs, cpuMs: run.cpuMs } }) };
}

/** A file that failed as a whole passes when it runs to its end without doing so again. */
function fileAttempt(run: TestRun, test: Test): Attempt | null {
  const file = run.files.find((each) => each.file === test.file);
  if (file === undefined || run.unproven.length > 0) return null;
  const outcome: Outcome = file.tests.some((each) => each.name === test.name && each.outcome === 'failed') ? 'failed' : 'passed';
  return { outcome, durationMs: file.durationMs, alone: true, instrumented: run.instrumented };
}

function byFile(tests: readonly Test[]): Map<string, Test[]> {
  const groups = new Map<string, Test[]>();
  for (const test of tests) groups.set(test.file, [...(groups.get(test.file) ?? []), test]);
  return groups;
}

/** Attempts of some tests, by test. */
type Attempts = Map<Test, Attempt[]>;

async function attempt(tests: readonly Test[], instrumented: boolean, runAlone: RunAlone, attempts: Attempts): Promise<void> {
  for (const [file, group] of byFile(tests)) {
    // oxlint-disable-next-line no-await-in-loop -- alone means one at a time
    const run = await runAlone(file, group, instrumented);
    for (const test of group) {
      const result = outcomeIn(run, test);
      if (result) attempts.set(test, [...(attempts.get(test) ?? []), result]);
    }
  }
}

/** Runs suspected slow tests alone and bare, twice: the fastest attempt is judged. */
export async function confirmSlow(run: TestRun, suspects: readonly Test[], runAlone: RunAlone): Promise<TestRun> {
  const attempts: Attempts = new Map();
  for (let round = 0; round < SLOW_ATTEMPTS; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- alone means one at a time
    await attempt(suspects, false, runAlone, attempts);
  }
  return withAttempts(run, attempts, (test, more) => ({ ...test, attempts: [...test.attempts, ...more] }));
}

/**
 * Runs failed tests alone and bare, and those that pass there once more as they failed: with coverage. Failing again only then is the
 * instrumentation's doing, and the bare outcome counts; passing both times is a flake.
 */
export async function confirmFailed(run: TestRun, suspects: readonly Test[], runAlone: RunAlone): Promise<TestRun> {
  const attempts: Attempts = new Map();
  await attempt(suspects, false, runAlone, attempts);
  const passedBare = suspects.filter((test) => attempts.get(test)?.at(-1)?.outcome === 'passed');
  await attempt(passedBare, run.instrumented, runAlone, attempts);
  return withAttempts(run, attempts, (test, more) => {
    const tried = { ...test, attempts: [...test.attempts, ...more] };
    if (more.length < 2) return tried;
    return more[1]?.outcome === 'failed' && run.instrumented
      ? { ...tried, outcome: 'passed', onlyUnderCoverage: true }
      : { ...tried, outcome: more[1]?.outcome === 'failed' ? 'failed' : 'flaky' };
  });
}

function withAttempts(run: TestRun, attempts: Attempts, change: (test: Test, more: readonly Attempt[]) => Test): TestRun {
  const triedAgain = (test: Test): Test | null => {
    const more = attempts.get(test);
    return more === undefined ? null : change(test, more);
  };
  return { ...run, files: run.files.map((file) => ({ ...file, tests: withTriedAgain(file.tests, triedAgain) })) };
}
