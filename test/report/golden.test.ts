import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { usageError } from '../../src/model/error.ts';
import type { Finding, FindingOf } from '../../src/model/finding.ts';
import type { Reason } from '../../src/model/inputs.ts';
import type { Machine } from '../../src/model/machine.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { coloursFor } from '../../src/report/colours.ts';
import { renderError, renderVerdict, type Screen } from '../../src/report/terminal.ts';
import { aCoverage, aFileRun, aPolicy, aTest } from '../support/builders.ts';
import { GOLDEN, isGolden } from '../support/golden.ts';
import { aVerdict, context, findings, goodRun, unproven } from './samples.ts';

// One screen per finding code, per kind of missing evidence, and per shape of verdict.

const plain: Screen = { colours: coloursFor(false), detail: 'normal' };
const {
  'test-failed': failed,
  'skip-without-reason': skip,
  'coverage-file': file,
  'new-slow-test': slow,
  'slow-target': target,
} = findings;
const stale = findings['known-slow-stale'];

function times(count: number, make: (index: number) => Finding): Finding[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const screens = new Map<string, string>();
for (const finding of Object.values(findings)) {
  // Notes are one line on an ordinary screen; their full words are those of --verbose.
  const screen: Screen = { ...plain, detail: finding.severity === 'note' ? 'verbose' : 'normal' };
  screens.set(finding.code, renderVerdict(aVerdict([finding]), context, screen));
}
const flickering: FindingOf<'coverage-drop'> = { ...findings['coverage-drop'], severity: 'note', flickering: 43 };
screens.set('coverage-drop-flicker', renderVerdict(aVerdict([flickering]), context, plain));
for (const missing of Object.values(unproven)) screens.set(missing.kind, renderVerdict(aVerdict([], [missing]), context, plain));
const leaky = { ...unproven['timed-out'], running: [{ file: 'test/server.test.ts', name: '', elapsedMs: 588_400 }] };
screens.set('timed-out-after-tests', renderVerdict(aVerdict([], [leaky]), context, plain));
const [lost] = unproven['coverage-lost'].processes;
const inline = { ...unproven['coverage-lost'], processes: lost === undefined ? [] : [{ ...lost, script: '' }] };
screens.set(
  'coverage-lost-unknown',
  renderVerdict(aVerdict([], [{ ...unproven['coverage-lost'], unknown: ['branches', 'functions'] }]), context, plain),
);
screens.set('coverage-lost-inline', renderVerdict(aVerdict([], [inline]), context, plain));

const again: [string, Reason][] = [
  ['test/api.test.ts', { kind: 'changed', input: 'file src/api/server.ts' }],
  ['test/new.test.ts', { kind: 'new' }],
  ['test/env.test.ts', { kind: 'changed', input: 'env STAGE' }],
  ['test/cli.test.ts', { kind: 'changed', input: 'everything git' }],
  ['test/list.test.ts', { kind: 'changed', input: 'names test/fixtures' }],
  ['test/shadow.test.ts', { kind: 'changed', input: 'stem src/index' }],
  ['test/absent.test.ts', { kind: 'changed', input: 'absent .env' }],
  ['test/lazy.test.ts', { kind: 'changed', input: 'filenames *' }],
  ['test/flaky.test.ts', { kind: 'untracked', why: 'it was flaky' }],
  ['test/live.test.ts', { kind: 'always' }],
  ['test/sample.test.ts', { kind: 'sample' }],
];
const reusing = (reasons: [string, Reason][], change: Partial<TestRun> = {}): TestRun => ({
  ...goodRun,
  mode: 'incremental',
  files: [...goodRun.files, ...Array.from({ length: 9 }, (_, index) => aFileRun(`test/kept${index}.test.ts`, [{}], { origin: 'reused' }))],
  reasons: new Map(reasons),
  projectedWallMs: 96_300,
  ...change,
});
const upgraded: Reason = { kind: 'key', part: 'the Node version' };
screens.set('incremental', renderVerdict(aVerdict([], [], reusing(again)), context, plain));
screens.set('incremental-why', renderVerdict(aVerdict([], [], reusing(again)), { ...context, why: true }, plain));
screens.set('incremental-one-reason', renderVerdict(aVerdict([], [], reusing(again.map(([name]) => [name, upgraded]))), context, plain));
screens.set(
  'incremental-nothing',
  renderVerdict(aVerdict([], [], reusing([], { files: [aFileRun('test/kept.test.ts', [{}], { origin: 'reused' })] })), context, plain),
);
screens.set('incremental-sample', renderVerdict(aVerdict([], [], reusing([['test/a.test.ts', { kind: 'sample' }]])), context, plain));
screens.set(
  'incremental-all',
  renderVerdict(aVerdict([], [], { ...goodRun, reasons: new Map(goodRun.files.map(({ file }) => [file, upgraded])) }), context, plain),
);
const near: Finding = { ...findings['suite-budget'], severity: 'warning', bareWallMs: null, wallMs: 112_000, projected: true };
screens.set(
  'suite-budget-projected',
  renderVerdict(aVerdict([near], [], reusing(again.slice(0, 1), { projectedWallMs: 112_000 })), context, plain),
);

const busy: Machine = { cores: 2, load: 6.12, slower: { wall: 1.8, cpu: 1 } };
const loaded: TestRun = { ...goodRun, machine: busy };
const both = { hereMs: 12_600, thereMs: 11_240, decides: false };
const calibratedPolicy = { ...context, policy: aPolicy({ limits: { clock: 'calibrated' } }) };
screens.set('new-slow-test-busy', renderVerdict(aVerdict([{ ...slow, calibrated: both }], [], loaded), context, plain));
screens.set(
  'new-slow-test-no-reference',
  renderVerdict(aVerdict([slow], [], { ...goodRun, machine: { ...busy, slower: null } }), context, plain),
);
screens.set(
  'new-slow-test-calibrated',
  renderVerdict(aVerdict([{ ...slow, durationMs: 11_240, calibrated: { ...both, decides: true } }], [], loaded), calibratedPolicy, plain),
);
const budget = { hereMs: 124_180, thereMs: 96_400, decides: false };
screens.set(
  'suite-budget-busy',
  renderVerdict(aVerdict([{ ...findings['suite-budget'], calibrated: budget }], [], loaded), context, plain),
);
screens.set('pass-calibrated', renderVerdict(aVerdict([], [], loaded), calibratedPolicy, plain));

const reached = aPolicy({ coverage: { floor: { lines: 64, branches: 50 }, target: { lines: 70 } } });
const all = Object.values(findings);
screens.set('pass', renderVerdict(aVerdict(), context, plain));
screens.set('pass-target-reached', renderVerdict(aVerdict(), { ...context, policy: reached }, plain));
screens.set(
  'pass-defaults',
  renderVerdict(aVerdict(), { ...context, preface: ['No pushgate.jsonc: floor 64 %, budget 120 s, slow limit 10 s.'] }, plain),
);
screens.set(
  'pass-without-coverage',
  renderVerdict(aVerdict([], [], { ...goodRun, coverage: null }), { ...context, gates: ['suite'] }, plain),
);
screens.set('pass-with-note', renderVerdict(aVerdict([target]), context, plain));
screens.set('multi', renderVerdict(aVerdict(all), context, plain));
screens.set('multi-unproven', renderVerdict(aVerdict([findings['coverage-baseline'], failed], Object.values(unproven)), context, plain));
screens.set('quiet', renderVerdict(aVerdict(all), context, { ...plain, detail: 'quiet' }));
screens.set('quiet-unproven', renderVerdict(aVerdict([], [unproven['no-tests']]), context, { ...plain, detail: 'quiet' }));
screens.set(
  'masses',
  renderVerdict(
    aVerdict(
      [
        ...times(7, (index) => ({ ...target, durationMs: 5_100 + index * 300 })),
        ...times(4, (index) => ({ ...stale, entry: { ...stale.entry, line: index + 3 } })),
        ...times(200, (index) => ({ ...failed, confirmed: false, test: aTest({ ...failed.test, line: index + 1 }) })),
        ...times(12, (index) => ({ ...skip, test: aTest({ ...skip.test, line: index + 1 }) })),
        ...times(6, (index) => ({ ...file, gap: { ...file.gap, file: `src/part/${index}.ts` } })),
        ...times(18, () => ({ ...slow, confirmed: false, test: { ...slow.test, attempts: slow.test.attempts.slice(0, 1) } })),
      ],
      [],
      { ...goodRun, unconfirmed: { slow: 18, failed: 200 } },
    ),
    context,
    plain,
  ),
);
screens.set(
  'only-under-coverage',
  renderVerdict(
    aVerdict([
      {
        ...failed,
        severity: 'warning',
        test: {
          ...failed.test,
          onlyUnderCoverage: true,
          attempts: failed.test.attempts.map((attempt) => ({ ...attempt, outcome: attempt.instrumented ? 'failed' : 'passed' })),
        },
      },
    ]),
    context,
    plain,
  ),
);
screens.set(
  'nothing-measured',
  renderVerdict(aVerdict([], [unproven['no-test-files']], { ...goodRun, files: [], coverage: aCoverage() }), context, plain),
);
screens.set(
  'usage-error',
  renderError(usageError('pushgate.jsonc:4:15: unknown key "flor".', 'Did you mean "floor"?'), 'run it again', plain),
);

screens.set(
  'coverage-floor-defaults',
  renderVerdict(
    aVerdict([findings['coverage-floor']]),
    { ...context, isSetUp: false, policy: { ...context.policy, coverage: { ...context.policy.coverage, include: ['**'] } } },
    plain,
  ),
);

test('what was understood of the script stands above a failure, not above a pass', () => {
  const told = { ...context, prefaceOfFailure: ['Runs before the tests: `npm run build`.'] };
  assert.doesNotMatch(renderVerdict(aVerdict(), told, plain), /Runs before/);
  assert.match(renderVerdict(aVerdict([failed]), told, plain), /^ℹ Runs before the tests: `npm run build`\.\n\n/);
});

for (const [name, screen] of screens) {
  test(`the screen ${name} is its golden one`, () => isGolden(name, screen));
}

test('no golden screen is left of something that is gone', () => {
  assert.deepEqual(
    readdirSync(GOLDEN).toSorted(),
    [...screens.keys(), 'audit', 'audit-once', 'audit-unsteady', 'explain', 'explain-file'].map((name) => `${name}.txt`).toSorted(),
  );
});
