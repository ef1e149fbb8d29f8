import type { CauseGroup, Spending, SpentOn } from '../../insight/spending.ts';
import { bucketText, placeText } from '../messages/cause.ts';
import { plural, seconds } from '../units.ts';
import type { Audited } from './audited.ts';
import { sectionOf, type Section } from './section.ts';

/** Rows under this share are not shown. */
const LEAST_SHARE = 0.01;

/** Where the time of all files goes, by what it is spent on. */
export function spendingSection({ spending, looked, verdict }: Audited): Section[] {
  const { filesMs, rows } = spending;
  if (!(filesMs > 0)) return [];
  return sectionOf(`Where the time goes: ${seconds(filesMs)} of all files together`, {
    columns: [{ header: 'time', align: 'right' }, { header: 'share', align: 'right' }, { header: '' }],
    rows: rows
      .filter(({ durationMs }) => durationMs >= filesMs * LEAST_SHARE)
      .map(({ on, durationMs }) => ({
        cells: [seconds(durationMs), pct(durationMs / filesMs), spentText(on, spending, verdict.run.instrumented)],
        share: durationMs / filesMs,
      })),
    notes: [...lookedLines(spending, looked !== null), ...aroundLines(spending)],
  });
}

const pct = (share: number): string => `${(share * 100).toFixed(0)} %`;

function spentText(on: SpentOn, { looked }: Spending, instrumented: boolean): string {
  switch (on) {
    case 'around':
      return 'around the tests: starting processes, loading and ending files';
    case 'beside':
      return instrumented ? 'slower in the suite, under coverage, than alone without' : 'slower in the suite than alone';
    case 'unseen':
      return looked.tests > 0 ? 'in tests that were not looked at' : 'in tests';
    default:
      return bucketText(on);
  }
}

function lookedLines({ looked, testsMs }: Spending, asked: boolean): string[] {
  if (!asked || !(testsMs > 0)) return [];
  if (looked.tests === 0) return ['No test could be looked at, or none takes long enough for that.'];
  const tests = looked.tests > 1 ? `${looked.tests} of the slowest tests were looked at` : '1 slow test was looked at';
  return [`${tests}: ${pct(looked.durationMs / testsMs)} of the time in tests.`];
}

/** Slow suites are often not slow tests. */
function aroundLines({ filesMs, testsMs }: Spending): string[] {
  if (filesMs - testsMs <= testsMs) return [];
  return ['Most of it is not in tests: lighter imports, or fewer and larger test files, save more than faster tests.'];
}

const WITHOUT: Readonly<Record<CauseGroup, string>> = {
  timers: 'without timer waits',
  processes: 'without child processes',
  network: 'without waits for the network',
  files: 'without reading and writing files',
  threads: 'without waits for threads',
  computing: 'without the heaviest computing',
  imports: 'without imports in tests',
  hooks: 'without slow hooks',
  contention: 'with tests as fast as alone',
};

/** What the suite would take without each kind of cause. */
export function mendingSection({ spending, audit }: Audited): Section[] {
  const { mending, mendedAll } = spending;
  const all = mendedAll === null ? [] : [{ cells: [seconds(mendedAll.wallMs), `${seconds(mendedAll.savedMs)} less`, 'all of these'] }];
  const { medianMs } = audit.suite;
  return sectionOf('What mending would bring the suite to', {
    columns: [{ header: 'time', align: 'right' }, { header: '', align: 'right' }, { header: '' }, { header: '' }],
    rows: [
      ...mending.map(({ group, wallMs, savedMs, tests, at }) => ({
        cells: [seconds(wallMs), `${seconds(savedMs)} less`, WITHOUT[group], whereText(tests, at === null ? null : placeText(at))],
        share: wallMs / medianMs,
      })),
      ...all,
    ],
    notes:
      mending.length > 0
        ? [
            `Estimates: what is left of the files, dealt to ${plural(audit.workers, 'worker')}. pushgate explain <test>   says how to mend one`,
          ]
        : [],
  });
}

function whereText(tests: number, place: string | null): string {
  const of = plural(tests, 'test');
  return place === null ? of : `${of}, ${tests > 1 ? 'most ' : ''}at ${place}`;
}
