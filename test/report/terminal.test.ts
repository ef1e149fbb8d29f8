import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PushgateError } from '../../src/model/error.ts';
import type { Finding } from '../../src/model/finding.ts';
import { coloursFor } from '../../src/report/colours.ts';
import { lastLine } from '../../src/report/errors.ts';
import { wordsOf } from '../../src/report/messages.ts';
import { unprovenWords } from '../../src/report/messages/unproven.ts';
import { renderError, renderVerdict } from '../../src/report/terminal.ts';
import { aCoverage, aTest } from '../support/builders.ts';
import { aVerdict, context, findings, goodRun, slowTest, unproven } from './samples.ts';

const plain = { colours: coloursFor(false), detail: 'normal' } as const;
const quiet = { ...plain, detail: 'quiet' } as const;
const all: Finding[] = Object.values(findings);

test('every finding is worded in the house style', () => {
  const said = [
    ...all.map((finding) => wordsOf(finding, context)),
    ...Object.values(unproven).map((missing) => unprovenWords(missing, context)),
  ];
  for (const words of said) {
    assert.match(words.headline, /^[A-Za-z].*\.$/);
    assert.ok(words.advice.length >= 1 && words.advice.length <= 3, words.headline);
    assert.ok(words.limit === null || words.limit.endsWith('.'), words.headline);
    const text = [words.headline, ...words.distance, ...words.advice, words.limit ?? ''].join('\n');
    assert.doesNotMatch(text, /\berror:|\bplease\b|![^=]|threshold|undefined|NaN|null/i);
  }
});

test('one of many is told in the singular', () => {
  const found = findings['coverage-floor'];
  assert.ok(found.code === 'coverage-floor');
  const one: Finding = {
    ...found,
    metric: 'functions',
    count: { covered: 43, total: 44 },
    limitPct: 100,
    gaps: [{ file: 'src/a.ts', count: { covered: 0, total: 1 }, short: 1, uncovered: [[1, 9]] }],
  };
  assert.match(wordsOf(one, context).advice.join('\n'), /src\/a\.ts alone is enough: 1 of its functions was never called\./);
});

test('two times that read the same are said to be', () => {
  const machine = { cores: 2, load: 6.1, slower: { wall: 1.8, cpu: 1 } };
  const found = findings['new-slow-test'];
  assert.ok(found.code === 'new-slow-test');
  const same: Finding = { ...found, calibrated: { hereMs: 12_604, thereMs: 12_601, decides: false } };
  const { distance } = wordsOf(same, { ...context, machine });
  assert.equal(distance.at(-1), 'About the same on the reference machine (2 cores, load 6.1: 1.8× slower than the reference).');
});

test('quiet says nothing when nothing stops, also with warnings', () => {
  assert.equal(renderVerdict(aVerdict(), context, quiet), '');
  assert.equal(renderVerdict(aVerdict([findings['suite-ideal']]), context, quiet), '');
});

test('colour changes nothing but colour', () => {
  const verdict = aVerdict(all);
  const coloured = renderVerdict(verdict, context, { ...plain, colours: coloursFor(true) });
  assert.notEqual(coloured, renderVerdict(verdict, context, plain));
  // oxlint-disable-next-line no-control-regex
  assert.equal(coloured.replace(/\x1b\[\d+m/g, ''), renderVerdict(verdict, context, plain));
});

test('the last line of each end says which it is and what to do', () => {
  for (const exitCode of [1, 2, 3, 70, 130, 143]) {
    assert.match(lastLine(exitCode, 'push again'), new RegExp(`\\(exit ${exitCode}\\)$`));
    const shown = renderError(new PushgateError(exitCode, 'What is wrong.', ['a step']), 'push again', plain);
    assert.equal(shown.trimEnd().split('\n').at(-1), lastLine(exitCode, 'push again'));
    assert.match(shown, /^✖ What is wrong\.\n\n {2}→ a step\n\n/);
  }
  assert.match(renderVerdict(aVerdict(all), { ...context, again: 'push again' }, plain), /then push again\. \(exit 1\)\n$/);
});

test('a bug shows where it was thrown', () => {
  const shown = renderError(new TypeError('x is not a function'), 'push again', plain);
  assert.match(shown, /TypeError: x is not a function\n +at /);
  assert.match(shown, /--no-verify/);
});

test('coverage is shown when tests fail', () => {
  assert.match(renderVerdict(aVerdict([findings['test-failed']]), context, plain), /Measured: 412 tests in 96\.3 s, coverage 71\.4 %/);
});

test('a figure that is a lower bound is called one', () => {
  const run = { ...goodRun, lost: [{ pid: 1, script: 'a.js', file: null, why: 'no-coverage' }] } as const;
  assert.match(renderVerdict(aVerdict([], [], run), context, plain), /coverage at least 71\.4 %/);
});

test('a share just over its floor does not read as below it', () => {
  const policy = { ...context.policy, coverage: { ...context.policy.coverage, floor: { lines: 64.03 }, target: {} } };
  const run = { ...goodRun, coverage: aCoverage({ 'src/a.ts': [6_404, 10_000] }) };
  assert.match(renderVerdict(aVerdict([], [], run), { ...context, policy }, plain), /coverage 64\.04 % \(floor 64\.03 %\)/);
});

test('commands to type fit the test: nested, around it, odd names', () => {
  const failed = findings['test-failed'];
  const advice = (change: Parameters<typeof aTest>[0]): string =>
    wordsOf({ ...failed, test: aTest({ outcome: 'failed', ...change }) }, context).advice[0] ?? '';
  assert.equal(advice({ name: 'cart > adds' }), "node --test --test-name-pattern='adds$' test/a.test.ts   runs it alone");
  assert.equal(advice({ name: 'adds' }), "node --test --test-name-pattern='^adds$' test/a.test.ts   runs it alone");
  assert.equal(
    advice({ name: 'outer > inner', enclosing: 'outer' }),
    "node --test --test-name-pattern='^outer$' test/a.test.ts   runs it with the test around it",
  );
  assert.equal(advice({ name: "it's 1+1?" }), "node --test --test-name-pattern='^it'\\''s 1\\+1\\?$' test/a.test.ts   runs it alone");
  assert.equal(advice({ name: 'a\nb' }), 'node --test test/a.test.ts   runs its file alone');
  assert.equal(
    advice({ name: 'x', file: 'test/my file.test.ts' }),
    "node --test --test-name-pattern='^x$' 'test/my file.test.ts'   runs it alone",
  );
  assert.equal(advice({ file: '-r.test.js', name: '-r.test.js', line: 0 }), 'node --test ./-r.test.js   runs its file alone');
});

test('the command that allows a slow test names it by line, else by title', () => {
  const slow = findings['new-slow-test'];
  const command = (change: Partial<typeof slowTest>): string =>
    wordsOf({ ...slow, test: { ...slowTest, ...change } }, context).advice.at(-1) ?? '';
  assert.match(command({ file: 'test/my file.test.ts' }), /allow 'test\/my file\.test\.ts:31' --reason "…" --expires YYYY-MM-DD$/);
  assert.match(command({ line: 0 }), /allow 'retry > gives up after five attempts' --reason/);
  assert.match(command({ file: '-x.test.ts' }), /allow --reason "…" --expires YYYY-MM-DD -- -x\.test\.ts:31$/);
});

test('more processors than workers are pointed out, when both are known and there are files to share out', () => {
  const [file] = findings['suite-budget'].slowestFiles;
  assert.ok(file);
  const budget = { ...findings['suite-budget'], slowestFiles: Array.from({ length: 5 }, () => file) };
  assert.doesNotMatch(wordsOf({ ...budget, slowestFiles: [file] }, { ...context, cores: 8 }).advice.join('\n'), /concurrency/);
  assert.match(wordsOf(budget, { ...context, cores: 8 }).advice.join('\n'), /--test-concurrency=8/);
  assert.doesNotMatch(wordsOf(budget, { ...context, cores: 3 }).advice.join('\n'), /concurrency/);
  assert.doesNotMatch(wordsOf(budget, context).advice.join('\n'), /concurrency/);
});

test('a mass of suspects is told as what it is', () => {
  const slow = { ...findings['new-slow-test'], confirmed: false };
  const run = { ...goodRun, unconfirmed: { slow: 18, failed: 0 } };
  assert.match(
    renderVerdict(aVerdict([slow], [], run), context, plain),
    /Judged as measured in the suite: 18 tests were suspect, more than the 10/,
  );
  assert.match(renderVerdict(aVerdict([slow]), context, plain), /Judged as measured in the suite: it could not be run again alone/);
});
