import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { loadKnownSlow, parseKnownSlow } from '../../src/config/known-slow.ts';
import { PushgateError } from '../../src/model/error.ts';

const root = mkdtempSync(join(tmpdir(), 'pushgate-allowlist-'));
after(() => rmSync(root, { recursive: true, force: true }));

function load(text: string): ReturnType<typeof loadKnownSlow> {
  writeFileSync(join(root, 'known-slow.jsonc'), text);
  return loadKnownSlow(root, 'known-slow.jsonc');
}

test('a missing allowlist is an empty one', () => {
  assert.deepEqual(loadKnownSlow(root, 'missing/known-slow.jsonc'), { path: 'missing/known-slow.jsonc', entries: [] });
});

test('entries come in the order of the file, with their lines', () => {
  const { path, entries } = load(`\uFEFF{
  "tests": [
    // waits for real timers
    { "file": "test/b.test.ts", "name": "__proto__", "reason": "r", "ceiling": "1.5s" },
    {
      "file": "test/a.test.ts", "name": "a > b", "reason": "r",
      "ceiling": "2m", "owner": "@x", "expires": "2027-03-31", "added": "2026-11-21"
    },
  ],
}`);
  assert.equal(path, 'known-slow.jsonc');
  assert.deepEqual(entries, [
    { file: 'test/b.test.ts', name: '__proto__', reason: 'r', ceilingMs: 1_500, owner: null, expires: null, added: null, line: 4 },
    {
      file: 'test/a.test.ts',
      name: 'a > b',
      reason: 'r',
      ceilingMs: 120_000,
      owner: '@x',
      expires: '2027-03-31',
      added: '2026-11-21',
      line: 5,
    },
  ]);
});

const entry = (ceiling: string, more = ''): string => `{"file":"a.js","name":"constructor","reason":"r","ceiling":"${ceiling}"${more}}`;

test('of two entries for one test the lowest ceiling counts, wherever it stands', () => {
  for (const ceilings of [
    ['9s', '5s', '7s'],
    ['5s', '9s'],
    ['9s', '5s'],
  ]) {
    const { entries } = load(`{"tests":[${ceilings.map((ceiling) => entry(ceiling)).join(',\n')}]}`);
    assert.deepEqual(
      entries.map((each) => [each.ceilingMs, each.line]),
      [[5_000, ceilings.indexOf('5s') + 1]],
    );
  }
  const { entries } = load(`{"tests":[${entry('5s')},\n${entry('5s', ',"expires":"2027-01-01"')}]}`);
  assert.deepEqual(
    entries.map((each) => each.expires),
    ['2027-01-01'],
  );
});

test('all of them are there for editing', () => {
  assert.equal(parseKnownSlow(`{"tests":[${entry('5s')},${entry('7s')}]}`, 'k').length, 2);
});

const good = '"file":"a.js","name":"n","reason":"r","ceiling":"5s"';
const REFUSED: readonly (readonly [why: string, text: string, message: RegExp])[] = [
  ['no list', '{}', /^known-slow\.jsonc:1:1: the file has no "tests"\.$/],
  ['no object', '[]', /the file is \[\]; it must be an object/],
  ['list of the wrong type', '{"tests":{}}', /:1:10: tests is \{\}; it must be a list of entries/],
  ['no reason', '{"tests":[\n{"file":"a.js","name":"n","ceiling":"5s"}]}', /^known-slow\.jsonc:2:1: tests\[0\] has no "reason"\.$/],
  ['empty reason', '{"tests":[{"file":"a.js","name":"n","reason":" ","ceiling":"5s"}]}', /tests\[0\]\.reason is " "; it must be a text/],
  ['no ceiling', '{"tests":[{"file":"a.js","name":"n","reason":"r"}]}', /tests\[0\] has no "ceiling"/],
  [
    'ceiling without a unit',
    '{"tests":[{"file":"a.js","name":"n","reason":"r","ceiling":"5"}]}',
    /tests\[0\]\.ceiling is "5"; it must be a duration/,
  ],
  ['ceiling as a number', '{"tests":[{"file":"a.js","name":"n","reason":"r","ceiling":12000}]}', /tests\[0\]\.ceiling is 12000/],
  ['no such date', `{"tests":[{${good},"expires":"2027-02-31"}]}`, /tests\[0\]\.expires is "2027-02-31"; it must be a date that exists/],
  ['another form of date', `{"tests":[{${good},"expires":"31.3.2027"}]}`, /must be a date that exists/],
  ['absolute path', '{"tests":[{"file":"/a.js","name":"n","reason":"r","ceiling":"5s"}]}', /relative to the project root/],
  ['dotted path', '{"tests":[{"file":"./a.js","name":"n","reason":"r","ceiling":"5s"}]}', /relative to the project root/],
  ['unknown key', `{"tests":[{${good},"expire":"2027-03-31"}]}`, /tests\[0\] has no key "expire"; did you mean "expires"\?/],
  ['__proto__ key', `{"tests":[{${good},"__proto__":{"ceiling":"5s"}}]}`, /has no key "__proto__"/],
  ['same key twice', `{"tests":[{${good},\n"ceiling":"99s"}]}`, /^known-slow\.jsonc:2:1: "ceiling" stands here and on line 1/],
  [
    'merge markers',
    `{"tests":[\n<<<<<<< HEAD\n{${good}},\n=======\n>>>>>>> other\n]}`,
    /^known-slow\.jsonc:2:1: a merge marker \(<{7}\) is left over/,
  ],
  ['half a merge', `{"tests":[\n{${good}},\n=======\n]}`, /^known-slow\.jsonc:3:1: a merge marker \(={7}\)/],
  ['half a file', '{"tests":[', /:1:11: a closing \] is missing/],
  ['empty file', '', /the file is empty/],
];

for (const [why, text, message] of REFUSED) {
  test(`refused: ${why}`, () => {
    assert.throws(
      () => load(text),
      (error) => {
        assert.ok(error instanceof PushgateError);
        assert.equal(error.exitCode, 2);
        assert.match(error.message, message);
        return error.advice.length > 0;
      },
    );
  });
}

test('an allowlist that cannot be read is refused, not taken as empty', () => {
  mkdirSync(join(root, 'folder'));
  assert.throws(() => loadKnownSlow(root, 'folder'), /folder cannot be read/);
});
