import type { Speeds } from './scanner.ts';
import type { Recorded } from './recorded.ts';
import type { Suite } from './suite.ts';

/** Everything measured in one go; `suite` is null when only recorded files were looked at. */
export type Figures = {
  readonly testFiles: number;
  readonly recorded: Recorded;
  readonly suite: Suite | null;
  readonly speeds: Speeds;
  readonly start: number;
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

export function goalsOf(figures: Figures): Goal[] {
  const { recorded, suite, speeds, start, testFiles } = figures;
  const large = testFiles >= LARGE;
  const { c8, ours } = recorded;
  const goals = [
    atMost('G1', 'left after the last test (wall) / c8 report (CPU)', ours.tailS / c8.cpuS, 0.05, large),
    atMost('G2', 'all post-processing / c8 report, CPU', ours.cpuS / c8.cpuS, large ? 0.25 : 0.5, true),
    ...(suite === null ? [] : suiteGoals(suite, large)),
    atMost('G5', 'growth of memory per coverage file, MB', ours.slopeMb, 0.1, true),
    {
      id: 'G9',
      goal: 'metrics equal to c8',
      bound: 'all',
      figure: `${recorded.equal} of ${recorded.metrics}`,
      verdict: recorded.equal === recorded.metrics,
    },
    atMost('G10', '`pushgate --version` / `node -e 0`, CPU', start, 2, true),
    atLeast('', 'scanner, MB/s', speeds.scanMbPerS, 400),
    atMost('', 'merge of 1000 scripts, ms', speeds.mergeMsPer1000, 10, true),
  ];
  return goals.toSorted((a, b) => Number(a.id.slice(1) || 99) - Number(b.id.slice(1) || 99));
}

function suiteGoals({ bare, gate, c8, noise, gatePeakRawMb }: Suite, large: boolean): Goal[] {
  const calm = noise <= NOISE_LIMIT;
  return [
    atMost('G3', 'gated run / bare run, CPU', gate.cpuS / bare.cpuS, 1.2, calm),
    atMost('G4', '(gated - bare) / (c8 - bare), CPU', (gate.cpuS - bare.cpuS) / (c8.cpuS - bare.cpuS), 0.7, calm),
    ...(gate.rssMb === null || c8.rssMb === null ? [] : [atMost('G5', 'peak memory of pushgate / c8', gate.rssMb / c8.rssMb, 0.15, large)]),
    atMost('G6', 'peak raw coverage on disk, MB', gatePeakRawMb, 20, true),
  ];
}

function atMost(id: string, goal: string, value: number, bound: number, judged: boolean): Goal {
  return { id, goal, bound: `≤ ${bound}`, figure: digits(value), verdict: judged ? value <= bound : null };
}

function atLeast(id: string, goal: string, value: number, bound: number): Goal {
  return { id, goal, bound: `≥ ${bound}`, figure: digits(value), verdict: value >= bound };
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value < 1 ? 3 : 2);
}
