import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explained } from '../../src/insight/cause.ts';
import type { CauseKind, Explanation } from '../../src/model/explanation.ts';
import { coloursFor } from '../../src/report/colours.ts';
import { renderExplained, renderExplainedJson, type Explained } from '../../src/report/explain.ts';
import { causeAdvice, causeText, mostlyText } from '../../src/report/messages/cause.ts';
import { aTest, aTrace, aWait } from '../support/builders.ts';
import { isGolden } from '../support/golden.ts';
import { aVerdict, context, findings, slowTest } from './samples.ts';

const plain = { colours: coloursFor(false), detail: 'normal' } as const;

const retry = explained(
  aTrace(
    { timers: 11_900, children: 400, source: 200, gc: 12 },
    {
      wallMs: 12_700,
      waits: [
        aWait({ count: 4, durationMs: 11_900, delaysMs: [800, 1_600, 3_200, 6_300] }),
        aWait({ bucket: 'children', what: 'exec', durationMs: 400, place: { file: 'test/sync/retry.test.ts', line: 12 } }),
      ],
      functions: [
        { name: 'digest', place: { file: 'src/sync/digest.ts', line: 8 }, bucket: 'source', durationMs: 190 },
        { name: 'parse', place: { file: 'src/sync/parse.ts', line: 3 }, bucket: 'packages', durationMs: 260 },
      ],
    },
  ),
  null,
);

const one: Explained = {
  file: slowTest.file,
  only: slowTest,
  tests: [{ test: slowTest, suiteMs: 12_900, explanation: retry }],
  load: aTrace({ loading: 1_900 }, { wallMs: 2_300 }),
  after: aTrace({ timers: 5_000 }, { wallMs: 5_000, waits: [aWait({ what: 'setInterval', durationMs: 5_000 })] }),
  verdict: aVerdict(),
};

const quick = aTest({ file: slowTest.file, name: 'retry > does not wait', line: 60, durationMs: 30 });
const file: Explained = {
  ...one,
  only: null,
  tests: [...one.tests, { test: quick, suiteMs: 400, explanation: explained(aTrace({ source: 20 }, { wallMs: 30 }), 400) }],
  load: null,
  after: null,
};

test('one test is its golden screen', () => isGolden('explain', renderExplained(one, context, plain)));

test('a file is its golden screen', () => isGolden('explain-file', renderExplained(file, context, plain)));

test('a failed test follows, with the end it is', () => {
  const failed = renderExplained({ ...one, verdict: aVerdict([findings['test-failed']]) }, context, plain);
  assert.match(failed, /^test\/sync\/retry[^]*\[test-failed\][^]*\(exit 1\)\n$/);
});

test('the JSON is the report with the explanation beside it', () => {
  const { explained: said, ...report } = JSON.parse(renderExplainedJson(one, context));
  assert.equal(report.schemaVersion, 1);
  assert.equal(said.tests[0].cause.kind, 'retry');
  assert.deepEqual(said.tests[0].cause.at, { file: 'src/sync/retry.ts', line: 52, what: 'setTimeout', count: 4, durationMs: 11_900 });
  assert.equal(said.tests[0].spent.timers, 11_900);
  assert.equal(said.load.wallMs, 2_300);
});

describe('every cause', () => {
  const kinds: Record<CauseKind, 1> = {
    timer: 1,
    retry: 1,
    polling: 1,
    subprocess: 1,
    network: 1,
    files: 1,
    threads: 1,
    sleep: 1,
    cpu: 1,
    memory: 1,
    imports: 1,
    hooks: 1,
    contention: 1,
    mixed: 1,
  };
  for (const kind of Object.keys(kinds) as CauseKind[]) {
    for (const at of [retry.cause.at, retry.cause.at && { ...retry.cause.at, count: 1, what: 'beforeEach' }, null]) {
      test(`${kind}${at === null ? '' : ` at ${at.what}`} is worded in the house style`, () => {
        const said: Explanation = { ...retry, cause: { ...retry.cause, kind, at } };
        assert.match(causeText(said), /^[A-Z].*\.$/);
        const advice = causeAdvice(said);
        assert.ok(advice.length === (kind === 'mixed' ? 0 : 1));
        const text = [causeText(said), mostlyText(said), ...advice].join('\n');
        assert.doesNotMatch(text, /\berror:|\bplease\b|!|undefined|NaN|null|threshold/i);
      });
    }
  }
});
