import type { Audit, TimeGap, WorkerTrial } from '../../insight/audit.ts';
import { bestWorkers } from '../../insight/schedule.ts';
import type { LookedAt } from '../../insight/spending.ts';
import { mostlyText } from '../messages/cause.ts';
import { placeOf } from '../messages/words.ts';
import { clean, plural, seconds, secondsUp, shellWord, wholeSeconds } from '../units.ts';
import { sectionOf, type AuditColumn, type Section } from './section.ts';
import type { Audited } from './audited.ts';

const right = (header: string): AuditColumn => ({ header, align: 'right' });
const file = (header: string, max: number): AuditColumn => ({ header, max, keep: 'end' });

/** The time of the whole suite, against budget and ideal, and what bounds it. */
export function suiteSection({ audit, spread, verdict }: Audited): Section[] {
  const { suite } = audit;
  const runs = audit.repeats === 1 ? '' : `, the median of ${plural(audit.repeats, 'run')}`;
  const margin = spread === null ? [] : [`p75 ${seconds(spread.p75Ms)}, median within ${spread.marginPct.toFixed(1)} % at 95 % confidence`];
  return sectionOf(`The suite takes ${seconds(suite.medianMs)} ${verdict.run.instrumented ? 'under' : 'without'} coverage${runs}`, {
    columns: [{ header: '' }, right(''), right(''), right('')],
    rows: [{ cells: ['budget', ...gapCells(suite.budget)] }, { cells: ['ideal', ...gapCells(suite.ideal)] }],
    notes: [...margin, countsLine(audit), ...poleLines(audit)],
  });
}

function countsLine(audit: Audit): string {
  const mean = audit.meanTestMs === null ? [] : [`${seconds(audit.meanTestMs)} a test on average`];
  const each = audit.meanTestsPerFile === null ? [] : [`${audit.meanTestsPerFile.toFixed(1)} tests a file`];
  return [`${plural(audit.tests, 'test')} in ${plural(audit.files, 'file')} on ${plural(audit.workers, 'worker')}`, ...mean, ...each].join(
    '; ',
  );
}

/** What no number of workers goes below. */
function poleLines({ pole, files }: Audit): string[] {
  if (pole === null || files < 2) return [];
  return [`However many workers there are, it takes ${seconds(pole.durationMs)}: as long as ${clean(pole.file)} alone.`];
}

/** `120 s   23.7 s left   19.7 %`; what is over is rounded up, what is left down. */
function gapCells(gap: TimeGap): string[] {
  const over = gap.gapMs > 0;
  const distance = over ? `${secondsUp(gap.gapMs)} over` : `${(Math.floor(-gap.gapMs / 100) / 10).toFixed(1)} s left`;
  return [wholeSeconds(gap.limitMs), distance, `${Math.abs(gap.gapPct).toFixed(1)} %`];
}

/** The suite on other numbers of workers, and which is enough. */
export function workersSection(trials: readonly WorkerTrial[]): Section[] {
  const ended = trials.flatMap(({ wallMs, ...trial }) => (wallMs === null ? [] : [{ ...trial, wallMs }]));
  const best = bestWorkers(ended.filter((trial) => trial.failed === 0));
  const slowestMs = Math.max(...ended.map((trial) => trial.wallMs));
  return sectionOf('On so many workers', {
    columns: [right('workers'), right('time'), { header: '' }],
    rows: trials.map(({ workers, wallMs, failed }) => ({
      cells: [
        String(workers),
        wallMs === null ? 'no end' : seconds(wallMs),
        failed > 0 ? `${plural(failed, 'test')} failed` : workers === best?.workers && trials.length > 1 ? 'best' : '',
      ],
      ...(wallMs === null ? {} : { share: wallMs / slowestMs }),
    })),
    notes:
      trials.length > 0
        ? ['One run each. The best is the fewest within 5 % of the fastest; --test-concurrency=N in the test script sets it.']
        : [],
  });
}

/** A file takes far more than the others around its tests when it takes so many times as much, and so many ms. */
const HELD_UP = { times: 3, leastMs: 1_000 } as const;

/** The files that take longest. */
export function filesSection(audit: Audit): Section[] {
  const { slowestFiles } = audit;
  const mostMs = slowestFiles[0]?.durationMs ?? 0;
  const own = slowestFiles.some((each) => each.aroundMs !== null);
  return sectionOf('Slowest files', {
    columns: [right('time'), ...(own ? [right('around tests')] : []), right('tests'), file('file', 80)],
    rows: slowestFiles.map(({ durationMs, aroundMs, tests, file: name }) => ({
      cells: [seconds(durationMs), ...(own ? [aroundMs === null ? '' : seconds(aroundMs)] : []), String(tests), clean(name)],
      share: durationMs / mostMs,
    })),
    notes: heldUpLines(audit),
  });
}

/** A file that spends far more around its tests than the others do is held up by something: mostly a timer or a socket that nobody closed. */
function heldUpLines({ slowestFiles, around, files }: Audit): string[] {
  const [most] = slowestFiles.toSorted((a, b) => (b.aroundMs ?? 0) - (a.aroundMs ?? 0));
  const aroundMs = most?.aroundMs ?? 0;
  if (most === undefined || around === null || files < 2 || aroundMs < HELD_UP.leastMs) return [];
  const othersMs = (around.aroundMs - aroundMs) / (files - 1);
  if (aroundMs < othersMs * HELD_UP.times) return [];
  const target = shellWord(clean(most.file));
  return [
    `${clean(most.file)} takes ${seconds(aroundMs)} around its tests, the others ${seconds(othersMs)} on average.`,
    `pushgate explain ${target.startsWith('-') ? '-- ' : ''}${target}   says what holds it up before its first test or after its last`,
  ];
}

/** The tests that take longest, and what most of them was spent on where that was looked at. */
export function testsSection({ slowestTests }: Audit, looked: readonly LookedAt[]): Section[] {
  const mostMs = slowestTests[0]?.durationMs ?? 0;
  const explained = new Map(looked.map((each) => [each.test, each.explanation]));
  const some = slowestTests.some(({ test }) => explained.has(test));
  return sectionOf('Slowest tests', {
    columns: [
      right('time'),
      file('test', some ? 40 : 60),
      { header: '', max: some ? 56 : 74 },
      ...(some ? [{ header: 'mostly', max: 80 }] : []),
    ],
    rows: slowestTests.map(({ test, durationMs, known }) => {
      const explanation = explained.get(test);
      const name = `${clean(test.name, some ? 40 : 60)}${known ? '  (known slow)' : ''}`;
      return {
        cells: [seconds(durationMs), placeOf(test), name, ...(some && explanation ? [mostlyText(explanation)] : [])],
        share: durationMs / mostMs,
      };
    }),
  });
}

/** The allowlist's entries beside what their tests took, and what they cost in all. */
export function knownSection(audit: Audit, slowLimitMs: number): Section[] {
  const { known, debtMs } = audit;
  const debt = `${seconds(debtMs)} over the slow limit of ${wholeSeconds(slowLimitMs)} in all (debt).`;
  return sectionOf(`Known-slow tests (${plural(known.length, 'entry', 'entries')})`, {
    columns: [right('measured'), right('ceiling'), { header: 'test', max: 112 }, { header: '' }],
    rows: known.map(({ entry, durationMs, ceilingGap }) => ({
      cells: [
        durationMs === null ? 'did not run' : seconds(durationMs),
        wholeSeconds(entry.ceilingMs),
        `${clean(entry.file, 120)}  ${clean(entry.name, 120)}`,
        ceilingGap !== null && ceilingGap.gapMs > 0 ? `${secondsUp(ceilingGap.gapMs)} over` : '',
      ],
    })),
    notes: known.length === 0 ? [] : [debt, ...withoutLines(audit)],
  });
}

function withoutLines({ withoutKnown }: Audit): string[] {
  if (withoutKnown === null) return [];
  const { wallMs, savedMs, testMs } = withoutKnown;
  return [
    `Without them the suite would take about ${seconds(wallMs)}: an estimate, ${seconds(savedMs)} less for ${seconds(testMs)} of tests.`,
  ];
}
