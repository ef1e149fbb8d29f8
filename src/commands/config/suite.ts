import { realpathSync } from 'node:fs';
import { relative } from 'node:path';

import { labelled } from '../../report/tables.ts';
import { clean, plural } from '../../report/units.ts';
import type { Step, SuitePlan } from '../../runners/plan.ts';
import { indented } from './indented.ts';

/** What was understood of the test command: its steps, and what was unwrapped, replaced or left out. */
export function suiteText(plan: SuitePlan, root: string): string {
  const steps = plan.steps.map((step, index) => [`${index + 1}.`, stepText(step, realpathSync(root))] as const);
  const notes = plan.notes.map((note) => clean(note));
  return [
    `Test command, from ${clean(plan.from)}:\n${indented([clean(plan.command, 1_000)])}`,
    `Understood as (${plural(plan.testFiles.length, 'test file')}):\n${indented(labelled(steps))}`,
    ...(notes.length > 0 ? [`Notes:\n${indented(notes)}`] : []),
  ].join('\n');
}

/** Test files named in a step before the rest is only counted. */
const FILES_SHOWN = 5;

function stepText(step: Step, root: string): string {
  const folder = relative(root, step.cwd);
  const set = Object.entries(step.env).map(([name, value]) => `${name}=${value}`);
  return clean([...set, ...wordsOf(step), ...(folder === '' ? [] : [`(in ${folder})`])].join(' '), 1_000);
}

function wordsOf(step: Step): string[] {
  switch (step.kind) {
    case 'node-test': {
      const more = step.files.length > FILES_SHOWN ? [`(and ${plural(step.files.length - FILES_SHOWN, 'more file')})`] : [];
      return ['node', ...step.nodeArgs, '--test', ...step.reporterArgs, ...step.files.slice(0, FILES_SHOWN), ...more];
    }
    case 'node-script':
      return ['node', ...step.nodeArgs, ...step.reporterArgs, step.script, ...step.args, '(one process)'];
    case 'observed':
      return [step.command, '(run as it is, observed through NODE_OPTIONS)'];
    case 'setup':
      return [step.command, '(runs before the tests, not measured)'];
  }
}
