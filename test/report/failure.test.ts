import assert from 'node:assert/strict';
import loose from 'node:assert';
import { describe, test } from 'node:test';
import { failureLine, failureLines } from '../../src/report/messages/failure.ts';

/** What node:test tells of an assertion that fails, with a stack that starts in Node and in a package. */
function failureOf(fails: () => unknown): string {
  try {
    fails();
  } catch (error) {
    const [said = ''] = (error as Error).stack?.split('\n    at ') ?? [];
    const stack = ['new Test (node:internal/test_runner/test:1:2)', 'x (/p/node_modules/x/index.js:1:2)', 'fn (/p/test/a.test.js:3:4)'];
    return [said, ...stack, 'other (/p/src/a.js:5:6)'].join('\n    at ');
  }
  return assert.fail('it did not fail');
}

const AT = '    at fn (/p/test/a.test.js:3:4)';

describe('a failure', () => {
  test('is what it says and the first place of the project’s own', () => {
    assert.deepEqual(failureLines(failureOf(() => assert.equal(1, 2))), [
      'AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:',
      '1 !== 2',
      AT,
    ]);
    assert.deepEqual(
      failureLines(
        failureOf(() => {
          throw new TypeError('no\nsecond');
        }),
      ),
      ['TypeError: no', 'second', AT],
    );
    assert.deepEqual(failureLines(''), []);
  });

  test('of a long comparison shows both sides', () => {
    const many = (from: number): object[] => Array.from({ length: 40 }, (_, i) => ({ i, name: `n${i + from}` }));
    for (const fails of [
      () => assert.deepEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }),
      () => loose.deepEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }),
      () => assert.deepEqual(many(0), many(1)),
    ]) {
      const lines = failureLines(failureOf(fails));
      assert.ok(lines.length <= 5 && lines.at(-1) === AT, lines.join('\n'));
      for (const side of ['+ ', '- '])
        assert.ok(
          lines.some((line) => line.startsWith(side)),
          lines.join('\n'),
        );
    }
  });

  test('in one line is the values that were compared', () => {
    assert.equal(failureLine(failureOf(() => assert.equal(1, 2))), '1 !== 2');
    assert.match(failureLine(failureOf(() => assert.deepEqual([1, 2], [1, 3]))), /^\+ +2 {2}- +3$/);
    assert.match(failureLine(failureOf(() => loose.deepEqual({ b: [1, 2] }, { b: [1, 3] }))), /^\+.*2.* {2}-.*3/);
    assert.match(failureLine(failureOf(() => assert.match('abc', /x/))), /^The input did not match/);
    assert.equal(
      failureLine(
        failureOf(() => {
          throw new Error('boom');
        }),
      ),
      'Error: boom',
    );
  });

  test('of a file as a whole says who asked for what is missing, and not that pushgate passed it on', () => {
    const text = [
      'test failed',
      '/p/node_modules/pushgate/dist/src/runners/node-test/preload.cjs:442',
      '          throw error;',
      '          ^',
      '',
      "Error: Cannot find module './nothing'",
      'Require stack:',
      '- /p/test/a.test.js',
      '    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)',
      '    at Module._load (/p/node_modules/pushgate/dist/src/runners/node-test/preload.cjs:440:9)',
      '    at Object.<anonymous> (/p/test/a.test.js:1:1)',
      "  code: 'MODULE_NOT_FOUND',",
      'Node.js v20.20.2',
    ].join('\n');
    assert.deepEqual(failureLines(text), [
      "Error: Cannot find module './nothing'",
      'Require stack:',
      '- /p/test/a.test.js',
      "  code: 'MODULE_NOT_FOUND',",
      '    at Object.<anonymous> (/p/test/a.test.js:1:1)',
    ]);
    assert.equal(failureLines(text, 3)[1], '- /p/test/a.test.js', 'where there is less room');
    assert.deepEqual(failureLines('test failed'), ['test failed']);
  });
});
