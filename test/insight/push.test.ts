import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { branchUpdates, isSsh, isZero, mayDependOn, parsePushedRefs, worstExit } from '../../src/insight/push.ts';
import type { Input } from '../../src/model/inputs.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(64);
const ZERO = '0'.repeat(40);

describe('what git hands to a pre-push hook', () => {
  test('is read from the right, to the end', () => {
    const text = [
      `refs/heads/main ${A} refs/heads/main ${ZERO}`,
      `HEAD^{/foo bar ${A} x} ${A} refs/heads/odd ${ZERO}`,
      `:/fix (it) ${B} refs/heads/sha ${'0'.repeat(64)}`,
      `(delete) ${ZERO} refs/heads/gone ${A}`,
      `we$(ird);b& ${A} refs/heads/we$(ird);b& ${ZERO}`,
      '',
    ].join('\n');
    assert.deepEqual(
      parsePushedRefs(text).map((ref) => [ref.localRef, ref.remoteRef]),
      [
        ['refs/heads/main', 'refs/heads/main'],
        [`HEAD^{/foo bar ${A} x}`, 'refs/heads/odd'],
        [':/fix (it)', 'refs/heads/sha'],
        ['(delete)', 'refs/heads/gone'],
        ['we$(ird);b&', 'refs/heads/we$(ird);b&'],
      ],
    );
    assert.deepEqual(parsePushedRefs(''), []);
    assert.deepEqual(parsePushedRefs('\n'), []);
  });

  for (const line of ['x', `${A} refs/heads/x ${A}`, `HEAD ${A.slice(1)} refs/heads/x ${A}`, `HEAD ${A.toUpperCase()} refs/heads/x ${A}`]) {
    test(`is refused when it has another shape: ${line.slice(0, 20)}`, () => assert.throws(() => parsePushedRefs(line), /cannot be read/));
  }

  test('is judged for branches that get a tip, and for nothing else', () => {
    const refs = [
      `HEAD ${A} refs/heads/main ${ZERO}`,
      `(delete) ${ZERO} refs/heads/gone ${A}`,
      `(delete) ${'0'.repeat(64)} refs/heads/gone-too ${B}`,
      `v1 ${A} refs/tags/v1 ${ZERO}`,
      `refs/notes/commits ${A} refs/notes/commits ${ZERO}`,
      `refs/remotes/origin/x ${A} refs/remotes/origin/x ${ZERO}`,
    ];
    assert.deepEqual(
      branchUpdates(parsePushedRefs(refs.join('\n'))).map((ref) => ref.remoteRef),
      ['refs/heads/main'],
    );
  });

  test('has zeros of either length', () => {
    assert.ok(isZero(ZERO) && isZero('0'.repeat(64)));
    assert.ok(!isZero(`${'0'.repeat(39)}1`) && !isZero(''));
  });
});

test('SSH is told by the form of the address', () => {
  for (const url of ['git@example.com:a/b.git', 'ssh://git@example.com/a', 'git+ssh://x/y', 'SSH://x/y', 'host:path', 'host.example:~/x']) {
    assert.ok(isSsh(url), url);
  }
  const others = [
    'https://user:token@example.com/a.git',
    '/srv/a.git',
    '../a:b.git',
    './x:y',
    'file:///srv/a',
    'C:/repos/a',
    'C:\\repos\\a',
    'a.git',
    '',
  ];
  for (const url of others) assert.ok(!isSsh(url), url);
});

test('the worst exit code stands for all', () => {
  assert.equal(worstExit([]), 0);
  assert.equal(worstExit([0, 1, 0]), 1);
  assert.equal(worstExit([1, 3, 1]), 3);
  assert.equal(worstExit([3, 2]), 2);
  assert.equal(worstExit([70, 2]), 70);
  assert.equal(worstExit([0, 99]), 99, 'an unknown code is never a pass');
});

describe('what tests are known to depend on', () => {
  const known = new Set<Input>([
    'file data/a.json',
    'absent data/b.json',
    'names data/lists',
    'under data/deep',
    'stem lib/x',
    'everything git',
  ]);
  for (const [path, isNewOrGone, expected] of [
    ['data/a.json', false, true],
    ['data/b.json', true, true],
    ['data/lists/new.txt', true, true],
    ['data/lists/deeper/new.txt', true, true],
    ['data/lists/old.txt', false, false],
    ['data/deep/down/c.txt', false, true],
    ['data/deeper.txt', true, false],
    ['lib/x.json', true, true],
    ['lib/x.js', false, false],
    ['lib/x', true, true],
    ['README.md', false, false],
    ['README.md', true, false],
  ] as const)
    test(`${path}, ${isNewOrGone ? 'new or gone' : 'changed'}: ${expected ? 'counts' : 'does not'}`, () => {
      assert.equal(mayDependOn(known, { path, isNewOrGone }), expected);
    });
});
