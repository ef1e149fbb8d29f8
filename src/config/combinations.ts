import { formatDuration } from '../formats/duration.ts';
import type { Config } from '../model/config.ts';
import { METRICS } from '../model/coverage.ts';

/** A goal that is less strict than the limit it stands above: keys as the user writes them, and the sentence. */
export type Contradiction = { readonly key: string; readonly other: string; readonly text: string };

/** Goals that can never be missed because the limit below them is stricter. */
export function contradictions(config: Config): Contradiction[] {
  const { coverage, suite, slow } = config;
  return [
    ...coverageGoal('baseline', coverage.baseline, coverage.floor),
    ...coverageGoal('target', coverage.target, coverage.floor),
    ...durationGoal('suite.ideal', suite.idealMs, 'suite.budget', suite.budgetMs),
    ...durationGoal('slow.target', slow.targetMs, 'slow.limit', slow.limitMs),
  ];
}

type Limits = Config['coverage']['floor'];

function coverageGoal(name: 'baseline' | 'target', goal: Limits, floor: Limits): Contradiction[] {
  return METRICS.flatMap((metric) => {
    const pct = goal[metric];
    const floorPct = floor[metric];
    if (pct === undefined || floorPct === undefined || pct >= floorPct) return [];
    const key = `coverage.${name}`;
    return [{ key, other: 'coverage.floor', text: `${key} is ${pct} % of ${metric}, below the floor of ${floorPct} %.` }];
  });
}

function durationGoal(key: string, goalMs: number, other: string, limitMs: number): Contradiction[] {
  if (goalMs <= limitMs) return [];
  return [{ key, other, text: `${key} is ${formatDuration(goalMs)}, longer than ${other} (${formatDuration(limitMs)}).` }];
}
