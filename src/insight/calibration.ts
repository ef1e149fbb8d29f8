import type { Machine, Pace, Reference, Slower } from '../model/machine.ts';
import { fastestMs, type Attempt, type Test, type TestRun } from '../model/test-run.ts';

/** Below it a difference is the measurement's own; no machine is called slow for it. */
const NOISE = 1.15;

/**
 * No more than this is forgiven. Measured at ten runnable programs a core: tests took 4 to 7 times their processor time, while rounds of the
 * reference, which never rest, took 7 to 34 times theirs.
 */
const MOST = 6;

/** So many runnable programs a core are a busy machine; a suite that fills its cores makes one by itself. */
const BUSY = 1.5;

/**
 * How much slower the machine is than the reference, by rounds measured around what is judged: only what all of them show counts, and
 * nothing counts as faster, so that calibration takes no limit below what is written. Null without a reference of the same Node.
 */
export function slowerThan(reference: Reference | null, paces: readonly Pace[], nodeVersion: string): Slower | null {
  if (reference === null || reference.nodeVersion !== nodeVersion || paces.length === 0) return null;
  const least = (ms: (pace: Pace) => number): number => believed(Math.min(...paces.map(ms)) / reference.roundMs);
  const [wall, cpu] = [least((pace) => pace.wallMs), least((pace) => pace.leastMs)];
  return { wall, cpu: Math.min(cpu, wall) };
}

function believed(factor: number): number {
  return factor >= NOISE ? factor : 1;
}

/** Whether the machine is worth a word beside a time: slower than the reference, or busy where there is none. */
export function isSlow({ cores, load, slower }: Machine): boolean {
  return slower === null ? load > cores * BUSY : slower.wall > 1;
}

/** Whether times of a run would have been shorter on the reference. */
export function isCalibratable({ machine }: TestRun): boolean {
  return (machine?.slower?.wall ?? 1) > 1;
}

/**
 * What a stretch of time would have been on the reference, in ms: at least its processor time there, and less than here by no more than its
 * processor time can have been delayed. Waiting on a timer takes as long on any machine. `lanes`: how many processors it used at once.
 */
function onReference(wallMs: number, cpuMs: number, slower: Slower, lanes = 1): number {
  const factor = Math.min(slower.wall, MOST);
  const cpuThereMs = cpuMs / Math.min(slower.cpu, MOST) / lanes;
  return Math.min(wallMs, Math.max(wallMs / factor, wallMs - cpuThereMs * (factor - 1), cpuThereMs));
}

/**
 * The processor time of an attempt alone, by the smaller of two estimates, since more of it would forgive more: its share of the run by
 * time, and what is left when everything before and after it was nothing but computing.
 */
function cpuOf({ durationMs, within }: Attempt, slower: Slower): number | null {
  if (within === undefined || !(within.wallMs > 0)) return null;
  const outsideMs = Math.max(0, within.wallMs - durationMs);
  const share = within.cpuMs * Math.min(1, durationMs / within.wallMs);
  return Math.max(0, Math.min(share, within.cpuMs - outsideMs / (slower.wall / slower.cpu)));
}

/**
 * The time that judges a test by the calibrated clock, in ms; an attempt in the suite counts as it was. Where its time was looked at, it is
 * no less than what it waited on timers.
 */
export function calibratedMs(test: Test, machine: Machine | undefined): number {
  const slower = machine?.slower ?? null;
  if (slower === null || slower.wall === 1) return fastestMs(test);
  const attempts = test.attempts.map((attempt) => {
    const cpuMs = cpuOf(attempt, slower);
    return cpuMs === null ? attempt : { ...attempt, durationMs: onReference(attempt.durationMs, cpuMs, slower) };
  });
  const waitedMs = test.explanation?.spent.timers ?? 0;
  return Math.max(fastestMs({ ...test, attempts }), Math.min(waitedMs, fastestMs(test)));
}

/** The wall time of the suite by the calibrated clock, in ms: the shorter of its runs with and without coverage. */
export function calibratedSuiteMs(run: TestRun): number {
  const runs = [
    { wallMs: run.wallMs, cpuMs: run.cpuMs },
    ...(run.bareWallMs === null ? [] : [{ wallMs: run.bareWallMs, cpuMs: run.bareCpuMs ?? null }]),
  ];
  const slower = run.machine?.slower ?? null;
  const lanes = Math.max(1, Math.min(run.workers, run.machine?.cores ?? 1));
  const times = runs.map(({ wallMs, cpuMs }) => (slower === null || cpuMs === null ? wallMs : onReference(wallMs, cpuMs, slower, lanes)));
  return Math.min(...times);
}
