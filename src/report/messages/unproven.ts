import type { Unproven } from '../../model/test-run.ts';
import type { Context } from '../context.ts';
import { fit, table } from '../tables.ts';
import { clean, cleanLines, plural, seconds, shellWord, wholeSeconds } from '../units.ts';
import { LET_EXIT, lostRows } from './processes.ts';
import { firstRows, limitLine, runAlone, words, type Words } from './words.ts';

type Of<Kind extends Unproven['kind']> = Extract<Unproven, { kind: Kind }>;

const KEEPS_ALIVE = 'Look for what keeps the process alive: a server, a timer, a child, or an await or loop outside any test.';
const SHOW_PLAN = 'pushgate config   shows what was understood of the test script';

/** Words a piece of missing evidence: what is missing, what there is instead, and the next step. */
export function unprovenWords(unproven: Unproven, context: Context): Words {
  switch (unproven.kind) {
    case 'no-test-files':
      return noTestFiles(unproven, context);
    case 'no-tests':
      return noTests(unproven);
    case 'no-coverage':
      return words({
        headline: 'No coverage was measured.',
        distance: ['No process of the suite left coverage of an included source.'],
        advice: ['If the tests start the code in another way than with Node, or clear NODE_V8_COVERAGE, let them keep it.', SHOW_PLAN],
        limit: limitLine(context, 'coverage.include'),
      });
    case 'nothing-included':
      return nothingIncluded(unproven, context);
    case 'timed-out':
      return timedOut(unproven, context);
    case 'file-killed':
      return fileKilled(unproven, context);
    case 'file-missing':
      return words({
        headline: `A test file has no result: ${clean(unproven.file)}.`,
        distance: ['Without its tests neither coverage nor time can be judged.'],
        advice: [runFile(unproven.file, context), 'pushgate check --verbose   shows the test runner’s own output'],
        file: unproven.file,
      });
    case 'runner-crashed':
      return runnerCrashed(unproven);
    case 'setup-failed':
      return setupFailed(unproven);
    case 'coverage-lost':
      return coverageLost(unproven);
    default:
      return unproven satisfies never;
  }
}

function noTestFiles(unproven: Of<'no-test-files'>, context: Context): Words {
  return words({
    headline: 'No test file was found.',
    distance: [`Searched: ${clean(unproven.searched)}.`],
    advice: ['Name them in pushgate.jsonc:  "run": { "files": ["test/**/*.test.js"] }', SHOW_PLAN],
    limit: limitLine(context, 'run.files'),
  });
}

function noTests(unproven: Of<'no-tests'>): Words {
  return words({
    headline: unproven.files === 0 ? 'No test ran.' : `No test ran in ${plural(unproven.files, 'test file')}.`,
    distance: ['A suite in which every test is skipped, or that has none, proves nothing.'],
    advice: ['pushgate check --verbose   shows the test runner’s own output', SHOW_PLAN],
  });
}

function nothingIncluded(unproven: Of<'nothing-included'>, context: Context): Words {
  const { rows, more } = firstRows(unproven.include);
  return words({
    headline: 'No source file matches coverage.include.',
    evidence: rows.length > 0 ? [...rows.map((glob) => clean(glob)), ...more] : ['The list is empty.'],
    advice: ['Name the sources in pushgate.jsonc:  "coverage": { "include": ["src/**"] }', SHOW_PLAN],
    limit: limitLine(context, 'coverage.include'),
  });
}

function timedOut(unproven: Of<'timed-out'>, context: Context): Words {
  const { rows, more } = firstRows(unproven.running);
  const lines = table(
    [{ header: 'still running', align: 'right' }, { header: '' }, { header: '' }],
    rows.map((test) => [seconds(test.elapsedMs), fit(clean(test.file), 60, 'end'), fit(clean(test.name), 60)]),
  );
  const first = rows[0];
  const inTests = rows.some((test) => test.name !== '');
  const unended = first
    ? 'No test was running when it was stopped, but these files had not ended:'
    : 'No test was running when it was stopped.';
  return words({
    headline: `The suite did not end within ${wholeSeconds(unproven.timeoutMs)} and was stopped.`,
    distance: [inTests ? 'These were running when it was stopped:' : unended],
    evidence: rows.length > 0 ? [...lines, ...more] : [],
    advice: [...(inTests ? [] : [KEEPS_ALIVE]), ...(first ? [runFile(first.file, context)] : [])],
    limit: limitLine(context, 'run.timeout'),
    file: first?.file ?? null,
    actual: null,
    allowed: unproven.timeoutMs,
  });
}

function fileKilled(unproven: Of<'file-killed'>, context: Context): Words {
  const how = unproven.signal === null ? 'ended before its tests were done' : `was ended by ${clean(unproven.signal, 20)}`;
  const memory = unproven.signal === 'SIGKILL' ? ['SIGKILL that nobody sent is mostly the system running out of memory.'] : [];
  const exit = unproven.signal === null ? ['Look for process.exit() in the tests and in what they call.'] : [];
  return words({
    headline: `The process of a test file ${how}: ${clean(unproven.file)}.`,
    distance: ['Its remaining tests and its coverage are missing; that is neither a drop nor a pass.', ...memory],
    advice: [...exit, runFile(unproven.file, context)],
    file: unproven.file,
  });
}

function runnerCrashed(unproven: Of<'runner-crashed'>): Words {
  const output = cleanLines(unproven.output, 'end');
  return words({
    headline: `The test command ${endOf(unproven.exitCode, unproven.signal)}${unproven.signal === null ? ' without a failed test to explain it' : ''}.`,
    distance: [clean(unproven.command)],
    evidence: output.length > 0 ? output : ['It printed nothing.'],
    advice: [`${shellLine(unproven.command)}   runs it without pushgate`],
  });
}

function setupFailed(unproven: Of<'setup-failed'>): Words {
  const output = cleanLines(unproven.output, 'end');
  return words({
    headline: `A step before the tests ${endOf(unproven.exitCode, null)}; the tests were not started.`,
    distance: [clean(unproven.command)],
    evidence: output.length > 0 ? output : ['It printed nothing.'],
    advice: [`${shellLine(unproven.command)}   runs it alone`],
  });
}

function coverageLost(unproven: Of<'coverage-lost'>): Words {
  const count = plural(unproven.processes.length, 'process', 'processes');
  const { unknown } = unproven;
  return words({
    headline:
      unknown.length > 0
        ? `Whether the limit of ${unknown.join(' and ')} holds is not known: ${count} left no coverage.`
        : `A coverage limit does not hold, but ${count} left no coverage.`,
    distance:
      unknown.length > 0
        ? ['The figure could fall: before it runs, a file counts as one function, and a function as one branch.']
        : ['What was measured is a lower bound: whether the limit is missed is not proven.'],
    evidence: lostRows(unproven.processes),
    advice: [LET_EXIT],
    file: unproven.processes[0]?.file ?? null,
  });
}

function endOf(exitCode: number | null, signal: string | null): string {
  if (signal !== null) return `was ended by ${clean(signal, 20)}`;
  return exitCode === null ? 'could not be started' : `ended with exit code ${exitCode}`;
}

function runFile(file: string, context: Context): string {
  return runAlone({ file, name: file, line: 0 }, context);
}

/** A command the user wrote is shown as written; one with a line break in it becomes one word for `sh -c`. */
function shellLine(command: string): string {
  return clean(command) === command ? command : `sh -c ${shellWord(clean(command))}`;
}
