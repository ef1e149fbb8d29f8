import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { allow, type AllowOptions } from '../../src/commands/allow.ts';
import { defaultCeilingMs } from '../../src/commands/allow/allowlist.ts';
import { PushgateError } from '../../src/model/error.ts';
import type { Test, TestRun } from '../../src/model/test-run.ts';
import { saveLastRun } from '../../src/store/last-run.ts';
import { today } from '../../src/system/clock.ts';
import { aFileRun, aRun } from '../support/builders.ts';
import { anIo } from '../support/io.ts';

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

type Project = {
  readonly root: string;
  readonly file: () => string;
  readonly allow: (options: AllowOptions, cwd?: string) => Promise<{ code: number; out: string; err: string }>;
  readonly refused: (options: AllowOptions) => Promise<PushgateError>;
};

/** A project in a repository, with an allowlist and a last run. */
async function aProject(run: TestRun | null, allowlist: string | null = null, config = '{}'): Promise<Project> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pushgate-allow-')));
  folders.push(root);
  execFileSync('git', ['init', '-q'], { cwd: root, stdio: 'ignore' });
  writeFileSync(join(root, 'pushgate.jsonc'), config);
  if (allowlist !== null) writeFileSync(join(root, 'known-slow.jsonc'), allowlist);
  if (run) assert.equal(await saveLastRun(join(root, '.git', 'pushgate'), run), null);
  const call: Project['allow'] = async (options, cwd = root) => {
    const io = anIo(cwd);
    const code = await allow(io, options);
    return { code, out: io.out(), err: io.err() };
  };
  const refused = async (options: AllowOptions): Promise<PushgateError> => {
    try {
      await call(options);
    } catch (error) {
      assert.ok(error instanceof PushgateError, String((error as Error).stack));
      return error;
    }
    return assert.fail('it was accepted');
  };
  return { root, file: () => readFileSync(join(root, 'known-slow.jsonc'), 'utf8'), allow: call, refused };
}

const slow = (name: string, durationMs: number, more: Partial<Test> = {}): Partial<Test> => ({ name, durationMs, ...more });

function theRun(change: Partial<TestRun> = {}): TestRun {
  return aRun(
    [
      aFileRun('test/retry.test.ts', [
        slow('retry > gives up after five attempts', 12_800, { line: 31 }),
        slow('retry > waits', 40_000, { line: 50 }),
        slow('fast one', 20, { line: 70 }),
        slow('left out', 0, { line: 80, outcome: 'skipped', skipReason: 'later' }),
      ]),
      aFileRun('test/sync.test.ts', [slow('sync > waits', 15_000, { line: 9 }), slow('evil\u001b[31m\nname', 11_000, { line: 12 })]),
    ],
    change,
  );
}

const entry = (file: string, name: string, ceiling: string, more = ''): string =>
  `    { "file": "${file}", "name": "${name}", "reason": "real timers", "ceiling": "${ceiling}"${more} },`;

const listOf = (...lines: string[]): string => `{\n  "tests": [\n    // kept by hand\n${lines.join('\n')}\n  ],\n}\n`;

test('a quarter more than it took, in whole seconds', () => {
  assert.deepEqual([12_800, 12_801, 12_000, 1, 0, 8_000].map(defaultCeilingMs), [16_000, 17_000, 15_000, 1_000, 1_000, 10_000]);
});

test('a test named by its place is accepted in a new file', async () => {
  const project = await aProject(theRun());
  const { code, out, err } = await project.allow({
    tests: ['test/retry.test.ts:31'],
    reason: 'five real delays',
    owner: '@sync',
    expires: '2999-03-31',
  });
  assert.equal(code, 0);
  assert.equal(err, '');
  assert.match(
    out,
    /^✔ added in known-slow\.jsonc:4: test\/retry\.test\.ts:31 {2}retry > gives up after five attempts: it took 12\.8 s, its ceiling is 16 s\.\n$/,
  );
  assert.ok(
    project
      .file()
      .includes(
        `\n    { "file": "test/retry.test.ts", "name": "retry > gives up after five attempts", "reason": "five real delays", "ceiling": "16s", "owner": "@sync", "expires": "2999-03-31", "added": "${today()}" },\n`,
      ),
  );
});

test('a place is named as from where the user stands', async () => {
  const project = await aProject(theRun());
  mkdirSync(join(project.root, 'test'));
  const { out } = await project.allow({ tests: ['retry.test.ts:31'], reason: 'r' }, join(project.root, 'test'));
  assert.match(out, /added in known-slow\.jsonc:4: test\/retry\.test\.ts:31/);
});

for (const [how, named] of [
  ['its full title', 'retry > gives up after five attempts'],
  ['its last title', 'gives up after five attempts'],
  ['a part of its title', 'GIVES up'],
  ['its place with a column', 'test/retry.test.ts:31:3'],
] as const) {
  test(`a test is found by ${how}`, async () => {
    const { out } = await (await aProject(theRun())).allow({ tests: [named], reason: 'r' });
    assert.match(out, /retry > gives up after five attempts/);
  });
}

test('a title with control characters is found as it is shown, and shown escaped', async () => {
  const project = await aProject(theRun());
  const { out } = await project.allow({ tests: ['evil\\x1b[31m\\nname'], reason: 'r' });
  assert.ok(!out.includes('\u001b'));
  assert.equal(out.split('\n').length, 2);
  assert.ok(project.file().includes('"evil\\u001b[31m\\nname"'));
});

test('a title that several tests have lists them and writes nothing', async () => {
  const project = await aProject(theRun());
  const error = await project.refused({ tests: ['waits'], reason: 'r' });
  assert.equal(error.exitCode, 2);
  assert.match(
    error.message,
    /^"waits" names 2 tests:\n {2}test\/retry\.test\.ts:50 {2}retry > waits\n {2}test\/sync\.test\.ts:9 {2}sync > waits$/,
  );
  assert.equal(existsSync(join(project.root, 'known-slow.jsonc')), false);
});

test('tests of a loop on one line are told apart by title only', async () => {
  const project = await aProject(
    aRun([aFileRun('test/a.test.ts', [slow('case 1', 11_000, { line: 5 }), slow('case 2', 11_000, { line: 5 })])]),
  );
  assert.match((await project.refused({ tests: ['test/a.test.ts:5'], reason: 'r' })).message, /names 2 tests/);
  assert.equal((await project.allow({ tests: ['case 2'], reason: 'r' })).code, 0);
});

test('of several tests on one line the slow one is meant, and first the one that is not accepted yet', async () => {
  const at = { line: 5 };
  const run = aRun([aFileRun('test/a.test.ts', [slow('one', 11_000, at), slow('two', 20, at), slow('three', 30, at)])]);
  const project = await aProject(run);
  assert.match((await project.allow({ tests: ['test/a.test.ts:5'], reason: 'r' })).out, /added [^]* one: it took/);
  assert.match((await project.allow({ tests: ['test/a.test.ts:5'], owner: '@x' })).out, /changed [^]* one: it took/);
  const more = aRun([aFileRun('test/a.test.ts', [slow('one', 11_000, at), slow('two', 12_000, at)])]);
  await saveLastRun(join(project.root, '.git', 'pushgate'), more);
  assert.match((await project.allow({ tests: ['test/a.test.ts:5'], reason: 'r' })).out, /added [^]* two: it took/);
  assert.match((await project.refused({ tests: ['test/a.test.ts:5'], reason: 'r' })).message, /names 2 tests/);
});

test('several tests of one name are one entry, with the slowest as measure', async () => {
  const project = await aProject(
    aRun([aFileRun('test/a.test.ts', [slow('same', 11_000, { line: 5 }), slow('same', 20_000, { line: 9 })])]),
  );
  const { out } = await project.allow({ tests: ['test/a.test.ts:5'], reason: 'r' });
  assert.match(out, /it took 20\.0 s, its ceiling is 25 s/);
});

test('what is not in the last run is not guessed', async () => {
  const project = await aProject(theRun());
  assert.match(
    (await project.refused({ tests: ['test/retry.test.ts:33'], reason: 'r' })).message,
    /No test starts at test\/retry\.test\.ts:33\. In this file[^]*:31 {2}retry/,
  );
  const typo = await project.refused({ tests: ['fast noe'], reason: 'r' });
  assert.equal(typo.exitCode, 2);
  assert.deepEqual(typo.advice[0], 'Did you mean "fast one"?');
});

test('without a last run there is nothing to find a test in', async () => {
  const error = await (await aProject(null)).refused({ tests: ['test/retry.test.ts:31'], reason: 'r' });
  assert.equal(error.exitCode, 2);
  assert.match(error.message, /no last run/);
  assert.match(error.advice[0] ?? '', /pushgate check/);
});

test('an entry can be changed without a last run', async () => {
  const project = await aProject(null, listOf(entry('test/retry.test.ts', 'retry > waits', '50s')));
  const { out } = await project.allow({ tests: ['retry > waits'], expires: '2999-01-01' });
  assert.match(out, /^✔ changed in known-slow\.jsonc:4/);
  assert.ok(project.file().includes('"ceiling": "50s", "expires": "2999-01-01" },'));
});

test('a change keeps what it does not name, comments included', async () => {
  const before = listOf(entry('test/retry.test.ts', 'retry > waits', '50s', ', "owner": "@a"'), '    // the end');
  const project = await aProject(theRun(), before);
  await project.allow({ tests: ['test/retry.test.ts:50'], ceiling: '90s' });
  assert.equal(project.file(), before.replace('50s', '90s'));
});

test('a change leaves no second entry behind that would allow less', async () => {
  const project = await aProject(
    theRun(),
    listOf(entry('test/retry.test.ts', 'retry > waits', '45s'), entry('test/retry.test.ts', 'retry > waits', '60s')),
  );
  const { out } = await project.allow({ tests: ['test/retry.test.ts:50'], ceiling: '90s' });
  assert.match(out, /ceiling is 90 s/);
  assert.equal(project.file(), listOf(entry('test/retry.test.ts', 'retry > waits', '90s')));
});

for (const [why, options, message] of [
  ['no reason', {}, /A new entry needs a reason/],
  ['an empty reason', { reason: ' ' }, /--reason is empty/],
  ['an empty owner', { reason: 'r', owner: '' }, /--owner is empty/],
  ['a ceiling without a unit', { reason: 'r', ceiling: '15' }, /--ceiling is '15'/],
  ['a ceiling of nothing', { reason: 'r', ceiling: '0s' }, /--ceiling is '0s'/],
  [
    'a ceiling that no allowlist may hold',
    { reason: 'r', ceiling: '1000h' },
    /would not be valid, so nothing was written\. .*from 1ms to 500h/,
  ],
  ['no such day', { reason: 'r', expires: '2999-02-30' }, /must be a date that exists/],
  ['another form of date', { reason: 'r', expires: '31.03.2999' }, /must be a date that exists/],
  ['a day that is over', { reason: 'r', expires: '2020-01-01' }, /which is over/],
] as const) {
  test(`a new entry is refused for ${why}`, async () => {
    const project = await aProject(theRun());
    const error = await project.refused({ tests: ['test/retry.test.ts:31'], ...options });
    assert.equal(error.exitCode, 2);
    assert.match(error.message, message);
    assert.equal(existsSync(join(project.root, 'known-slow.jsonc')), false);
  });
}

test('a change that changes nothing is refused', async () => {
  const project = await aProject(theRun(), listOf(entry('test/retry.test.ts', 'retry > waits', '50s')));
  assert.match((await project.refused({ tests: ['retry > waits'] })).message, /known-slow\.jsonc:4 accepts this test already/);
});

test('a test that did not run gets no ceiling by itself', async () => {
  const project = await aProject(theRun());
  assert.match((await project.refused({ tests: ['left out'], reason: 'r' })).message, /ceiling cannot be derived/);
  assert.equal((await project.allow({ tests: ['left out'], reason: 'r', ceiling: '20s' })).code, 0);
});

test('an entry that the next run would fail or call stale is written with a warning', async () => {
  const project = await aProject(theRun());
  const low = await project.allow({ tests: ['test/retry.test.ts:31'], reason: 'r', ceiling: '11s' });
  assert.equal(low.code, 0);
  assert.match(low.err, /^⚠ It took 12\.8 s, longer than its ceiling of 11 s: a run like the last one fails\.\n$/);
  const needless = await project.allow({ tests: ['fast one'], reason: 'r' });
  assert.match(needless.err, /⚠ It took 20 ms in the last run; the slow limit is 10 s, so the entry counts as stale\./);
});

test('the list says what each entry costs', async () => {
  const lines = [
    entry('test/retry.test.ts', 'retry > waits', '50s', ', "owner": "@a", "expires": "2020-01-01", "added": "2020-01-01"'),
    entry('test/gone.test.ts', 'gone', '20s'),
  ];
  const { code, out, err } = await (await aProject(theRun(), listOf(...lines))).allow({ list: true });
  assert.equal(code, 0);
  const [head = '', first = '', second = '', , sum] = out.split('\n');
  assert.match(head, /^ *took +ceiling +debt +age +expires +owner +test$/);
  assert.match(first, /^40\.0 s +50 s +30\.0 s +\d+ d +2020-01-01 \(expired\) +@a +test\/retry\.test\.ts {2}retry > waits$/);
  assert.match(second, /^ *– +20 s +– +– +– +– +test\/gone\.test\.ts {2}gone$/);
  assert.equal(sum, '2 entries in known-slow.jsonc; 30.0 s over the slow limit of 10 s in all (debt).');
  assert.match(err, /^Times are those of the run of \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n$/);
});

test('the list is there without entries and without a run', async () => {
  assert.equal((await (await aProject(null)).allow({ list: true })).out, 'known-slow.jsonc has no entries.\n');
  const { out, err } = await (await aProject(null, listOf(entry('a.js', 'n', '20s')))).allow({ list: true });
  assert.match(out, /a\.js {2}n/);
  assert.match(err, /no last run/);
});

const TO_PRUNE = listOf(
  entry('test/gone.test.ts', 'gone', '20s'),
  entry('test/retry.test.ts', 'fast one', '20s'),
  entry('test/retry.test.ts', 'left out', '20s'),
  entry('test/retry.test.ts', 'retry > gives up after five attempts', '60s'),
  entry('test/retry.test.ts', 'retry > waits', '45s'),
  entry('test/retry.test.ts', 'retry > waits', '70s'),
);
const PRUNED = listOf(
  entry('test/retry.test.ts', 'left out', '20s'),
  entry('test/retry.test.ts', 'retry > gives up after five attempts', '16s'),
  entry('test/retry.test.ts', 'retry > waits', '45s'),
);

test('pruning drops what is gone, fast or overruled, and lowers ceilings', async () => {
  const project = await aProject(theRun(), TO_PRUNE);
  const { code, out } = await project.allow({ prune: true });
  assert.equal(code, 0);
  assert.equal(project.file(), PRUNED);
  assert.match(out, /drop {3}test\/gone\.test\.ts {2}gone: the test is gone\n/);
  assert.match(out, /drop {3}test\/retry\.test\.ts {2}fast one: it took 20 ms; the slow limit is 10 s\n/);
  assert.match(
    out,
    /lower {2}test\/retry\.test\.ts {2}retry > gives up after five attempts: ceiling 60 s to 16 s, because it took 12\.8 s\n/,
  );
  assert.match(out, /drop {3}test\/retry\.test\.ts {2}retry > waits: another entry for the test allows less\n/);
  assert.match((await project.allow({ prune: true })).out, /^✔ known-slow\.jsonc needs no pruning/);
  assert.equal(project.file(), PRUNED);
});

test('a dry run shows the difference and writes nothing', async () => {
  const project = await aProject(theRun(), TO_PRUNE);
  const { out, err } = await project.allow({ prune: true, dryRun: true });
  assert.equal(project.file(), TO_PRUNE);
  assert.ok(out.includes('\n--- a/known-slow.jsonc\n+++ b/known-slow.jsonc\n@@ -2,10 +2,7 @@\n'));
  assert.ok(out.includes(`\n-${entry('test/gone.test.ts', 'gone', '20s')}\n`));
  assert.ok(out.includes(`\n+${entry('test/retry.test.ts', 'retry > gives up after five attempts', '16s')}\n`));
  assert.match(err, /Nothing was written/);
});

test('an entry that is no longer needed goes, expired or not', async () => {
  const before = listOf(entry('test/a.test.ts', 'near', '12s', ', "expires": "2020-01-01"'));
  const project = await aProject(aRunAt(10), before);
  await project.allow({ prune: true });
  assert.equal(project.file(), listOf().replace('// kept by hand\n\n', '// kept by hand\n'));
});

test('pruning only ever shrinks', async () => {
  const before = listOf(entry('test/retry.test.ts', 'retry > waits', '30s'), entry('test/sync.test.ts', 'sync > waits', '19s'));
  const project = await aProject(theRun(), before);
  await project.allow({ prune: true });
  assert.equal(project.file(), before);
});

function aRunAt(ms: number): TestRun {
  return aRun([aFileRun('test/a.test.ts', [slow('near', ms)])]);
}

test('a test within a tenth of the slow limit keeps its entry', async () => {
  const before = listOf(entry('test/a.test.ts', 'near', '12s'));
  const kept = await aProject(aRunAt(9_000), before);
  await kept.allow({ prune: true });
  assert.equal(kept.file(), before);
  const dropped = await aProject(aRunAt(8_999), before);
  await dropped.allow({ prune: true });
  assert.equal(dropped.file(), listOf().replace('// kept by hand\n\n', '// kept by hand\n'));
});

test('a test that failed lowers nothing and drops nothing', async () => {
  const before = listOf(entry('test/a.test.ts', 'broken', '60s'), entry('test/a.test.ts', 'not reached', '60s'));
  const project = await aProject(aRun([aFileRun('test/a.test.ts', [slow('broken', 100, { outcome: 'failed' })])]), before);
  await project.allow({ prune: true });
  assert.equal(project.file(), before);
});

test('a run that proves nothing prunes nothing', async () => {
  for (const run of [theRun({ unproven: [{ kind: 'file-killed', file: 'test/x.test.ts', signal: 'SIGKILL' }] }), aRun([])]) {
    const project = await aProject(run, TO_PRUNE);
    assert.equal((await project.refused({ prune: true })).exitCode, 3);
    assert.equal(project.file(), TO_PRUNE);
  }
  assert.equal((await (await aProject(null, TO_PRUNE)).refused({ prune: true })).exitCode, 2);
});

test('a check reads and runs nothing', async () => {
  const project = await aProject(null, listOf(entry('a.js', 'n', '20s')));
  assert.deepEqual(await project.allow({ check: true }), { code: 0, out: '✔ known-slow.jsonc is valid: 1 entry.\n', err: '' });
  assert.equal((await project.allow({ check: true, tests: ['known-slow.jsonc'] })).code, 0);
  writeFileSync(join(project.root, 'known-slow.jsonc'), '{"tests":[\n<<<<<<< HEAD\n]}');
  assert.match((await project.refused({ check: true })).message, /known-slow\.jsonc:2:1: a merge marker/);
  writeFileSync(join(project.root, 'pushgate.jsonc'), '{"sloow":{}}');
  assert.match((await project.refused({ check: true })).message, /pushgate\.jsonc:1:2: .*did you mean "slow"/);
});

test('another path for the allowlist is where it is written', async () => {
  const project = await aProject(theRun(), null, '{"slow":{"allowlist":"test/slow/known.jsonc"}}');
  const { out } = await project.allow({ tests: ['gives up'], reason: 'r' });
  assert.match(out, /test\/slow\/known\.jsonc:4/);
  assert.match(readFileSync(join(project.root, 'test/slow/known.jsonc'), 'utf8'), /"\.\.\/\.\.\/node_modules\/pushgate\/dist\/schema/);
});

for (const [why, options] of [
  ['no test', {}],
  ['an empty test', { tests: [' '] }],
  ['a test to a list', { list: true, tests: ['x'] }],
  ['an entry to pruning', { prune: true, reason: 'x' }],
  ['a dry run of nothing', { dryRun: true, tests: ['x'] }],
] as const) {
  test(`refused: ${why}`, async () => {
    const error = await (await aProject(theRun())).refused(options);
    assert.equal(error.exitCode, 2);
    assert.ok(error.advice.length > 0);
  });
}
