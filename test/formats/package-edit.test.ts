import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setEntry } from '../../src/formats/package-edit.ts';

const add = (text: string): string => setEntry(setEntry(text, 'scripts', 'check', 'pushgate check'), 'devDependencies', 'husky', '^9');

test('an entry is added in the layout of the file, and nothing else moves', () => {
  const cases: readonly (readonly [before: string, after: string])[] = [
    [
      '{\n  "scripts": {\n    "test": "x"\n  },\n  "files": ["a", "b"]\n}\n',
      '{\n  "scripts": {\n    "test": "x",\n    "check": "pushgate check"\n  },\n  "files": ["a", "b"],\n  "devDependencies": {\n    "husky": "^9"\n  }\n}\n',
    ],
    [
      '{\n\t"scripts": {"test": "x"},\n\t"devDependencies": {}\n}',
      '{\n\t"scripts": {"test": "x", "check": "pushgate check"},\n\t"devDependencies": {\n\t\t"husky": "^9"\n\t}\n}',
    ],
    [
      '{\r\n    "name": "x"\r\n}\r\n',
      '{\r\n    "name": "x",\r\n    "scripts": {\r\n        "check": "pushgate check"\r\n    },\r\n    "devDependencies": {\r\n        "husky": "^9"\r\n    }\r\n}\r\n',
    ],
    ['{}', '{\n  "scripts": {\n    "check": "pushgate check"\n  },\n  "devDependencies": {\n    "husky": "^9"\n  }\n}'],
  ];
  for (const [before, after] of cases) assert.equal(add(before), after);
});

test('among sorted keys it takes its place, among others the last', () => {
  const keysOf = (text: string): string[] => Object.keys(JSON.parse(setEntry(text, 'devDependencies', 'husky', '^9')).devDependencies);
  assert.deepEqual(keysOf('{"devDependencies":{"a":"1","z":"1"}}'), ['a', 'husky', 'z']);
  assert.deepEqual(keysOf('{"devDependencies":{"x":"1","z":"1"}}'), ['husky', 'x', 'z']);
  assert.deepEqual(keysOf('{"devDependencies":{"z":"1","a":"1"}}'), ['z', 'a', 'husky']);
  assert.equal(
    setEntry('{\n  "devDependencies": {\n    "x": "1",\n    "z": "1"\n  }\n}\n', 'devDependencies', 'husky', '^9'),
    '{\n  "devDependencies": {\n    "husky": "^9",\n    "x": "1",\n    "z": "1"\n  }\n}\n',
  );
});

test('a text that is there already is replaced in place', () => {
  assert.equal(
    setEntry('{ "scripts": { "prepare": "tsc", "b": "c" } }', 'scripts', 'prepare', 'tsc && "x"'),
    '{ "scripts": { "prepare": "tsc && \\"x\\"", "b": "c" } }',
  );
});
