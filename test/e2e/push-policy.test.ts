import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openOccasion } from '../../src/commands/push/occasion.ts';
import { INSTALL_NOTES } from '../../src/system/modules.ts';
import { childEnv } from '../support/child-env.ts';
import { codesOf, runCli, runJson } from '../support/cli.ts';
import { anIo } from '../support/io.ts';
import { testFile } from '../support/projects.ts';
import { aPushRepo, runsIn, type PushRepo } from '../support/pushes.ts';

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const part${index} = () => ${index};\n`).join('');

/** What `pushgate check` finds out before it runs the suite, or spares it. */
const occasionOf = (repo: PushRepo) => openOccasion(anIo(repo.dir, { env: childEnv(repo.env) }), {});

describe('the policy of a push', () => {
  it('is that of the commit; what it loosens is told, or stops it', async (t) => {
    const repo = await aPushRepo(t);
    await repo.git('push', '-q', '--no-verify', 'origin', 'main');
    const entry = { file: 'test/sum.test.js', name: 'adds', reason: 'x', ceiling: '20s' };
    repo.write({ 'pushgate.jsonc': { coverage: { floor: 45 }, slow: { limit: '11s' } }, 'known-slow.jsonc': { tests: [entry] } });
    await repo.commit('Loosen');
    const checked = await runCli(['check'], { cwd: repo.dir, env: repo.env });
    assert.match(checked.stdout, /ℹ The policy was loosened: coverage\.floor went from 50 to 45\./);
    const told = await repo.git('push', 'origin', 'main');
    assert.match(told.stderr, /✔ already verified/);
    assert.match(told.stderr, /ℹ The policy was loosened: coverage\.floor went from 50 to 45\. {2}\[policy-loosened\]/);
    assert.match(told.stderr, /ℹ The policy was loosened: slow\.limit went from 10s to 11s\./);
    assert.match(told.stderr, /ℹ The policy was loosened: known-slow\.jsonc:\d+ test\/sum\.test\.js adds went from not accepted to 20s\./);

    repo.write({ 'pushgate.jsonc': { coverage: { floor: 50 }, push: { loosening: 'fail' } }, 'known-slow.jsonc': { tests: [] } });
    await repo.commit('Tighten');
    await repo.git('push', '-q', '--no-verify', 'origin', 'main');
    repo.write({ 'pushgate.jsonc': { coverage: { floor: 49 } } });
    await repo.commit('Loosen, and the rule against it');
    const stopped = await repo.git('push', 'origin', 'main');
    assert.equal(stopped.code, 1, stopped.stderr);
    assert.match(stopped.stderr, /✖ The policy was loosened: coverage\.floor went from 50 to 49\./);
    assert.match(stopped.stderr, /✖ The policy was loosened: push\.loosening went from fail to note\./);
    repo.write({ 'pushgate.jsonc': '{ "coverage": { "flor": 1 } }' });
    await repo.commit('Misspell');
    const unreadable = await repo.git('push', 'origin', 'main');
    assert.match(unreadable.stderr, /✖ pushgate\.jsonc:1:17[^]*\(exit 2\)/);
  });

  it('is that of a coverage tool in the test script too', async (t) => {
    const script = (test: string): Readonly<Record<string, object>> => ({
      'package.json': { name: 'example', private: true, type: 'module', scripts: { test } },
    });
    const files = { 'pushgate.jsonc': { slow: { limit: '9s' } }, '.c8rc.json': { 'check-coverage': true, lines: 60 } };
    const repo = await aPushRepo(t, { ...files, ...script('c8 node --test') });
    await repo.git('push', '-q', '--no-verify', 'origin', 'main');
    repo.write({ '.c8rc.json': { 'check-coverage': true, lines: 30 } });
    await repo.commit('Lower it');
    const lowered = await repo.git('push', 'origin', 'main');
    assert.match(lowered.stderr, /ℹ The policy was loosened: coverage\.floor went from 60 to 30\./);
    repo.write(script('c8 --lines 20 node --test'));
    await repo.commit('Lower it by a flag');
    assert.match((await repo.git('push', 'origin', 'main')).stderr, /loosened: coverage\.floor went from 30 to 20\./);
  });

  it('holds the lines a push changes, wherever their file is moved', async (t) => {
    const repo = await aPushRepo(t, { 'src/old.js': lines(20), 'pushgate.jsonc': { coverage: { floor: 10, changed: 80 } } });
    await repo.git('push', '-q', '--no-verify', 'origin', 'main');
    await repo.git('mv', 'src/old.js', 'src/new.js');
    repo.write({ 'src/new.js': `${lines(20)}export const untested = () => {\n  return 1;\n};\n` });
    await repo.commit('Move and add');
    const ended = await repo.git('push', 'origin', 'main');
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /Coverage of the changed lines is 0\.0 %; the limit is 80 %\. {2}\[coverage-changed\]/);
    assert.match(ended.stderr, /0 of 3 lines ran of those changed since [0-9a-f]{7}; cover 3 more to pass/);
    assert.match(ended.stderr, /src\/new\.js:21-23 +3\n/);
    const { report } = await runJson(['check'], { cwd: repo.dir, env: repo.env });
    assert.ok(codesOf(report).includes('error:coverage-changed'), 'by hand against the remote branch');
    repo.write({ 'src/untracked.js': lines(4), 'src/new.js': lines(20) });
    const { past } = await occasionOf(repo);
    assert.deepEqual(past.changes?.files?.get('src/untracked.js'), [[1, Number.MAX_SAFE_INTEGER]], 'all of a file that was never added');
    assert.deepEqual(past.changes?.files?.get('src/new.js') ?? [], []);
  });

  it('holds the drop since the last pass that the commit descends from', async (t) => {
    const repo = await aPushRepo(t, { 'pushgate.jsonc': { coverage: { floor: 10, maxDrop: 5 } } });
    await repo.git('push', '-q', 'origin', 'main');
    const passed = await repo.oid('HEAD');
    // A pass of files that no commit holds is no checkpoint of the commit below them.
    repo.write({ 'test/half.test.js': testFile("import { half } from '../src/sum.js';\ntest('halves', () => assert.equal(half(2), 1));") });
    assert.equal((await runCli(['check'], { cwd: repo.dir, env: repo.env })).code, 0);
    await repo.git('clean', '-qfd');
    repo.write({ 'src/more.js': lines(3) });
    await repo.commit('More');
    const dropped = await repo.git('push', 'origin', 'main');
    assert.equal(dropped.code, 1, dropped.stderr);
    assert.match(
      dropped.stderr,
      new RegExp(`Coverage fell from 71\\.4 % to 50\\.0 % of lines[^]*It was 71\\.4 % at ${passed.slice(0, 7)}\\.`),
    );
  });

  it('holds the drop of the whole push, however many commits it comes in', async (t) => {
    const repo = await aPushRepo(t, { 'pushgate.jsonc': { coverage: { floor: 10, maxDrop: 12 } } });
    await repo.git('push', '-q', 'origin', 'main');
    repo.write({ 'src/one.js': lines(1) });
    await repo.commit('One line');
    assert.equal((await runCli(['check'], { cwd: repo.dir, env: repo.env })).code, 0);
    repo.write({ 'src/two.js': lines(1) });
    await repo.commit('Another');
    const check = await runCli(['check'], { cwd: repo.dir, env: repo.env });
    assert.equal(check.code, 1, 'by hand against the remote branch');
    const push = await repo.git('push', 'origin', 'main');
    assert.match(push.stderr, /Coverage fell from 71\.4 % to 55\.5 % of lines; at most 12 points/);
  });
});

describe('a verdict that was reached', () => {
  it('by hand makes the push of the same files instant, and nothing else', async (t) => {
    const repo = await aPushRepo(t);
    const check = (...args: string[]) => runJson(['check', ...args], { cwd: repo.dir, env: repo.env });
    repo.write({ 'src/new.js': 'export const one = 1;\n' });
    const before = await repo.fingerprint();
    assert.equal((await check()).report.run.mode, 'full');
    const again = await check();
    assert.equal(again.report.run.mode, 'stamped');
    assert.equal(again.report.coverage.lines.total, 8);
    assert.equal((await check('--no-stamp', '--full')).report.run.mode, 'full');
    assert.equal(await repo.fingerprint(), before, 'finding out what the files are changes nothing');
    await repo.commit('New');
    const push = await repo.git('push', 'origin', 'main');
    assert.match(
      push.stderr,
      /✔ already verified (?:just now|\d+ seconds? ago): 1 test in .*, coverage 62\.5 % \(floor 50 %\), nothing newly slow\./,
    );
    assert.equal(push.code, 0);
    repo.write({ 'src/new.js': 'export const one = 2;\n' });
    assert.equal((await occasionOf(repo)).stamp, null, 'other files');
    const tree = await repo.git('count-objects', '-v');
    assert.match(tree.stdout, /garbage: 0/);
  });

  it('is not believed when it failed, was cut, or was reached under another policy or by other packages', async (t) => {
    const repo = await aPushRepo(t, { 'pushgate.jsonc': { coverage: { floor: 90 } } });
    const check = () => runCli(['check'], { cwd: repo.dir, env: repo.env });
    const isBelieved = async (): Promise<boolean> => (await occasionOf(repo)).stamp !== null;
    assert.equal((await check()).code, 1);
    assert.equal(await isBelieved(), false, 'failed');
    repo.write({ 'pushgate.jsonc': { coverage: { floor: 50 } } });
    assert.equal((await check()).code, 0);
    assert.equal(await isBelieved(), true);
    repo.write({ 'pushgate.jsonc': { coverage: { floor: 49 } } });
    assert.equal(await isBelieved(), false, 'another policy');
    repo.write({ 'pushgate.jsonc': { coverage: { floor: 50 } } });
    for (const note of INSTALL_NOTES) {
      repo.write({ [`node_modules/${note}`]: '{}' });
      // oxlint-disable-next-line no-await-in-loop -- one note at a time
      assert.equal(await isBelieved(), false, note);
      rmSync(join(repo.dir, 'node_modules'), { recursive: true });
    }
    assert.equal(await isBelieved(), true, 'as it was');
    const stamps = join(repo.dir, '.git/pushgate/stamps');
    for (const name of readdirSync(stamps)) writeFileSync(join(stamps, name), '{"format":1');
    assert.equal(await isBelieved(), false, 'cut');
    const told = await check();
    assert.equal(told.code, 0);
    assert.match(told.stderr, /^! The pass kept in .* cannot be read \(.*\); it does not count\.$/m);
    assert.doesNotMatch((await check()).stderr, /does not count/, 'it is replaced');
  });

  it('in a private copy counts for the retry; one gate alone does not count', async (t) => {
    const repo = await aPushRepo(t);
    assert.equal((await runCli(['slow'], { cwd: repo.dir, env: repo.env })).code, 0);
    repo.write({ 'untracked.txt': 'x' });
    await repo.git('remote', 'add', 'second', repo.remote);
    const before = await repo.git('push', 'second', 'main:refs/heads/side');
    assert.doesNotMatch(before.stderr, /already verified/);
    assert.match(before.stderr, /private copy/);
    await repo.git('push', '-q', '--no-verify', 'second', ':side');
    const retry = await repo.git('push', 'second', 'main');
    assert.match(retry.stderr, /✔ already verified/);
    assert.equal(runsIn(retry), 1);
  });
});
