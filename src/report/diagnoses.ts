import type { Diagnosis } from '../model/diagnosis.ts';
import type { Colours } from './colours.ts';
import { pad, widthOf } from './tables.ts';
import { sink } from './terminal.ts';
import { clean, plural } from './units.ts';

/** 1 when something is in the way of judging a push, else 0. */
export function exitCodeOf(diagnoses: readonly Diagnosis[]): number {
  return diagnoses.some(({ state }) => state === 'error') ? 1 : 0;
}

/** Diagnoses as the lines of a terminal: one each with its mark, fixes below, and what it comes to. */
export function renderDiagnoses(diagnoses: readonly Diagnosis[], colours: Colours): string {
  const marks = { ok: colours.green('✔'), warning: colours.yellow('!'), error: colours.red('✖') };
  const width = Math.max(0, ...diagnoses.map(({ about }) => widthOf(about)));
  const lines = diagnoses.flatMap(({ about, state, says, fixes }) => {
    const [first = '', ...rest] = says.split('\n').map((line) => clean(line, 500));
    const indent = ' '.repeat(width + 4);
    return [
      `${marks[state]} ${pad(about, width)}  ${first}`,
      ...rest.map((line) => `${indent}${line}`),
      ...fixes.map((fix) => `${indent}${colours.cyan('→')} ${clean(fix, 2_000)}`),
    ];
  });
  return sink([...lines, '', colours.bold(lastLine(diagnoses))].join('\n'));
}

function lastLine(diagnoses: readonly Diagnosis[]): string {
  const count = (state: Diagnosis['state']): number => diagnoses.filter((each) => each.state === state).length;
  const [faults, warnings] = [count('error'), count('warning')];
  const look = warnings === 0 ? '' : `; ${plural(warnings, 'line')} marked ! ${warnings === 1 ? 'is' : 'are'} worth a look`;
  if (faults === 0) return `The gate is in order here${look}.`;
  const stand = faults === 1 ? '1 thing stands' : `${faults} things stand`;
  return `Failed: ${stand} in the way of judging a push${look}. Do what follows each →, then run pushgate doctor again. (exit 1)`;
}

/** Diagnoses as one JSON document. */
export function renderDiagnosesJson(diagnoses: readonly Diagnosis[]): string {
  return `${JSON.stringify({ schemaVersion: 1, exitCode: exitCodeOf(diagnoses), diagnoses }, null, 2)}\n`;
}
