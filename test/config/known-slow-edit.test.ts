import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { addEntry, changeEntry, emptyAllowlist, removeEntries } from '../../src/config/known-slow-edit.ts';
import { parseKnownSlow } from '../../src/config/known-slow.ts';
import { anEntry } from '../support/builders.ts';

const FILE = `// accepted slow tests
{
  "$schema": "./x.json",
  "tests": [
    // the first
    { "file": "test/a.test.ts", "name": "one", "reason": "r", "ceiling": "15s" }, // measured on CI
    /* the broker needs it */
    {
      "file": "test/c.test.ts",
      "name": "three",
      "reason": "r", // said by hand
      "ceiling": "20s" // no comma
    },

    // the last
    { "file": "test/d.test.ts", "name": "four", "reason": "r", "ceiling": "30s" }
  ],
}
`;

/** The lines that differ: what went and what came. */
function changed(before: string, after: string): { gone: string[]; come: string[] } {
  const [old, young] = [before.split('\n'), after.split('\n')];
  return { gone: old.filter((line) => !young.includes(line)), come: young.filter((line) => !old.includes(line)) };
}

const linesWithout = (text: string, line: string): string =>
  text
    .split('\n')
    .filter((each) => each !== line)
    .join('\n');

test('a new file has the documented shape', () => {
  const entry = anEntry({
    file: 'test/openfga.test.ts',
    name: 'breaker > opens',
    reason: '15 × 3',
    ceilingMs: 50_000,
    owner: '@auth',
    expires: '2027-03-31',
    added: '2026-11-21',
  });
  assert.equal(
    addEntry(emptyAllowlist('known-slow.jsonc'), entry),
    `{
  "$schema": "./node_modules/pushgate/dist/schema/known-slow.json",
  "tests": [
    { "file": "test/openfga.test.ts", "name": "breaker > opens", "reason": "15 × 3", "ceiling": "50s", "owner": "@auth", "expires": "2027-03-31", "added": "2026-11-21" },
  ],
}
`,
  );
  assert.match(emptyAllowlist('test/slow/known.jsonc'), /"\.\.\/\.\.\/node_modules\/pushgate/);
});

test('an entry goes behind its predecessor and its comment, above the comments of the next', () => {
  const added = addEntry(FILE, anEntry({ file: 'test/b.test.ts', name: 'two' }));
  const line = '    { "file": "test/b.test.ts", "name": "two", "reason": "waits for three real retries", "ceiling": "15s" },';
  assert.equal(added.split('\n')[6], line);
  assert.equal(linesWithout(added, line), FILE);
});

test('the first entry goes to the head of the list', () => {
  const added = addEntry(FILE, anEntry({ file: 'test/A.test.ts', name: 'zero' }));
  const line = added.split('\n')[4] ?? '';
  assert.match(line, /^ {4}\{ "file": "test\/A\.test\.ts"/);
  assert.equal(linesWithout(added, line), FILE);
});

test('the last entry goes to the end, and the comma it needs is set', () => {
  const added = addEntry(FILE, anEntry({ file: 'test/e.test.ts', name: 'five' }));
  assert.deepEqual(changed(FILE, added).gone, ['    { "file": "test/d.test.ts", "name": "four", "reason": "r", "ceiling": "30s" }']);
  assert.deepEqual(
    parseKnownSlow(added, 'k').map((entry) => entry.name),
    ['one', 'three', 'four', 'five'],
  );
});

test('names of one file are sorted among themselves', () => {
  let text = emptyAllowlist('k.jsonc');
  for (const name of ['m', 'z', 'a']) text = addEntry(text, anEntry({ name }));
  assert.deepEqual(
    parseKnownSlow(text, 'k').map((entry) => entry.name),
    ['a', 'm', 'z'],
  );
});

test('a change touches its value and nothing else', () => {
  const lowered = changeEntry(FILE, 0, { ceilingMs: 12_000 });
  assert.equal(lowered, FILE.replace('"15s"', '"12s"'));
  assert.equal(
    changeEntry(FILE, 1, { ceilingMs: 12_000, reason: 'other' }),
    FILE.replace('"20s"', '"12s"').replace('"r", // said', '"other", // said'),
  );
});

test('a key that is new stands in its place, in the style of its entry', () => {
  assert.deepEqual(changed(FILE, changeEntry(FILE, 0, { owner: '@x', expires: '2027-03-31' })).come, [
    '    { "file": "test/a.test.ts", "name": "one", "reason": "r", "ceiling": "15s", "owner": "@x", "expires": "2027-03-31" }, // measured on CI',
  ]);
  const multi = changeEntry(FILE, 1, { owner: '@x' });
  assert.deepEqual(changed(FILE, multi).come, ['      "ceiling": "20s", // no comma', '      "owner": "@x"']);
  const both = changeEntry(changeEntry(FILE, 2, { added: '2026-11-21' }), 2, { owner: '@x' });
  assert.match(both, /"ceiling": "30s", "owner": "@x", "added": "2026-11-21" \}\n/);
});

test('a removed entry takes its lines with it, and no others', () => {
  assert.equal(removeEntries(FILE, [0]), linesWithout(FILE, FILE.split('\n')[5] ?? ''));
  const without = removeEntries(FILE, [1]);
  assert.deepEqual(changed(FILE, without), { gone: FILE.split('\n').slice(7, 13), come: [] });
  assert.match(without, /the broker needs it/);
  const none = removeEntries(FILE, [2, 0, 1, 1]);
  assert.deepEqual(parseKnownSlow(none, 'k'), []);
  assert.match(none, /the first[^]*the broker[^]*the last/);
});

test('a list on one line stays on one line', () => {
  const inline = '{"tests":[{"file":"a","name":"1","reason":"r","ceiling":"1s"},{"file":"c","name":"3","reason":"r","ceiling":"1s"}]}';
  const added = addEntry(addEntry(addEntry(inline, anEntry({ file: 'b' })), anEntry({ file: 'd' })), anEntry({ file: 'A' }));
  assert.ok(!added.includes('\n'));
  assert.deepEqual(
    parseKnownSlow(added, 'k').map((entry) => entry.file),
    ['A', 'a', 'b', 'c', 'd'],
  );
  assert.deepEqual(
    parseKnownSlow(removeEntries(added, [1, 4]), 'k').map((entry) => entry.file),
    ['A', 'b', 'c'],
  );
});

test('an empty list is opened', () => {
  assert.equal(
    addEntry('{\n  "tests": []\n}\n', anEntry({ file: 'a', name: 'n', reason: 'r' })),
    '{\n  "tests": [\n    { "file": "a", "name": "n", "reason": "r", "ceiling": "15s" },\n  ]\n}\n',
  );
});

test('Windows line breaks stay', () => {
  const text = FILE.replaceAll('\n', '\r\n');
  const edited = removeEntries(changeEntry(addEntry(text, anEntry({ file: 'test/b.test.ts' })), 2, { owner: '@x' }), [0]);
  assert.equal(edited.replaceAll('\r\n', '').includes('\n'), false);
  assert.equal(parseKnownSlow(edited, 'k').length, 3);
});

test('what is invisible in a name is written as an escape, and read back', () => {
  const name = '__proto__ "quoted"\n\u001b[31m\u202e \u2028 🚀';
  const text = addEntry(emptyAllowlist('k.jsonc'), anEntry({ name }));
  assert.equal(parseKnownSlow(text, 'k')[0]?.name, name);
  assert.match(text, /\\n\\u001b\[31m\\u202e \\u2028 🚀/);
});

const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => /\S/.test(text));
const anyFile = anyText.filter((text) => /^(?!\.{0,2}\/)[^\0]+$/.test(text));
const anyEntry = fc.record({
  file: anyFile,
  name: fc.string({ unit: 'binary', maxLength: 12 }),
  reason: anyText,
  ceilingMs: fc.integer({ min: 1, max: 1_000_000 }),
});

test('law: what is added is read back, and removing it gives the text there was', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(FILE, FILE.replaceAll('\n', '\r\n'), FILE.replace('"30s" }\n', '"30s" },\n')),
      anyEntry,
      (before, facts) => {
        const { line: _line, ...entry } = anEntry(facts);
        const after = addEntry(before, entry);
        const index = parseKnownSlow(after, 'k').findIndex((each) => each.file === entry.file && each.name === entry.name);
        const { line: _at, ...read } = parseKnownSlow(after, 'k')[index] ?? anEntry();
        assert.deepEqual(read, entry);
        assert.equal(removeEntries(after, [index]).replace(/"30s" \},/, '"30s" }'), before.replace(/"30s" \},/, '"30s" }'));
      },
    ),
    { numRuns: 300 },
  );
});
