import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coloursFor, wantsColour } from '../../src/report/colours.ts';

const cases: [says: string, flag: boolean | null, env: Record<string, string>, isTTY: boolean, wanted: boolean][] = [
  ['a terminal has colour', null, {}, true, true],
  ['a pipe has none', null, {}, false, false],
  ['--color wins over all', true, { NO_COLOR: '1', TERM: 'dumb' }, false, true],
  ['--no-color wins over all', false, { FORCE_COLOR: '1' }, true, false],
  ['NO_COLOR is off', null, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['an empty NO_COLOR says nothing', null, { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR is on', null, { FORCE_COLOR: '1', TERM: 'dumb' }, false, true],
  ['FORCE_COLOR=3 is on', null, { FORCE_COLOR: '3' }, false, true],
  ['an empty FORCE_COLOR is on', null, { FORCE_COLOR: '' }, false, true],
  ['FORCE_COLOR=0 is off', null, { FORCE_COLOR: '0' }, true, false],
  ['FORCE_COLOR=false is off', null, { FORCE_COLOR: 'false' }, true, false],
  ['a dumb terminal has none', null, { TERM: 'dumb', GITHUB_ACTIONS: 'true' }, true, false],
  ['a log that renders ANSI has colour', null, { GITHUB_ACTIONS: 'true' }, false, true],
  ['any other CI has none', null, { CI: 'true' }, false, false],
];

for (const [says, flag, env, isTTY, wanted] of cases) {
  test(says, () => assert.equal(wantsColour({ flag, env, isTTY }), wanted));
}

test('colours off leave a text as it is', () => {
  assert.equal(coloursFor(false).red('x'), 'x');
  assert.equal(coloursFor(true).red('x'), '\x1b[31mx\x1b[39m');
});
