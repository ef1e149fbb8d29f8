import type { Attempt, Outcome } from '../../model/test-run.ts';
import { table } from '../tables.ts';
import { seconds } from '../units.ts';

const OUTCOME: Readonly<Record<Outcome, string>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'was skipped',
  todo: 'is todo',
  flaky: 'was flaky',
};

/** Coverage is said only where it differs from what one expects of the place: the suite runs under it, a test alone without. */
function conditionsOf(attempt: Attempt): string {
  if (attempt.alone) return attempt.instrumented ? 'alone under coverage' : 'alone';
  return attempt.instrumented ? 'in the suite' : 'in the suite without coverage';
}

function grouped(attempts: readonly Attempt[]): Map<string, Attempt[]> {
  const groups = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const group = groups.get(conditionsOf(attempt));
    if (group) group.push(attempt);
    else groups.set(conditionsOf(attempt), [attempt]);
  }
  return groups;
}

/** `12.9 s in the suite; 12.8 s, 12.6 s alone`. */
export function attemptsText(attempts: readonly Attempt[]): string {
  return [...grouped(attempts)]
    .map(([conditions, group]) => `${group.map((attempt) => seconds(attempt.durationMs)).join(', ')} ${conditions}`)
    .join('; ');
}

/** `failed in the suite and passed 2 times alone`. */
export function outcomesText(attempts: readonly Attempt[]): string {
  const said = [...grouped(attempts)].flatMap(([conditions, group]) =>
    [...new Set(group.map((attempt) => attempt.outcome))].map((outcome) => {
      const times = group.filter((attempt) => attempt.outcome === outcome).length;
      return `${OUTCOME[outcome]}${times > 1 ? ` ${times} times` : ''} ${conditions}`;
    }),
  );
  return said.length > 1 ? `${said.slice(0, -1).join(', ')} and ${said.at(-1)}` : said.join('');
}

/** One row per attempt: where, outcome, time. */
export function attemptRows(attempts: readonly Attempt[]): string[] {
  return table(
    [{ header: '' }, { header: '' }, { header: '' }, { header: '', align: 'right' }],
    attempts.map((attempt) => [
      attempt.alone ? 'alone' : 'in the suite',
      attempt.instrumented ? 'under coverage' : 'without coverage',
      OUTCOME[attempt.outcome],
      seconds(attempt.durationMs),
    ]),
  );
}
