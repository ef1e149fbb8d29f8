import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { UserConfig } from '../../src/config/schema.ts';
import { loosenedBetween, type Terms } from '../../src/insight/loosened.ts';
import type { KnownSlowEntry } from '../../src/model/known-slow.ts';
import { anEntry } from '../support/builders.ts';

function terms(user: UserConfig, entries: readonly KnownSlowEntry[] = []): Terms {
  return { config: resolveConfig(user, true), knownSlow: { path: 'known-slow.jsonc', entries } };
}

function loosened(before: Terms, after: Terms): string[] {
  return loosenedBetween(before, after, 'note').map((one) => `${one.setting}: ${one.before} -> ${one.after}`);
}

/** A setting, its strict and its loose form, and what is said of it. */
const SETTINGS: readonly (readonly [strict: UserConfig, loose: UserConfig, says: readonly string[]])[] = [
  [{ coverage: { floor: 64 } }, { coverage: { floor: 63.99 } }, ['coverage.floor: 64 -> 63.99']],
  [{ coverage: { floor: 64 } }, { coverage: { floor: null } }, ['coverage.floor: 64 -> none']],
  [{ coverage: { floor: { lines: 60, branches: 50 } } }, { coverage: { floor: { lines: 60 } } }, ['coverage.floor.branches: 50 -> none']],
  [{ coverage: { floor: 10, baseline: 70 } }, { coverage: { floor: 10, baseline: 60 } }, ['coverage.baseline: 70 -> 60']],
  [{ coverage: { perFile: 50 } }, { coverage: {} }, ['coverage.perFile: 50 -> none']],
  [{ coverage: { changed: 80 } }, { coverage: { changed: null } }, ['coverage.changed: 80 -> none']],
  [{ coverage: { maxDrop: 0.5 } }, { coverage: { maxDrop: 1 } }, ['coverage.maxDrop: 0.5 -> 1']],
  [{ coverage: { maxDrop: 0 } }, { coverage: { maxDrop: null } }, ['coverage.maxDrop: 0 -> none']],
  [{ coverage: { overrides: { 'a/**': 90 } } }, { coverage: { overrides: { 'a/**': 80 } } }, ['coverage.overrides["a/**"]: 90 -> 80']],
  [{ coverage: { perFile: 50 } }, { coverage: { perFile: 50, overrides: { 'a/**': null } } }, ['coverage.overrides["a/**"]: 50 -> none']],
  [{ coverage: { include: ['src/**', 'lib/**'] } }, { coverage: { include: ['src/**'] } }, ['coverage.include: lib/** src/** -> src/**']],
  [
    { coverage: { include: ['src/**'] } },
    { coverage: { include: ['src/**', '!src/a/**'] } },
    ['coverage.include: src/** -> !src/a/** src/**'],
  ],
  [
    { coverage: { overrides: { 'src/**': 20, 'src/core/**': 90 } } },
    { coverage: { overrides: { 'src/core/**': 90, 'src/**': 20 } } },
    ['coverage.overrides["src/core/**"]: 90 -> 20'],
  ],
  [{ coverage: { exclude: [] } }, { coverage: { exclude: ['src/gen/**'] } }, ['coverage.exclude: none -> src/gen/**']],
  [{ push: { triggers: ['a', 'b'] } }, { push: { triggers: ['b'] } }, ['push.triggers: a b -> b']],
  [{ push: { triggers: ['a'] } }, { push: { triggers: ['a', '!a/b'] } }, ['push.triggers: a -> !a/b a']],
  [{}, { run: { files: ['test/a.js'] } }, ['run.files: those of the test script -> test/a.js']],
  [{ run: { files: ['a', 'b'] } }, { run: { files: ['a'] } }, ['run.files: b a -> a']],
  [{ run: { files: ['a'] } }, { run: { files: ['a', '!a/b'] } }, ['run.files: a -> !a/b a']],
  [{ push: { loosening: 'fail' } }, {}, ['push.loosening: fail -> note']],
  [{ suite: { budget: '120s' } }, { suite: { budget: '121s' } }, ['suite.budget: 120s -> 121s']],
  [{ slow: { limit: '1s', target: '500ms' } }, { slow: { limit: '1500ms', target: '500ms' } }, ['slow.limit: 1s -> 1500ms']],
  [{}, { tests: { skipNeedsReason: false } }, ['tests.skipNeedsReason: true -> false']],
  [{}, { limits: { clock: 'calibrated' } }, ['limits.clock: wall -> calibrated']],
  [{}, { tests: { flaky: 'warn' } }, ['tests.flaky: fail -> warn']],
];

describe('loosened between two commits', () => {
  for (const [strict, loose, says] of SETTINGS) {
    const own = (list: string[]): string[] => list.filter((line) => !line.startsWith('push.triggers') || says.includes(line));
    test(says.join('; '), () => {
      assert.deepEqual(own(loosened(terms(strict), terms(loose))), says);
      assert.deepEqual(own(loosened(terms(loose), terms(strict))), [], 'stricter is free');
      assert.deepEqual(loosened(terms(strict), terms(strict)), []);
    });
  }

  test('overrides behind others take from them what both match, and nothing else', () => {
    const strict = { coverage: { overrides: { 'src/**': 90 } } };
    assert.deepEqual(loosened(terms(strict), terms({ coverage: { overrides: { 'src/**': 90, '**/*.js': 10 } } })), [
      'coverage.overrides["src/**"]: 90 -> 10',
    ]);
    assert.deepEqual(loosened(terms(strict), terms({ coverage: { overrides: { 'src/**': 90, 'lib/**': 10 } } })), []);
    assert.deepEqual(loosened(terms(strict), terms({ coverage: { overrides: { 'src/**': 90, 'src/core/**': 95 } } })), []);
  });

  test('allowlist entries: added, a higher ceiling, a later end', () => {
    const entry = anEntry({ ceilingMs: 15_000, expires: '2027-01-31', line: 4 });
    const at = 'known-slow.jsonc:4 test/a.test.ts test 1';
    const against = (change: Partial<KnownSlowEntry>): string[] => loosened(terms({}, [entry]), terms({}, [{ ...entry, ...change }]));
    assert.deepEqual(loosened(terms({}), terms({}, [entry])), [`${at}: not accepted -> 15s until 2027-01-31`]);
    assert.deepEqual(against({ ceilingMs: 15_001 }), [`${at}: 15s until 2027-01-31 -> 15001ms until 2027-01-31`]);
    assert.deepEqual(against({ expires: null }), [`${at}: 15s until 2027-01-31 -> 15s`]);
    assert.deepEqual(against({ expires: '2027-02-01' }), [`${at}: 15s until 2027-01-31 -> 15s until 2027-02-01`]);
    assert.deepEqual(against({ ceilingMs: 14_000, expires: '2027-01-30' }), []);
    assert.deepEqual(loosened(terms({}, [entry]), terms({})), [], 'removed');
    const odd = { ...entry, name: 'constructor', file: '__proto__' };
    assert.equal(loosened(terms({}, [entry]), terms({}, [entry, odd])).length, 1);
  });

  test('has the severity that is asked for', () => {
    const [one] = loosenedBetween(terms({ coverage: { floor: 64 } }), terms({ coverage: { floor: 60 } }), 'error');
    assert.deepEqual(one, { code: 'policy-loosened', severity: 'error', setting: 'coverage.floor', before: '64', after: '60' });
  });
});
