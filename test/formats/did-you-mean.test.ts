import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nearest } from '../../src/formats/did-you-mean.ts';

const COMMANDS = ['check', 'coverage', 'budget', 'slow', 'audit', 'allow', 'config'];

for (const [word, meant] of [
  ['chekc', 'check'],
  ['covrage', 'coverage'],
  ['Audit', 'audit'],
  ['allwo', 'allow'],
  ['bugdet', 'budget'],
  ['configs', 'config'],
] as const) {
  test(`${word} means ${meant}`, () => assert.equal(nearest(word, COMMANDS), meant));
}

test('a word that is like none means none', () => {
  assert.equal(nearest('deploy', COMMANDS), null);
  assert.equal(nearest('', COMMANDS), null);
  assert.equal(nearest('check', []), null);
  assert.equal(nearest('x'.repeat(1_000_000), COMMANDS), null);
});
