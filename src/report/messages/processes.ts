import type { FindingOf } from '../../model/finding.ts';
import type { LostProcess } from '../../model/test-run.ts';
import { fit, table } from '../tables.ts';
import { clean, plural } from '../units.ts';
import { firstRows, words, type Words } from './words.ts';

/** Processes that left no coverage while the limits still hold. */
export function coveragePartial(finding: FindingOf<'coverage-partial'>): Words {
  return words({
    headline: `Coverage is a lower bound: ${plural(finding.processes.length, 'process', 'processes')} left none, and the limits hold without.`,
    evidence: lostRows(finding.processes),
    advice: [LET_EXIT],
    file: finding.processes[0]?.file ?? null,
  });
}

export const LET_EXIT = 'Let the processes end by themselves: V8 writes coverage when a process exits, not when a signal kills it.';

/** What each lost process ran, which test file it belonged to, and what is wrong with its coverage. */
export function lostRows(processes: readonly LostProcess[]): string[] {
  const { rows, more } = firstRows(processes);
  const lines = table(
    [{ header: 'process' }, { header: 'ran' }, { header: 'for' }, { header: '' }],
    rows.map((lost) => [
      String(lost.pid),
      lost.script === '' ? 'code without a file' : fit(clean(lost.script), 50, 'end'),
      lost.file === null ? 'unknown' : fit(clean(lost.file), 50, 'end'),
      lost.why === 'no-coverage' ? 'wrote no coverage' : 'wrote unreadable coverage',
    ]),
  );
  return [...lines, ...more];
}
