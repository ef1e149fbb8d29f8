import { isFlaky, type Changing, type Outcomes, type Steadiness, type Unsteady } from '../../insight/steadiness.ts';
import { firstRows, locationOf } from '../messages/words.ts';
import { clean, lineRanges, plural, seconds } from '../units.ts';
import type { Audited } from './audited.ts';
import { sectionOf, type AuditColumn, type Section } from './section.ts';

const right = (header: string): AuditColumn => ({ header, align: 'right' });

/** What differs between runs of the same suite; what does not is said in a line. */
export function steadinessSections({ steadiness, audit: { repeats }, verdict }: Audited): Section[] {
  const { changing, unsteady, memory, flicker } = steadiness;
  const { instrumented } = verdict.run;
  const flaky = changing.filter(isFlaky);
  const others = changing.filter((each) => !isFlaky(each));
  const rest = [
    ...(repeats > 1 && changing.length === 0 ? ['Every test came out the same each time.'] : []),
    ...(repeats > 1 && unsteady.length === 0 ? ['No test took clearly longer in one run than in another.'] : []),
    ...(flicker?.length === 0 ? ['The same lines ran each time.'] : []),
    ...(flicker === null && repeats > 1 && instrumented
      ? ['Which lines run each time cannot be told: coverage was lost, or tests failed.']
      : []),
    ...(repeats > 1 && !instrumented ? ['Which lines run each time was not looked at: pushgate audit --coverage --repeat 5 does.'] : []),
    ...memoryLines(memory, repeats),
  ];
  return [
    ...changingSection(`Flaky (${plural(flaky.length, 'test')})`, flaky, repeats),
    ...changingSection('Tests that did not always run', others, repeats),
    ...unsteadySection(unsteady),
    ...growthSection(memory),
    ...flickerSection(flicker),
    ...sectionOf(repeats > 1 ? `Over ${repeats} runs` : 'Memory', { notes: rest }),
  ];
}

function changingSection(title: string, changing: readonly Changing[], repeats: number): Section[] {
  const { rows, more } = firstRows(changing);
  return sectionOf(title, {
    columns: [{ header: '' }, { header: '', max: 110 }],
    rows: rows.map(({ test, outcomes }) => ({ cells: [outcomesText(outcomes, repeats), locationOf(test)] })),
    notes: more,
  });
}

/** `failed in 1 of 5 runs, skipped in 2`. */
function outcomesText({ failed, skipped, missing, passed }: Outcomes, repeats: number): string {
  const said = [
    ...(failed > 0 ? [`failed in ${failed}`] : []),
    ...(skipped > 0 ? [`skipped in ${skipped}`] : []),
    ...(missing > 0 && failed === 0 ? [`missing in ${missing}`] : []),
    ...(failed === 0 && passed === 0 ? ['never passed'] : []),
  ];
  return `${said[0] ?? ''} of ${plural(repeats, 'run')}${said
    .slice(1)
    .map((each) => `, ${each}`)
    .join('')}`;
}

function unsteadySection(unsteady: readonly Unsteady[]): Section[] {
  const { rows, more } = firstRows(unsteady);
  return sectionOf('Unsteady times', {
    columns: [right('fastest'), right('slowest'), right('spread'), { header: 'test', max: 110 }],
    rows: rows.map(({ test, fastestMs, slowestMs, spread }) => ({
      cells: [seconds(fastestMs), seconds(slowestMs), `${(spread * 100).toFixed(0)} %`, locationOf(test)],
    })),
    notes: more,
  });
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

function memoryLines(memory: Steadiness['memory'], repeats: number): string[] {
  if (memory === null) return [];
  const { first, last, growing } = memory;
  if (repeats === 1) return [`At most ${megabytes(first.bytes)} in one process of a test file, ${clean(first.file)}.`];
  const least = growing.length > 0 ? [] : ['No process needed clearly more memory in the last run than in the first.'];
  return [
    ...least,
    `At most ${megabytes(first.bytes)} in one process in the first run, ${megabytes(last.bytes)} in the last (${clean(last.file)}).`,
  ];
}

function growthSection(memory: Steadiness['memory']): Section[] {
  const { rows, more } = firstRows(memory?.growing ?? []);
  return sectionOf('Growing memory', {
    columns: [right('first run'), right('last run'), { header: 'file', max: 80, keep: 'end' }],
    rows: rows.map(({ file, firstBytes, lastBytes }) => ({ cells: [megabytes(firstBytes), megabytes(lastBytes), clean(file)] })),
    notes: rows.length > 0 ? [...more, 'Each run has new processes: look for what a run leaves behind and the next one reads.'] : [],
  });
}

function flickerSection(flicker: Steadiness['flicker']): Section[] {
  const { rows, more } = firstRows(flicker ?? []);
  return sectionOf('Lines that ran in some runs only', {
    columns: [{ header: 'file', max: 60, keep: 'end' }, { header: 'lines' }],
    rows: rows.map(({ file, lines }) => ({ cells: [clean(file), lineRanges(lines, 8)] })),
    notes:
      rows.length > 0
        ? [...more, 'A drop of coverage that they alone may make stops nothing from now on; in every other limit they count as they ran.']
        : [],
  });
}
