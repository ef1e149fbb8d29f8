import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as holdsFor, integer, nat, property, string } from 'fast-check';
import {
  amount,
  clean,
  cleanLines,
  limitPct,
  lineRanges,
  pct,
  pctPair,
  plural,
  seconds,
  secondsUp,
  shellWord,
  timeAndLimit,
  timeBeside,
  wholeSeconds,
} from '../../src/report/units.ts';

test('clean shows what would act on a terminal, and keeps what people write', () => {
  const cases: [string, string][] = [
    ['plain > name', 'plain > name'],
    ['ünï — 日本 👩‍👩‍👧', 'ünï — 日本 👩‍👩‍👧'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\x1b[31mred', '\\x1b[31mred'],
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['a\0b\x7fc\x9bd', 'a\\x00b\\x7fc\\x9bd'],
    ['abc\u202etxt.exe', 'abc\\u202etxt.exe'],
    ['\u2028x\u2066y\ufeff', '\\u2028x\\u2066y\\ufeff'],
    ['half \ud800 pair', 'half \\ud800 pair'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['##[error]x ##vso[task]', '#\\x23[error]x #\\x23vso[task]'],
  ];
  for (const [given, shown] of cases) assert.equal(clean(given), shown);
});

test('clean caps the length, also of a megabyte, and never halves a pair', () => {
  assert.equal(clean('x'.repeat(300)).length, 300);
  assert.equal(clean('x'.repeat(301)).length, 300);
  assert.ok(clean('x'.repeat(301)).endsWith('x…'));
  assert.equal(clean('\x1b'.repeat(1_000_000)).length, 300);
  assert.doesNotMatch(clean('😀'.repeat(400), 100), /\p{Cs}/u);
});

test('clean of any text is one well-formed line without control characters', () => {
  holdsFor(
    property(
      string({ unit: 'binary', maxLength: 400 }),
      string({ unit: integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
      (a, b) => {
        for (const shown of [clean(a), clean(b), clean(a + b, 20)]) {
          assert.doesNotMatch(shown, /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        }
      },
    ),
  );
});

test('cleanLines takes lines from either end, without colours and empty lines', () => {
  const text = 'one\r\n\n  \x1b[31mtwo\x1b[39m\n\tthree\nfour\n';
  assert.deepEqual(cleanLines(text, 'start', 3), ['one', '  two', '  three']);
  assert.deepEqual(cleanLines(text, 'end', 2), ['  three', 'four']);
  assert.deepEqual(cleanLines('', 'start'), []);
});

test('a time over its limit never looks equal to it', () => {
  assert.deepEqual(timeAndLimit(12_800, 10_000), ['12.8 s', '10.0 s']);
  assert.deepEqual(timeAndLimit(10_010, 10_000), ['10.01 s', '10.00 s']);
  assert.deepEqual(timeAndLimit(10_000.4, 10_000), ['10.0004 s', '10.0000 s']);
  assert.deepEqual(timeAndLimit(60.4, 60), ['60.4 ms', '60 ms']);
  assert.equal(timeBeside(120_040, 120_000), '120.04 s');
  assert.equal(timeBeside(131_000, 120_000), '131.0 s');
  assert.equal(seconds(40), '40 ms');
  assert.equal(seconds(0), '0.0 s');
  assert.equal(seconds(Number.NaN), 'an unknown time');
  assert.equal(wholeSeconds(120_000), '120 s');
  assert.equal(wholeSeconds(1_500), '1.5 s');
});

test('a time to save is rounded up, so that saving it is enough', () => {
  assert.equal(secondsUp(4_180), '4.2 s');
  assert.equal(secondsUp(4_200), '4.2 s');
  assert.equal(secondsUp(1), '0.1 s');
});

test('per cent are floored and never seem to hold a limit they miss', () => {
  assert.equal(pct({ covered: 9_999, total: 10_000 }, 100), '99.9 %');
  assert.equal(pct({ covered: 6_399, total: 10_000 }, 64), '63.9 %');
  assert.equal(pct({ covered: 6_404, total: 10_000 }, 64.05), '64.04 %');
  assert.equal(pct({ covered: 0, total: 0 }), '100.0 %');
  assert.equal(limitPct(64), '64 %');
  assert.equal(limitPct(64.5), '64.5 %');
  assert.deepEqual(pctPair({ covered: 6_441, total: 10_000 }, { covered: 6_444, total: 10_000 }), ['64.41 %', '64.44 %']);
});

test('a shown share below its limit reads as below it, for all counts and limits', () => {
  holdsFor(
    property(nat(5_000), integer({ min: 1, max: 5_000 }), integer({ min: 0, max: 10_000 }), (a, total, hundredths) => {
      const count = { covered: Math.min(a, total), total };
      const limit = hundredths / 100;
      const shown = Number.parseFloat(pct(count, limit));
      const holds = count.covered * 10_000 >= hundredths * total;
      assert.equal(shown >= Number.parseFloat(limitPct(limit)), holds);
    }),
  );
});

test('small words', () => {
  assert.equal(plural(1, 'test'), '1 test');
  assert.equal(plural(0, 'test'), '0 tests');
  assert.equal(plural(2, 'entry', 'entries'), '2 entries');
  assert.equal(amount(2, 'branches'), '2 branches');
  assert.equal(amount(1, 'branches'), '1 branch');
  assert.equal(amount(1, 'functions'), '1 function');
  assert.equal(
    lineRanges([
      [40, 96],
      [98, 98],
      [100, 101],
    ]),
    '40-96, 98, 100-101',
  );
  assert.equal(
    lineRanges(
      [
        [1, 1],
        [3, 3],
        [5, 5],
      ],
      2,
    ),
    '1, 3, …',
  );
  assert.equal(shellWord('test/a.test.ts:31'), 'test/a.test.ts:31');
  assert.equal(shellWord("it's $(x)"), "'it'\\''s $(x)'");
  assert.equal(shellWord(''), "''");
});
