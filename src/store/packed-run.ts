import type { Attempt, FileRun, Test, TestRun } from '../model/test-run.ts';
import { isListOf, isRecord } from './shape.ts';

// Tests as tuples: a suite has thousands, and names of members would be most of what is written. No line break stands in JSON: lines are parts.

type PackedAttempt = readonly [Attempt['outcome'], durationMs: number, alone: boolean, instrumented: boolean, within?: Attempt['within']];
type PackedTest = readonly [
  name: string,
  line: number,
  column: number,
  outcome: Test['outcome'],
  durationMs: number,
  subtestsMs: number,
  skipReason: string | null,
  enclosing: string | null,
  onlyUnderCoverage: boolean,
  attempts: readonly PackedAttempt[],
  /** What few tests have. */
  more?: Pick<Test, 'explanation'> & { readonly failure: string | null },
];

/** Microseconds are finer than anything that is judged. */
export const ms = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Tests as text, by the list that holds them: it is written to several places, and read again for what an incremental run takes over. */
const texts = new WeakMap<readonly Test[], string>();

/** The tests of one file on one line. */
export function packTests(tests: readonly Test[]): string {
  const text = texts.get(tests) ?? JSON.stringify(tests.map(packTest));
  texts.set(tests, text);
  return text;
}

/** Throws for what was not written by `packTests`. */
export function unpackTests(file: string, text: string): readonly Test[] {
  const packed: unknown = JSON.parse(text);
  if (!isListOf(packed, isPackedTest)) throw new Error('these are no tests');
  const tests = (packed as readonly PackedTest[]).map((test) => unpackTest(file, test));
  texts.set(tests, text);
  return tests;
}

function packTest(test: Test): PackedTest {
  const { name, line, column, outcome, skipReason, enclosing, onlyUnderCoverage, failure, explanation } = test;
  const attempts = test.attempts.map((each): PackedAttempt => {
    const packed = [each.outcome, ms(each.durationMs), each.alone, each.instrumented] as const;
    return each.within === undefined ? packed : [...packed, each.within];
  });
  const packed = [
    name,
    line,
    column,
    outcome,
    ms(test.durationMs),
    ms(test.subtestsMs),
    skipReason,
    enclosing,
    onlyUnderCoverage,
    attempts,
  ] as const;
  if (failure === null && explanation === undefined) return packed;
  return [...packed, explanation === undefined ? { failure } : { failure, explanation }];
}

function unpackTest(file: string, packed: PackedTest): Test {
  const [name, line, column, outcome, durationMs, subtestsMs, skipReason, enclosing, onlyUnderCoverage, attempts, more] = packed;
  return {
    file,
    name,
    line,
    column,
    outcome,
    durationMs,
    subtestsMs,
    attempts: attempts.map(([tried, attemptMs, alone, instrumented, within]) => ({
      outcome: tried,
      durationMs: attemptMs,
      alone,
      instrumented,
      ...(within === undefined ? {} : { within }),
    })),
    skipReason,
    enclosing,
    failure: null,
    onlyUnderCoverage,
    ...more,
  };
}

/** A run as it is written, without raw coverage, source maps, inputs, and why files ran: a line for the run, one for the tests of each file. */
export function packRun(run: TestRun): string[] {
  const { reasons: _why, sourceMaps: _maps, ...kept } = run;
  const files = run.files.map(({ observed: _inputs, raw: _raw, tests: _tests, ...file }) => file);
  return [JSON.stringify({ ...kept, shared: [], files }), ...run.files.map(({ tests }) => packTests(tests))];
}

/** Throws for what was not written by `packRun`. */
export function unpackRun([head = '', ...lines]: readonly string[]): TestRun {
  const run: unknown = JSON.parse(head);
  if (!isPackedRun(run) || run['files'].length !== lines.length) throw new Error('this is no run');
  const files = run['files'].map((file, i): FileRun => ({ ...file, raw: [], tests: unpackTests(file.file, lines[i] as string) }));
  return { ...(run as unknown as TestRun), files };
}

type PackedRun = Readonly<Record<string, unknown>> & { readonly files: readonly Omit<FileRun, 'raw' | 'tests'>[] };

function isPackedRun(value: unknown): value is PackedRun {
  if (!isRecord(value) || !isListOf(value['files'], isPackedFile) || !Array.isArray(value['unproven'])) return false;
  return typeof value['mode'] === 'string' && Number.isFinite(value['wallMs']) && Number.isFinite(value['workers']);
}

function isPackedFile(value: unknown): boolean {
  return isRecord(value) && typeof value['file'] === 'string' && Number.isFinite(value['durationMs']);
}

function isPackedTest(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [name, line, column, outcome, durationMs, subtestsMs, , , , attempts] = value as readonly unknown[];
  const areNumbers = [line, column, durationMs, subtestsMs].every((each) => Number.isFinite(each));
  return areNumbers && typeof name === 'string' && typeof outcome === 'string' && isListOf(attempts, isPackedAttempt);
}

function isPackedAttempt(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'string' && Number.isFinite(value[1]);
}
