import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCommand } from '../support/processes.ts';
import { aPushRepo, installHook, runHook, runsIn, type PushRepo } from '../support/pushes.ts';

/** Pushes; holds how many suites ran, how it ended, and that the user's repository is what it was before. */
async function pushes(repo: PushRepo, expected: { runs: number; code?: number }, ...args: string[]) {
  const before = await repo.fingerprint();
  const ended = await repo.git('push', ...args);
  const said = `git push ${args.join(' ')}\n${ended.stderr}`;
  assert.equal(ended.code, expected.code ?? 0, said);
  assert.equal(runsIn(ended), expected.runs, said);
  assert.equal(await repo.fingerprint(), before, said);
  return ended;
}

const EMPTY = ['--allow-empty', '-q', '-m'];

describe('what is pushed', () => {
  it('runs once for a new branch, and not for what needs no run', async (t) => {
    const repo = await aPushRepo(t);
    await pushes(repo, { runs: 0 }, '--dry-run', '--no-verify', 'origin', 'main');
    const first = await pushes(repo, { runs: 1 }, '--porcelain', 'origin', 'main');
    assert.doesNotMatch(first.stdout, /✔|coverage/, 'standard output belongs to git');
    await pushes(repo, { runs: 0 }, 'origin', 'main');
    await pushes(repo, { runs: 0 }, '--dry-run', 'origin', 'main:refs/heads/again');

    await repo.git('tag', 'light');
    await repo.git('tag', '-a', '-m', 'x', 'annotated');
    await repo.git('tag', 'blob', 'HEAD:package.json');
    await repo.git('tag', 'tree', 'HEAD^{tree}');
    await repo.git('notes', 'add', '-m', 'x');
    await pushes(repo, { runs: 0 }, 'origin', 'light', 'annotated', 'blob', 'tree', 'refs/notes/commits');
    // What the remote has already was judged on its way there.
    const known = await pushes(repo, { runs: 0 }, 'origin', 'main:refs/heads/b');
    assert.match(known.stderr, /ℹ Nothing that push\.triggers names differs in [0-9a-f]{7} \(b\); not judged\./);
    const deleted = await pushes(repo, { runs: 0 }, 'origin', ':b');
    assert.doesNotMatch(deleted.stderr, /ℹ|✔/);
    await pushes(repo, { runs: 0 }, 'origin', '--delete', 'light', 'annotated');
  });

  it('runs for what tests were seen to read, though no trigger names it', async (t) => {
    const repo = await aPushRepo(t, {
      'docs/words.json': '{"sum":3}\n',
      'docs/other.json': '{}\n',
      'test/words.test.js': `import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
test('the words are right', () => {
  assert.equal(JSON.parse(readFileSync('docs/words.json', 'utf8')).sum, 3);
});
`,
    });
    await pushes(repo, { runs: 1 }, 'origin', 'main');
    repo.write({ 'docs/other.json': '{"more":1}\n' });
    await repo.commit('Change what nobody reads');
    const unread = await pushes(repo, { runs: 0 }, 'origin', 'main');
    assert.match(unread.stderr, /ℹ Nothing that push\.triggers names differs in/);
    repo.write({ 'docs/words.json': '{"sum":4}\n' });
    await repo.commit('Change what a test reads');
    const read = await pushes(repo, { runs: 1, code: 1 }, 'origin', 'main');
    assert.match(read.stderr, /ℹ docs\/words\.json differs in [0-9a-f]{7} \(main\)\. push\.triggers does not name it, but tests read it\./);
    assert.match(read.stderr, /\[test-failed\]/);
  });

  it('reads odd names of local refs, and never through a shell', async (t) => {
    const repo = await aPushRepo(t, { 'src/sum.js': 'export const sum = (a, b) => a + b;\n' });
    await repo.git('push', '--no-verify', 'origin', 'main');
    repo.write({ 'src/more.js': 'export const more = 1;\n' });
    await repo.commit('foo bar');
    await repo.git('branch', 'we$(touch${IFS}oops)ird;b&');
    const oid = await repo.oid('HEAD');
    const odd = [':/foo bar:refs/heads/a', 'we$(touch${IFS}oops)ird;b&', 'HEAD^{/foo bar}:refs/heads/c', `${oid}:refs/heads/e`];
    await pushes(repo, { runs: 1 }, 'origin', ...odd);
    const arrived = await repo.git('ls-remote', '--heads', 'origin');
    assert.equal(arrived.stdout.split('\n').filter((line) => line.startsWith(oid)).length, odd.length, arrived.stdout);
    // Unknown to the remote again, so that the commit counts as new: it is judged, from memory.
    await repo.git(
      'push',
      '-q',
      '--no-verify',
      'origin',
      ...['a', 'c', 'e', 'we$(touch${IFS}oops)ird;b&'].map((branch) => `:refs/heads/${branch}`),
    );
    await pushes(repo, { runs: 0 }, 'origin', 'HEAD~1:refs/heads/d');
    const again = await pushes(repo, { runs: 1 }, '--force', 'origin', '+HEAD:refs/heads/d');
    assert.match(again.stderr, /✔ already verified (?:just now|\d+ seconds? ago): 1 test in /);
    await repo.git('push', '-q', '--no-verify', 'origin', ':d');
    await repo.git('checkout', '-q', '--detach');
    await pushes(repo, { runs: 1 }, '--force-with-lease', '--atomic', 'origin', 'HEAD:main');
    assert.ok(!readdirSync(repo.dir).includes('oops'));
  });

  it('judges every distinct tree of several refs, and says which', async (t) => {
    const repo = await aPushRepo(t);
    await repo.git('branch', 'same');
    await repo.git('checkout', '-q', '-b', 'broken');
    repo.write({ 'src/sum.js': 'export const sum = () => 0;\n' });
    await repo.commit('Break sums');
    await repo.git('checkout', '-q', 'main');
    const all = await pushes(repo, { runs: 2, code: 1 }, 'origin', 'main', 'same', 'broken');
    assert.match(all.stderr, /ℹ Judging [0-9a-f]{7} \(main, same\)\./);
    assert.match(all.stderr, /ℹ Judging [0-9a-f]{7} \(broken\)\./);
    assert.match(all.stderr, /\(exit 1\)/);
  });

  it('holds one tree against what each of its branches has on the remote', async (t) => {
    const repo = await aPushRepo(t, { 'pushgate.jsonc': { coverage: { floor: 10, changed: 90 } } });
    await repo.git('push', '-q', '--no-verify', 'origin', 'main');
    repo.write({ 'src/more.js': 'export const more = () => {\n  return 1;\n};\n' });
    await repo.commit('More, and no test');
    await repo.git('push', '-q', '--no-verify', 'origin', 'main:feature');
    repo.write({ 'test/sum.test.js': `${repo.read('test/sum.test.js')}\n// Said.\n` });
    await repo.commit('Say it');
    await pushes(repo, { runs: 1 }, '--dry-run', 'origin', 'main:feature');
    const both = await pushes(repo, { runs: 2, code: 1 }, 'origin', 'main:feature', 'main');
    assert.match(both.stderr, /Coverage of the changed lines is 0\.0 %[^]*\(exit 1\)/);
  });

  it('compares with what the remote has: only what triggers is judged', async (t) => {
    const repo = await aPushRepo(t);
    await repo.git('push', '-q', '--no-verify', 'origin', 'main');
    repo.write({ 'README.md': 'x' });
    await repo.commit('Say what it is');
    await pushes(repo, { runs: 0 }, 'origin', 'main');
    await repo.git('checkout', '-q', '--orphan', 'pages');
    await repo.git('rm', '-rqf', '.');
    repo.write({ 'index.html': 'x' });
    await repo.commit('Pages');
    const pages = await pushes(repo, { runs: 0 }, 'origin', 'pages');
    assert.match(pages.stderr, /ℹ [0-9a-f]{7} \(pages\) has no package\.json: nothing to judge\./);
    await repo.git('checkout', '-q', 'main');
    await repo.git('rm', '-q', 'package.json', 'pushgate.jsonc');
    await repo.git('commit', '-q', '-m', 'Remove the project');
    const gone = await pushes(repo, { runs: 0, code: 1 }, 'origin', 'main');
    assert.match(gone.stderr, /has no package\.json any more[^]*\(exit 3\)/);
  });

  it('works in a shallow clone and in a repository of SHA-256', async (t) => {
    const repo = await aPushRepo(t);
    await repo.git('commit', ...EMPTY, 'second');
    await repo.git('push', '-q', '--no-verify', 'origin', 'main');
    const shallow = join(repo.dir, '../shallow');
    await repo.git('clone', '-q', '--depth', '1', `file://${repo.remote}`, shallow);
    installHook(join(shallow, '.git'));
    const unknownBase = await runHook(
      { ...repo, dir: shallow },
      `HEAD ${await repo.oid('HEAD')} refs/heads/main ${'1'.repeat(40)}\n`,
      'nowhere',
    );
    assert.equal(unknownBase.code, 0, unknownBase.stderr);
    assert.equal(runsIn(unknownBase), 1, 'without a base everything counts as changed');

    const sha = join(repo.dir, '../sha');
    const inSha = (...args: string[]) =>
      runCommand('git', ['-c', 'user.name=x', '-c', 'user.email=x@localhost', ...args], { cwd: sha, env: repo.env });
    await repo.git('init', '-q', '-b', 'main', '--object-format=sha256', sha);
    await repo.git('init', '-q', '--bare', '--object-format=sha256', join(repo.dir, '../sha.git'));
    await runCommand('sh', ['-c', 'cp -R package.json pushgate.jsonc src test "$1"', 'sh', sha], { cwd: repo.dir });
    await inSha('add', '.');
    await inSha('commit', '-q', '-m', 'x');
    installHook(join(sha, '.git'));
    const pushed = await inSha('push', join(repo.dir, '../sha.git'), 'main');
    assert.equal(pushed.code, 0, pushed.stderr);
    assert.equal(runsIn(pushed), 1);
    assert.equal(runsIn(await inSha('push', join(repo.dir, '../sha.git'), ':main')), 0);
  });

  it('takes variables and folders as git hands them on, and keeps a secret in the address', async (t) => {
    const repo = await aPushRepo(t);
    const sub = await runCommand('git', ['-C', 'src', '-c', 'user.name=Leak', 'push', 'origin', 'main'], { cwd: repo.dir, env: repo.env });
    assert.equal(sub.code, 0, sub.stderr);
    assert.equal(runsIn(sub), 1);
    const oid = await repo.oid('HEAD');
    const secret = 'https://user:s3cretTOKEN@localhost/x.git';
    const byUrl = await runHook(repo, `refs/heads/main ${oid} refs/heads/x ${'0'.repeat(40)}\n`, secret);
    assert.equal(byUrl.code, 0, byUrl.stderr);
    assert.doesNotMatch(byUrl.stderr + byUrl.stdout, /s3cret/);
    const kept = await runCommand('grep', ['-rl', 's3cret', join(repo.dir, '.git/pushgate'), repo.cache], { cwd: repo.dir });
    assert.equal(kept.stdout, '');
  });

  it('reads to the end of 5,000 refs, and refuses a line it cannot read', async (t) => {
    const repo = await aPushRepo(t);
    const zero = '0'.repeat(40);
    const many = Array.from({ length: 5_000 }, (_, index) => `(delete) ${zero} refs/heads/b${index} ${'1'.repeat(40)}\n`).join('');
    const deleted = await runHook(repo, many);
    assert.deepEqual([deleted.code, deleted.stderr], [0, '']);
    const bad = await runHook(repo, 'no such line\n');
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /a line that cannot be read: no such line/);
  });
});

describe('the connection', () => {
  it('announces a remote that may hang up, and the second push is through at once', async (t) => {
    const slow = "import { test } from 'node:test';\ntest('waits', () => new Promise((done) => setTimeout(done, 1_000)));\n";
    const repo = await aPushRepo(t, {
      'pushgate.jsonc': { coverage: { floor: 50 }, push: { sshIdle: '600ms' } },
      'test/wait.test.js': slow,
    });
    // Runs the other side here, and hangs up when its patience, in seconds, is at its end.
    const ssh = join(repo.dir, '../ssh');
    const patience = (seconds: number): void => writeFileSync(join(repo.dir, '../patience'), String(seconds));
    writeFileSync(ssh, `#!/bin/sh\nshift\nexec timeout "$(cat '${join(repo.dir, '../patience')}')" sh -c "$*"\n`);
    patience(1);
    chmodSync(ssh, 0o755);
    await repo.git('config', 'core.sshCommand', ssh);
    await repo.git('config', 'ssh.variant', 'simple');
    await repo.git('remote', 'add', 'far', `somewhere:${repo.remote}`);
    await runHook(repo, `refs/heads/main ${await repo.oid('HEAD')} refs/heads/z ${'0'.repeat(40)}\n`);
    repo.write({ 'test/wait.test.js': `${slow}// It runs again, whatever else is taken over.\n` });
    await repo.commit('More');
    const first = await repo.git('push', 'far', 'main');
    assert.notEqual(first.code, 0);
    assert.match(
      first.stderr,
      /! The remote is reached over SSH and may hang up while the suite runs: about \d+ s, and it is believed to wait 0\.6 s/,
    );
    patience(30);
    const second = await repo.git('push', 'far', 'main');
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stderr, /✔ already verified /);
    assert.doesNotMatch(readFileSync(join(repo.dir, '.git/pushgate/checkpoints.jsonl'), 'utf8'), /somewhere/);
  });
});
