import type { Speeds } from './hot-paths.ts';
import type { Incremental } from './incremental.ts';
import type { Recorded } from './recorded.ts';
import type { Suite, Way } from './suite.ts';

/** Everything measured in one go; null for what was left out. */
export type Figures = {
  /** Version that ran the suite. */
  readonly node: string;
  readonly testFiles: number;
  readonly recorded: Recorded | null;
  readonly suite: Suite | null;
  readonly incremental: Incremental | null;
  readonly speeds: Speeds | null;
  readonly start: number | null;
};

/** One goal: what was aimed at and what was measured. `verdict` is null where the goal is for another size or the machine was too noisy. */
export type Goal = {
  readonly id: string;
  readonly goal: string;
  readonly bound: string;
  readonly figure: string;
  readonly verdict: boolean | null;
};

/** Bare runs that differ by more than this say nothing about a few per cent. */
export const NOISE_LIMIT = 1.1;

const LARGE = 1000;
/** Below this, what is there once per run outweighs what is there once per test file. */
const MIDDLING = 200;

/** Holds what was measured against every goal that it says something about. */
export function goalsOf(figures: Figures): Goal[] {
  const { recorded, suite, incremental, speeds, start, testFiles, node } = figures;
  const goals = [
    ...(recorded === null ? [] : recordedGoals(recorded, testFiles)),
    ...(suite === null ? [] : suiteGoals(suite, testFiles, node)),
    ...(incremental === null ? [] : incrementalGoals(incremental, testFiles)),
    ...(start === null ? [] : [atMost('G10', '`pushgate --version` / `node -e 0`, CPU', start, 2, true)]),
    ...(speeds === null ? [] : speedGoals(speeds)),
  ];
  return goals.toSorted((a, b) => Number(a.id.slice(1) || 99) - Number(b.id.slice(1) || 99));
}

function recordedGoals({ c8, ours, metrics, equal }: Recorded, testFiles: number): Goal[] {
  const large = testFiles >= LARGE;
  return [
    atMost('G1', 'left after the last test, wall / c8 report, CPU', ours.tailS / c8.cpuS, 0.05, large),
    atMost('G2', 'all post-processing / c8 report, CPU', ours.cpuS / c8.cpuS, large ? 0.25 : 0.5, true),
    atMost('G5', 'growth of memory per coverage file, MB', ours.slopeMb, 0.1, testFiles >= MIDDLING),
    all('G9', 'metrics equal to c8', equal, metrics),
  ];
}

function suiteGoals({ costs, noise, peakRawMb }: Suite, testFiles: number, node: string): Goal[] {
  const large = testFiles >= LARGE;
  const calm = noise <= NOISE_LIMIT && testFiles >= MIDDLING;
  const hasTurbo = Number(node.split('.')[0]) >= 22;
  const { bare, gate, plain, unkept, c8 } = costs;
  const added = (way: Way): number => (costs[way].cpuS - bare.cpuS) / (c8.cpuS - bare.cpuS);
  return [
    atMost('G3', 'gated run without turbo / bare run, CPU', plain.cpuS / bare.cpuS, 1.2, calm),
    atMost('G3', 'gated run / bare run, CPU', gate.cpuS / bare.cpuS, hasTurbo ? 1.1 : 1.2, calm),
    atMost('G4', '(gated without turbo - bare) / (c8 - bare), CPU', added('plain'), 0.7, calm),
    atMost('G4', '(gated - bare) / (c8 - bare), CPU', added('gate'), hasTurbo ? 0.35 : 0.7, calm),
    ...(gate.rssMb === null || c8.rssMb === null ? [] : [atMost('G5', 'peak memory of pushgate / c8', gate.rssMb / c8.rssMb, 0.15, large)]),
    atMost('G6', 'peak raw coverage on disk, MB', peakRawMb, 20, true),
    atMost('G8', 'gated run that is kept / one that is not, CPU', plain.cpuS / unkept.cpuS, 1.03, calm),
  ];
}

/** Of a run again of some of the files: their share of a full run, a little more for what they have in common, and what is there always. */
const edited = (affected: number, testFiles: number): number => (1.15 * affected) / testFiles + 0.005;

function incrementalGoals({ fullCpuS, edits, facts, equal }: Incremental, testFiles: number): Goal[] {
  const large = testFiles >= LARGE;
  return [
    ...edits.map(({ name, cpuS, affected }) => {
      const bound = affected === 0 ? 0.005 : Number(edited(affected, testFiles).toFixed(4));
      return atMost('G7', `after ${name} (${affected} of ${testFiles} files) / full, CPU`, cpuS / fullCpuS, bound, large);
    }),
    all('G9', 'figures and outcomes of the incremental runs equal to a full one', equal, facts),
  ];
}

function speedGoals({ scanMbPerS, mergeMsPer1000, selectMs, judgeMs, renderMs }: Speeds): Goal[] {
  return [
    atLeast('', 'scanner, MB/s', scanMbPerS, 400),
    atMost('', 'merge of 1000 scripts, ms', mergeMsPer1000, 10, true),
    atMost('', 'select among 1000 test files, ms', selectMs, 20, true),
    atMost('', 'judge 17,000 tests and 841 sources, ms', judgeMs, 100, true),
    atMost('', 'render the verdict, ms', renderMs, 50, true),
  ];
}

function all(id: string, goal: string, equal: number, of: number): Goal {
  return { id, goal, bound: 'all', figure: `${equal} of ${of}`, verdict: equal === of };
}

function atMost(id: string, goal: string, value: number, bound: number, judged: boolean): Goal {
  return { id, goal, bound: `≤ ${bound}`, figure: digits(value), verdict: judged ? value <= bound : null };
}

function atLeast(id: string, goal: string, value: number, bound: number): Goal {
  return { id, goal, bound: `≥ ${bound}`, figure: digits(value), verdict: value >= bound };
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value < 0.1 ? 4 : value < 1 ? 3 : 2);
}
