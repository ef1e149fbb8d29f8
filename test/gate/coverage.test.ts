import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { dropHolds, judgeCoverage } from '../../src/gate/coverage.ts';
import { regexOf } from '../../src/formats/globs.ts';
import { METRICS } from '../../src/model/coverage.ts';
import type { Coverage, LineRange, Metric } from '../../src/model/coverage.ts';
import type { Flicker, Past } from '../../src/model/checkpoint.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { CoveragePolicy, FileOverride } from '../../src/model/policy.ts';
import type { LostProcess, TestRun } from '../../src/model/test-run.ts';
import { aCount, aCoverage, aFileCoverage, aPolicy, aRun } from '../support/builders.ts';

const NO_PAST: Past = { checkpoint: null };
const LOST: LostProcess = { pid: 7, script: 'src/cli.ts', file: 'test/a.test.ts', why: 'no-coverage' };

function policyOf(change: Partial<CoveragePolicy> = {}): CoveragePolicy {
  return aPolicy({ coverage: { floor: {}, ...change } }).coverage;
}

function past(covered: number, total: number): Past {
  const count = aCount(covered, total);
  const coverage = { lines: count, branches: count, functions: count, statements: count };
  return { checkpoint: { commit: '3f2c1ab', at: '2026-01-01T00:00:00Z', coverage, wallMs: 1, tests: 1 } };
}

function judged(coverage: Coverage | null, policy: CoveragePolicy, before = NO_PAST, change: Partial<TestRun> = {}) {
  return judgeCoverage(aRun(undefined, { coverage, ...change }), policy, before);
}

function codes(coverage: Coverage, policy: CoveragePolicy, before = NO_PAST): string[] {
  return judged(coverage, policy, before).findings.map((finding) => finding.code);
}

function override(glob: string, lines: number): FileOverride {
  return { glob, regex: regexOf(glob), limits: { lines } };
}

/** The findings of one code, typed. */
function only<Code extends Finding['code']>(findings: readonly Finding[], code: Code) {
  return findings.filter((finding): finding is Extract<Finding, { code: Code }> => finding.code === code);
}

describe('floor', () => {
  test('just under fails, equal and over hold, for every metric', () => {
    for (const metric of METRICS) {
      const policy = policyOf({ floor: { [metric]: 64 } });
      const of = (covered: number) => aCoverage({ 'src/a.ts': { lines: [1, 1], [metric]: [covered, 1_000] } });
      assert.deepEqual(codes(of(639), policy), ['coverage-floor'], metric);
      assert.deepEqual(codes(of(640), policy), [], metric);
      assert.deepEqual(codes(of(641), policy), [], metric);
    }
  });

  test('statements, which are lines, are said only where they ask for more', () => {
    const coverage = aCoverage({ 'src/a.ts': { lines: [7, 10], statements: [7, 10] } });
    assert.deepEqual(codes(coverage, policyOf({ floor: { lines: 80, statements: 80 } })), ['coverage-floor']);
    assert.deepEqual(codes(coverage, policyOf({ floor: { lines: 70, statements: 80 } })), ['coverage-floor']);
    assert.deepEqual(codes(coverage, policyOf({ floor: { lines: 75, statements: 80 } })), ['coverage-floor', 'coverage-floor']);
    assert.deepEqual(codes(coverage, policyOf({ floor: { statements: 80 } })), ['coverage-floor']);
  });

  test('the finding carries the distance, the files short of the target and what it was before', () => {
    const coverage = aCoverage({ 'src/a.ts': [10, 100], 'src/b.ts': [70, 100], 'src/c.ts': [90, 100] });
    const [finding] = judged(coverage, policyOf({ floor: { lines: 64 }, target: { lines: 80 } }), past(65, 100)).findings;
    assert.deepEqual(finding, {
      code: 'coverage-floor',
      severity: 'error',
      metric: 'lines',
      count: { covered: 170, total: 300 },
      limitPct: 64,
      goalPct: 80,
      gaps: [
        { file: 'src/a.ts', count: { covered: 10, total: 100 }, short: 70, uncovered: [[11, 100]] },
        { file: 'src/b.ts', count: { covered: 70, total: 100 }, short: 10, uncovered: [[71, 100]] },
      ],
      before: { count: { covered: 65, total: 100 }, commit: '3f2c1ab' },
    });
  });

  test('without a target above it, the limit is the goal', () => {
    const coverage = aCoverage({ 'src/a.ts': [10, 100] });
    for (const target of [{}, { lines: 50 }, { branches: 90 }]) {
      const [finding] = only(judged(coverage, policyOf({ floor: { lines: 64 }, target })).findings, 'coverage-floor');
      assert.equal(finding?.goalPct, 64);
    }
  });

  test('every metric with a limit is found, not only the first', () => {
    const findings = judged(aCoverage({ 'src/a.ts': [1, 10] }), policyOf({ floor: { lines: 64, functions: 50 } })).findings;
    assert.deepEqual(
      only(findings, 'coverage-floor').map((finding) => finding.metric),
      ['lines', 'functions'],
    );
  });

  test('0 and 100 are limits like others', () => {
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [0, 10] }), policyOf({ floor: { lines: 0 } })), []);
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [9_999, 10_000] }), policyOf({ floor: { lines: 100 } })), ['coverage-floor']);
  });
});

describe('baseline and target', () => {
  const policy = policyOf({ floor: { lines: 64 }, baseline: { lines: 65 }, target: { lines: 80 } });

  test('under the baseline warns, equal and over hold', () => {
    const [finding] = judged(aCoverage({ 'src/a.ts': [649, 1_000] }), policy).findings;
    assert.equal(finding?.code, 'coverage-baseline');
    assert.equal(finding?.severity, 'warning');
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [650, 1_000] }), policy), []);
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [651, 1_000] }), policy), []);
  });

  test('a failed floor is not repeated as a missed baseline, other metrics are', () => {
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [63, 100] }), policy), ['coverage-floor']);
    const branches = policyOf({ floor: { lines: 64 }, baseline: { lines: 65, branches: 65 } });
    const findings = judged(aCoverage({ 'src/a.ts': [63, 100] }), branches).findings;
    assert.deepEqual(
      findings.map((finding) => [finding.code, 'metric' in finding && finding.metric]),
      [
        ['coverage-floor', 'lines'],
        ['coverage-baseline', 'branches'],
      ],
    );
  });

  test('a missed target alone is no finding', () => {
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [70, 100] }), policy), []);
  });
});

describe('per file', () => {
  test('each file on its own: just under fails, equal and over hold', () => {
    const coverage = aCoverage({ 'src/a.ts': [499, 1_000], 'src/b.ts': [500, 1_000], 'src/c.ts': [501, 1_000] });
    const findings = only(judged(coverage, policyOf({ perFile: { lines: 50 } })).findings, 'coverage-file');
    assert.deepEqual(
      findings.map(({ gap, glob, severity }) => [gap.file, gap.short, glob, severity]),
      [['src/a.ts', 1, null, 'error']],
    );
  });

  test('one finding for each file and metric, most to gain first', () => {
    const coverage = aCoverage({
      'src/a.ts': { lines: [1, 10], branches: [0, 20] },
      'src/b.ts': { lines: [0, 100], branches: [5, 5] },
    });
    const findings = only(judged(coverage, policyOf({ perFile: { lines: 50, branches: 50 } })).findings, 'coverage-file');
    assert.deepEqual(
      findings.map(({ gap, metric }) => [gap.file, metric, gap.short]),
      [
        ['src/b.ts', 'lines', 50],
        ['src/a.ts', 'branches', 10],
        ['src/a.ts', 'lines', 4],
      ],
    );
  });

  test('the last override that matches replaces the common limits entirely', () => {
    const coverage = aCoverage({ 'src/gen/a.ts': [20, 100], 'src/gen/strict.ts': [20, 100], 'src/b.ts': [20, 100] });
    const policy = policyOf({
      perFile: { lines: 50, branches: 50 },
      overrides: [override('src/**', 10), override('src/gen/strict.ts', 90), override('test/**', 100)],
    });
    const findings = only(judged(coverage, policy).findings, 'coverage-file');
    assert.deepEqual(
      findings.map(({ gap, metric, limitPct, glob }) => [gap.file, metric, limitPct, glob]),
      [['src/gen/strict.ts', 'lines', 90, 'src/gen/strict.ts']],
    );
  });

  test('an override without limits frees its files', () => {
    const free = { glob: 'src/gen/**', regex: regexOf('src/gen/**'), limits: {} };
    const policy = policyOf({ perFile: { lines: 50 }, overrides: [free] });
    assert.deepEqual(codes(aCoverage({ 'src/gen/a.ts': [0, 100] }), policy), []);
  });

  test('a file with nothing to cover holds', () => {
    const coverage = { files: [aFileCoverage('src/types.ts', [0, 0]), aFileCoverage('src/z.ts', [9, 9])] };
    assert.deepEqual(codes(coverage, policyOf({ perFile: { lines: 100 } })), []);
  });

  test('names that are properties of every object are plain file names', () => {
    const coverage = { files: ['__proto__', 'constructor'].map((file) => aFileCoverage(file, [0, 5])) };
    const findings = only(judged(coverage, policyOf({ perFile: { lines: 50 } })).findings, 'coverage-file');
    assert.deepEqual(
      findings.map(({ gap }) => gap.file),
      ['__proto__', 'constructor'],
    );
  });
});

describe('drop', () => {
  test('exactly the allowed drop holds, one line more does not', () => {
    const policy = policyOf({ maxDrop: 0.5 });
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [694, 1_000] }), policy, past(700, 1_000)), ['coverage-drop']);
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [695, 1_000] }), policy, past(700, 1_000)), []);
    assert.deepEqual(codes(aCoverage({ 'src/a.ts': [696, 1_000] }), policy, past(700, 1_000)), []);
  });

  test('a drop that floats cannot tell from its limit holds', () => {
    // 0.8 − 0.7 is over 0.1 as floats; 5.7 − 5.6 is over 0.1 as well.
    assert.equal(dropHolds(aCount(8, 10), aCount(7, 10), 10), true);
    assert.equal(dropHolds(aCount(57, 1_000), aCount(56, 1_000), 0.1), true);
    assert.equal(dropHolds(aCount(2, 3), aCount(665, 1_000), 0.17), true);
    assert.equal(dropHolds(aCount(2, 3), aCount(665, 1_000), 0.16), false);
  });

  test('no drop at all may be allowed, and a rise always holds', () => {
    assert.equal(dropHolds(aCount(1, 3), aCount(333_333, 1_000_000), 0), false);
    assert.equal(dropHolds(aCount(1, 3), aCount(2, 6), 0), true);
    assert.equal(dropHolds(aCount(1, 3), aCount(2, 3), 0), true);
  });

  test('the finding says from where, and which lines never ran', () => {
    const policy = policyOf({ maxDrop: 0.5 });
    const [finding] = judged(aCoverage({ 'src/a.ts': [60, 100] }), policy, past(70, 100)).findings;
    assert.deepEqual(finding, {
      code: 'coverage-drop',
      severity: 'error',
      metric: 'lines',
      count: { covered: 60, total: 100 },
      before: { count: { covered: 70, total: 100 }, commit: '3f2c1ab' },
      maxDrop: 0.5,
      gaps: [{ file: 'src/a.ts', count: { covered: 60, total: 100 }, short: 40, uncovered: [[61, 100]] }],
      flickering: 0,
    });
  });

  test('a drop that lines which do not run each time may have made is noted, and stops nothing', () => {
    const coverage = aCoverage({ 'src/a.ts': [60, 100], 'src/b.ts': [10, 10] });
    const [a] = coverage.files;
    const flicker = (lines: LineRange[], change: Partial<Flicker> = {}): Flicker => ({
      file: 'src/a.ts',
      hash: a?.hash ?? '',
      lines,
      ...change,
    });
    const drop = (...known: Flicker[]): unknown => {
      const before: Past = { ...past(75, 110), flicker: known };
      return judged(coverage, policyOf({ maxDrop: 0 }), before).findings.map((each) => [
        each.severity,
        each.code === 'coverage-drop' && each.flickering,
      ]);
    };
    // 70 of 110 lines ran, 75 before.
    assert.deepEqual(drop(flicker([[58, 65]])), [['note', 5]]);
    assert.deepEqual(
      drop(
        flicker([
          [61, 62],
          [70, 72],
        ]),
      ),
      [['note', 5]],
    );
    assert.deepEqual(drop(flicker([[61, 64]])), [['error', 4]]);
    assert.deepEqual(drop(flicker([[1, 60]])), [['error', 0]]);
    assert.deepEqual(drop(flicker([[58, 65]], { hash: 'as it was' })), [['error', 0]]);
    assert.deepEqual(drop(flicker([[58, 65]], { file: 'src/gone.ts' })), [['error', 0]]);
  });

  test('without a limit, a checkpoint, or coverage in it, there is no drop', () => {
    const coverage = aCoverage({ 'src/a.ts': [1, 100] });
    assert.deepEqual(codes(coverage, policyOf({ maxDrop: null }), past(99, 100)), []);
    assert.deepEqual(codes(coverage, policyOf({ maxDrop: 0 })), []);
    const bare = { checkpoint: { ...past(99, 100).checkpoint!, coverage: null } };
    assert.deepEqual(codes(coverage, policyOf({ maxDrop: 0 }), bare), []);
    assert.deepEqual(codes(coverage, policyOf({ maxDrop: 0 }), past(0, 0)), []);
  });

  test('counts that are no whole numbers never hold', () => {
    assert.equal(dropHolds(aCount(NaN, 10), aCount(10, 10), 1), false);
    assert.equal(dropHolds(aCount(1, 10), aCount(10, NaN), 1), false);
    assert.equal(dropHolds(aCount(1, 10), aCount(10, 10), NaN), false);
    assert.equal(dropHolds(aCount(1.5, 10), aCount(10, 10), 1), false);
  });

  test('a larger allowance never holds less, and the same figure never drops', () => {
    const count = fc.tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 })).map(([a, b]) => aCount(a % (b + 1), b));
    const drop = fc.nat(10_000).map((hundredths) => hundredths / 100);
    fc.assert(
      fc.property(count, count, drop, drop, (before, now, a, b) => {
        if (dropHolds(before, now, Math.min(a, b))) assert.ok(dropHolds(before, now, Math.max(a, b)));
        assert.ok(dropHolds(before, before, 0));
        assert.ok(dropHolds(before, now, 100));
      }),
    );
  });
});

describe('missing evidence', () => {
  const policy = policyOf({ floor: { lines: 64 }, baseline: { lines: 65 }, perFile: { lines: 10 }, maxDrop: 1 });

  test('without coverage, without files, without lines there is no verdict', () => {
    assert.deepEqual(judged(null, policy).unproven, [{ kind: 'no-coverage' }]);
    assert.deepEqual(judged(aCoverage(), policy).unproven, [{ kind: 'nothing-included', include: ['src/**'] }]);
    assert.deepEqual(judged(aCoverage({ 'src/types.ts': [0, 0] }), policy).unproven, [{ kind: 'no-coverage' }]);
    assert.deepEqual(judged(aCoverage({ 'src/types.ts': [NaN, NaN] }), policy).unproven, [{ kind: 'no-coverage' }]);
  });

  test('a run that was not instrumented is not judged', () => {
    assert.deepEqual(judged(null, policy, NO_PAST, { instrumented: false }), { findings: [], unproven: [] });
  });

  test('a lower bound that holds every limit is noted', () => {
    const { findings, unproven } = judged(aCoverage({ 'src/a.ts': [80, 100] }), policy, past(80, 100), { lost: [LOST] });
    assert.deepEqual(findings, [{ code: 'coverage-partial', severity: 'note', processes: [LOST] }]);
    assert.deepEqual(unproven, []);
  });

  test('a lower bound under floor, file minimum or drop limit proves nothing and says which processes were lost', () => {
    const cases: [Coverage, Past][] = [
      [aCoverage({ 'src/a.ts': [63, 100] }), NO_PAST],
      [aCoverage({ 'src/a.ts': [90, 100], 'src/b.ts': [0, 10] }), NO_PAST],
      [aCoverage({ 'src/a.ts': [80, 100] }), past(90, 100)],
    ];
    for (const [coverage, before] of cases) {
      const { findings, unproven } = judged(coverage, policy, before, { lost: [LOST] });
      assert.deepEqual(findings, []);
      assert.deepEqual(unproven, [{ kind: 'coverage-lost', processes: [LOST], unknown: [] }]);
    }
  });

  test('functions and branches that what is lost could lower hold no limit', () => {
    const [whole, some, none] = [
      [10, 10],
      [9, 10],
      [0, 1],
    ] as const;
    const cases: [Metric, Partial<CoveragePolicy>, Coverage, boolean][] = [
      ['functions', { floor: { functions: 80 } }, aCoverage({ 'a.ts': { lines: [90, 100], functions: some, branches: some } }), true],
      [
        'functions',
        { floor: { functions: 80 } },
        aCoverage({ 'a.ts': { lines: whole, functions: whole }, 'b.ts': { lines: none, functions: none } }),
        false,
      ],
      ['branches', { floor: { branches: 80 } }, aCoverage({ 'a.ts': { lines: some, functions: whole, branches: some } }), true],
      ['branches', { perFile: { branches: 80 } }, aCoverage({ 'a.ts': { lines: some, functions: some, branches: whole } }), false],
      [
        'branches',
        { overrides: [{ ...override('a.ts', 0), limits: { branches: 80 } }] },
        aCoverage({ 'a.ts': { lines: some, functions: some, branches: whole } }),
        false,
      ],
      ['branches', { floor: { branches: 0 } }, aCoverage({ 'a.ts': { lines: some, functions: some, branches: some } }), true],
    ];
    for (const [metric, limits, coverage, isKnown] of cases) {
      const { findings, unproven } = judged(coverage, policyOf({ floor: {}, ...limits }), NO_PAST, { lost: [LOST] });
      const expected = isKnown ? [] : [{ kind: 'coverage-lost', processes: [LOST], unknown: [metric] }];
      assert.deepEqual([findings.map(({ code }) => code), unproven], [isKnown ? ['coverage-partial'] : [], expected]);
    }
  });

  test('a lower bound under the baseline warns that it is one, not that the baseline is missed', () => {
    const { findings } = judged(aCoverage({ 'src/a.ts': [64, 100] }), policy, NO_PAST, { lost: [LOST] });
    assert.deepEqual(findings, [{ code: 'coverage-partial', severity: 'warning', processes: [LOST] }]);
  });

  test('when a file was killed its missing coverage is not called a drop, and what is missing is said once', () => {
    const killed: Partial<TestRun> = { unproven: [{ kind: 'file-killed', file: 'test/a.test.ts', signal: 'SIGKILL' }] };
    const coverage = aCoverage({ 'src/a.ts': [0, 100] });
    for (const lost of [[], [LOST]]) {
      for (const measured of [coverage, aCoverage(), null]) {
        assert.deepEqual(judged(measured, policy, past(90, 100), { ...killed, lost }), { findings: [], unproven: [] });
      }
    }
  });
});
