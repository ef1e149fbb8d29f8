import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { judge } from '../../src/gate/judge.ts';
import type { JudgeContext } from '../../src/gate/judge.ts';
import { suspectsOf } from '../../src/gate/suspects.ts';
import { METRICS } from '../../src/model/coverage.ts';
import type { Past } from '../../src/model/checkpoint.ts';
import { ALL_GATES } from '../../src/model/policy.ts';
import type { MetricLimits, Policy } from '../../src/model/policy.ts';
import type { Outcome, Test, TestRun } from '../../src/model/test-run.ts';
import { aCount, aFileCoverage, aFileRun, aPolicy, aRun, aTest, anEntry } from '../support/builders.ts';

const CONTEXT: JudgeContext = { gates: ALL_GATES, today: '2026-06-15', ci: false, passOnUnpruned: false };

const NAMES = ['adds', '__proto__', 'constructor', 'outer', 'outer > inner', 'a\nb', '\u001b[2J', ''];
const FILES = ['test/a.test.ts', 'test/b.test.ts', 'test/ü space.test.ts', '__proto__'];

const outcomes = fc.constantFrom<Outcome>('passed', 'passed', 'passed', 'failed', 'skipped', 'todo', 'flaky');
// Small steps around the limits, so that generated times meet them exactly.
const times = fc.constantFrom(0, 10, 4_999, 5_000, 5_001, 8_999, 9_000, 10_000, 10_001, 14_999, 15_000, 15_001, 40_000);
const tests = fc.record({
  name: fc.constantFrom(...NAMES),
  outcome: outcomes,
  durationMs: times,
  subtestsMs: fc.constantFrom(0, 0, 4_999, 50_000),
  skipReason: fc.constantFrom(null, '', 'needs a network'),
  line: fc.nat(40),
}) satisfies fc.Arbitrary<Partial<Test>>;
const fileRuns = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...FILES), fc.array(tests, { maxLength: 6 })), { selector: ([file]) => file })
  .map((files) => files.map(([file, own]) => aFileRun(file, own)));

const pair = fc.tuple(fc.nat(100), fc.nat(100)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const sources = fc
  .uniqueArray(fc.tuple(fc.constantFrom('src/a.ts', 'src/b.ts', 'src/lib/c.ts', 'constructor'), pair), {
    selector: ([file]) => file,
    minLength: 1,
  })
  .map((files) => ({ files: files.map(([file, counts]) => aFileCoverage(file, counts)) }));

const runs = fc
  .record({ files: fileRuns, coverage: sources, wallMs: fc.constantFrom(59_999, 60_000, 60_001, 120_000, 120_001) })
  .map(({ files, coverage, wallMs }) => aRun(files, { coverage, wallMs }));

/** A policy, and one in which some lines are drawn tighter. */
type Two = { readonly loose: Policy; readonly strict: Policy };
const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
const limitPairs = fc
  .tuple(fc.constantFrom(...METRICS), percent, percent)
  .map(([metric, a, b]): [MetricLimits, MetricLimits] => [{ [metric]: Math.min(a, b) }, { [metric]: Math.max(a, b) }]);
const msPairs = (...choices: number[]) =>
  fc.tuple(fc.constantFrom(...choices), fc.constantFrom(...choices)).map(([a, b]) => [Math.max(a, b), Math.min(a, b)] as const);
const policies: fc.Arbitrary<Two> = fc
  .record({
    floor: limitPairs,
    perFile: limitPairs,
    override: limitPairs,
    drop: fc.tuple(percent, percent).map(([a, b]) => [Math.max(a, b), Math.min(a, b)] as const),
    budget: msPairs(60_000, 120_000, 120_001),
    limit: msPairs(5_000, 10_000, 15_000),
    ceiling: msPairs(9_000, 14_999, 15_000, 40_000),
    reasons: fc.boolean(),
    expires: fc.constantFrom(null, '2026-06-14', '2026-06-15', '2027-01-01'),
  })
  .map((drawn) => ({ loose: policyAt(drawn, 0), strict: policyAt(drawn, 1) }));

type Drawn = {
  readonly floor: readonly MetricLimits[];
  readonly perFile: readonly MetricLimits[];
  readonly override: readonly MetricLimits[];
  readonly drop: readonly number[];
  readonly budget: readonly number[];
  readonly limit: readonly number[];
  readonly ceiling: readonly number[];
  readonly reasons: boolean;
  readonly expires: string | null;
};

function policyAt(drawn: Drawn, index: 0 | 1): Policy {
  const at = <T>(values: readonly T[]): T => values[index] as T;
  const entry = { ceilingMs: at(drawn.ceiling), expires: drawn.expires };
  return aPolicy({
    coverage: {
      floor: at(drawn.floor),
      perFile: at(drawn.perFile),
      overrides: [{ glob: 'src/lib/**', regex: '^src/lib/', limits: at(drawn.override) }],
      maxDrop: at(drawn.drop),
    },
    suite: { budgetMs: at(drawn.budget), idealMs: 30_000 },
    slow: { limitMs: at(drawn.limit), targetMs: 4_000 },
    tests: { skipNeedsReason: index === 1 || drawn.reasons, flaky: index === 1 ? 'fail' : 'warn' },
    knownSlow: [anEntry({ name: 'adds', ...entry }), anEntry({ file: '__proto__', name: '__proto__', ...entry })],
  });
}

const before = aCount(70, 100);
const pasts: fc.Arbitrary<Past> = fc.constantFrom(
  { checkpoint: null },
  {
    checkpoint: {
      commit: '3f2c1ab',
      at: '2026-01-01T00:00:00Z',
      coverage: { lines: before, branches: before, functions: before, statements: before },
      wallMs: 1,
      tests: 1,
    },
  },
);

test('a stricter policy never yields fewer errors', () => {
  fc.assert(
    fc.property(runs, policies, pasts, (run, { loose, strict }, past) => {
      const errors = (policy: Policy) =>
        judge(run, policy, past, CONTEXT).findings.filter((finding) => finding.severity === 'error').length;
      assert.ok(errors(strict) >= errors(loose), `${errors(strict)} < ${errors(loose)}`);
    }),
    { numRuns: 300 },
  );
});

test('the verdict is the same every time, and whatever order files finished in', () => {
  const shuffled = runs.chain((run) =>
    fc
      .tuple(shuffle(run.files), shuffle(run.coverage?.files ?? []))
      .map(([files, covered]) => [run, { ...run, files, coverage: { files: covered } }] as const),
  );
  fc.assert(
    fc.property(shuffled, policies, pasts, ([run, other], { strict }, past) => {
      const judged = (one: TestRun) => {
        const { run: _, ...rest } = judge(one, strict, past, CONTEXT);
        return { ...rest, suspects: suspectsOf(one, strict) };
      };
      assert.deepEqual(judged(run), judged(run));
      assert.deepEqual(judged(other), judged(run));
    }),
  );
});

test('judging changes nothing it was given', () => {
  fc.assert(
    fc.property(runs, policies, pasts, (run, { strict }, past) => {
      const copy = structuredClone({ run, strict, past });
      judge(run, strict, past, CONTEXT);
      assert.deepEqual({ run, strict, past }, copy);
    }),
    { numRuns: 30 },
  );
});

test('the outcome follows from what was found', () => {
  fc.assert(
    fc.property(runs, policies, pasts, fc.boolean(), fc.subarray([...ALL_GATES]), (run, { strict }, past, ci, gates) => {
      const { outcome, exitCode, findings, unproven } = judge(run, strict, past, { ...CONTEXT, ci, gates });
      const severities = new Set(findings.map((finding) => finding.severity));
      const expected = severities.has('error') ? 'fail' : severities.has('warning') ? 'warn' : 'pass';
      assert.equal(outcome, unproven.length > 0 ? 'error' : expected);
      assert.equal(exitCode, { pass: 0, warn: 0, fail: 1, error: 3 }[outcome]);
    }),
  );
});

test('asking for fewer gates only leaves findings out', () => {
  fc.assert(
    fc.property(runs, policies, pasts, fc.subarray([...ALL_GATES]), (run, { strict }, past, gates) => {
      const all = judge(run, strict, past, CONTEXT).findings;
      const some = judge(run, strict, past, { ...CONTEXT, gates }).findings;
      for (const finding of some) assert.ok(all.some((one) => isDeepStrictEqual(one, finding)));
    }),
    { numRuns: 50 },
  );
});

test('ten thousand tests in one file, all slow and all failed, are judged', () => {
  const many = Array.from({ length: 10_000 }, (_, index): Partial<Test> => {
    return { name: `outer > test ${index}`, line: index, durationMs: 10_001 + index, outcome: index % 2 ? 'failed' : 'passed' };
  });
  const entries = many.slice(0, 5_000).map(({ name }) => anEntry({ name: name ?? '' }));
  const run = aRun([aFileRun('test/a.test.ts', many)]);
  const { findings } = judge(run, aPolicy({ knownSlow: entries }), { checkpoint: null }, CONTEXT);
  const count = (code: string) => findings.filter((finding) => finding.code === code).length;
  assert.equal(count('new-slow-test'), 5_000);
  assert.equal(count('known-slow-over-ceiling'), 0);
  assert.equal(count('test-failed'), 5_000);
});

test('more tests than a call takes arguments are judged', () => {
  const slow = aTest({ durationMs: 10_001 });
  const many = Array.from({ length: 150_000 }, () => slow);
  const run = aRun([aFileRun('test/a.test.ts', [], { tests: many })]);
  assert.equal(judge(run, aPolicy(), { checkpoint: null }, CONTEXT).findings.length, 150_000);
});

function shuffle<T>(values: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...values], { minLength: values.length });
}
