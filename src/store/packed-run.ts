import type { Attempt, FileRun, Test, TestRun } from '../model/test-run.ts';
import { isListOf, isRecord } from './shape.ts';

// Tests as tuples: a suite has thousands, and names of members would be most of what is written.

type PackedAttempt = readonly [Attempt['outcome'], durationMs: number, alone: boolean, instrumented: boolean, within?: Attempt['within']];
export type PackedTest = readonly [
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

/** Each test once: it is written to several places. */
const packedTests = new WeakMap<Test, PackedTest>();

export function packTest(test: Test): PackedTest {
  const packed = packedTests.get(test) ?? packAnew(test);
  packedTests.set(test, packed);
  return packed;
}

function packAnew(test: Test): PackedTest {
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

export function unpackTest(file: string, packed: PackedTest): Test {
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

/** A run as it is written: without raw coverage, source maps, inputs, and why files ran. */
export function packRun(run: TestRun): object {
  const { reasons: _why, sourceMaps: _maps, ...kept } = run;
  const files = run.files.map(({ observed: _inputs, raw: _raw, tests, ...file }) => ({ ...file, tests: tests.map(packTest) }));
  return { ...kept, shared: [], files };
}

/** Null for what was not written by `packRun`. */
export function unpackRun(value: unknown): TestRun | null {
  if (!isRecord(value) || !isListOf(value['files'], isPackedFile)) return null;
  if (typeof value['mode'] !== 'string' || !Number.isFinite(value['wallMs']) || !Number.isFinite(value['workers'])) return null;
  const packed = value['files'] as readonly (Omit<FileRun, 'raw' | 'tests'> & { readonly tests: readonly PackedTest[] })[];
  const files = packed.map((file): FileRun => ({ ...file, raw: [], tests: file.tests.map((test) => unpackTest(file.file, test)) }));
  return { ...(value as unknown as TestRun), files };
}

function isPackedFile(value: unknown): boolean {
  return (
    isRecord(value) && typeof value['file'] === 'string' && Number.isFinite(value['durationMs']) && isListOf(value['tests'], isPackedTest)
  );
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
