import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNodeArgs } from '../../../src/runners/node-test/script/node-args.ts';

const read = (line: string) => readNodeArgs(line.split(' '));

test('tells flags with a value of their own from flags without', () => {
  const {
    nodeArgs,
    positionals,
    test: isTest,
  } = read('--import tsx -r ./x.js --conditions development --no-warnings --test --env-file .env test/a.js');
  assert.equal(isTest, true);
  assert.deepEqual(nodeArgs, ['--import', 'tsx', '-r', './x.js', '--conditions', 'development', '--no-warnings', '--env-file', '.env']);
  assert.deepEqual(positionals, ['test/a.js']);
});

test("V8's flags take no value of the next argument", () => {
  assert.deepEqual(read('--max-old-space-size=4096 --expose-gc a.js b').positionals, ['a.js', 'b']);
  assert.deepEqual(read('--stack-trace-limit 5').positionals, ['5']);
});

test('options end at the first argument that is none', () => {
  const script = read('a.js --test');
  assert.equal(script.test, false);
  assert.deepEqual(script.positionals, ['a.js', '--test']);
  assert.deepEqual(read('--test -- -x.js').positionals, ['-x.js']);
});

test('sets reporters, watching and coverage apart', () => {
  const flags = read(
    '--test --watch --test-reporter spec --test-reporter-destination=out.txt --experimental-test-coverage --test-coverage-lines=90 ' +
      '--test-coverage-exclude a --test-coverage-exclude=b --test-isolation=none --test-only',
  );
  assert.deepEqual(flags.nodeArgs, ['--test-isolation=none', '--test-only']);
  assert.deepEqual(read('--test --test-isolation none a.js').nodeArgs, ['--test-isolation=none']);
  assert.deepEqual(flags.reporterArgs, ['--test-reporter=spec', '--test-reporter-destination=out.txt']);
  assert.equal(flags.watch, true);
  assert.deepEqual(flags.coverage.get('test-coverage-exclude'), ['a', 'b']);
  assert.deepEqual(flags.coverage.get('test-coverage-lines'), ['90']);
  assert.equal(read('--test --test-coverage-lines=90').coverage.size, 0);
});

test('knows when no file runs, and when a script of package.json does', () => {
  for (const line of ['-e 1', '--print x', '-v', '--check a.js']) assert.equal(read(line).inline, true, line);
  assert.equal(read('--run unit -- a').run, 'unit');
  assert.deepEqual(read('--run unit -- a').positionals, ['a']);
});
