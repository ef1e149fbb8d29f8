import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { totalOf } from '../../src/model/coverage.ts';
import { testsOf, type TestRun } from '../../src/model/test-run.ts';
import { isAlive } from '../../src/system/process-group.ts';
import { unmeasured } from '../support/child-env.ts';
import { codesOf, MAIN, runCli, runJson, startCli } from '../support/cli.ts';
import { measured } from '../support/measured.ts';
import { runCommand } from '../support/processes.ts';
import { aProject, SMALL, testFile } from '../support/projects.ts';
import { leftovers, makeProject, type Files } from '../support/repo.ts';

// Faults that the usual tools take for a pass, or hang on. Others: bad-input, processes, outcomes, hostile.
type Fault = { readonly name: string; readonly files: Files; readonly code: number; readonly says: RegExp };

const [major = 0] = process.versions.node.split('.').map(Number);
const script = (test: string): Files => ({ 'package.json': { type: 'module', scripts: { test } } });
const within = (timeout: string): Files => ({ 'pushgate.jsonc': { coverage: { floor: 50 }, run: { timeout } } });
const odd = (body: string): Files => ({ 'test/odd.test.js': testFile(body) });

/** Processes that are hard to end; their ids go to `pids`. */
const STUBBORN = `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const stays = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)";
const started = [{}, { detached: true }].map((how) => spawn(process.execPath, ['-e', stays], { ...how, stdio: ['ignore', 'pipe', 'ignore'] }));
const orphan = spawn('sh', ['-c', '(sleep 60 & echo $!)'], { stdio: ['ignore', 'pipe', 'ignore'] });
const told = await Promise.all([...started, orphan].map((child) => new Promise((done) => child.stdout.once('data', done))));
writeFileSync('pids', [process.pid, ...started.map(({ pid }) => pid), Number(told.at(-1))].join(' '));
`;

const NEVER = "test('never', async () => { await new Promise(() => {}); });";

const FAULTS: readonly Fault[] = [
  // Node before 24 notices that nothing is left to wait for.
  ...(major >= 24
    ? [
        {
          name: 'a promise that never settles',
          files: { ...within('2s'), ...odd(NEVER) },
          code: 3,
          says: /within 2 s[^]*odd\.test\.js +never/,
        },
      ]
    : []),
  {
    name: 'an endless loop, beside processes that ignore TERM, left the group or lost their parent',
    files: { ...within('2s'), ...odd(`${STUBBORN}\ntest('loops', () => { for (;;); });`) },
    code: 3,
    says: /did not end within 2 s and was stopped[^]*odd\.test\.js +loops/,
  },
  {
    name: 'the runner is killed by a test',
    files: odd("test('kills', () => process.kill(process.ppid, 'SIGKILL'));"),
    code: 3,
    says: /✖ The test command was ended by SIGKILL\. {2}\[runner-crashed\]/,
  },
  {
    name: 'the runner crashes',
    files: odd("test('kills', () => process.kill(process.ppid, 'SIGSEGV'));"),
    code: 3,
    says: /✖ The test command was ended by SIGSEGV\. {2}\[runner-crashed\]/,
  },
  {
    name: 'a suite that stops its coverage',
    files: { 'test/sum.test.js': testFile("import { stopCoverage } from 'node:v8';\ntest('stops', () => stopCoverage());") },
    code: 3,
    says: /left no coverage|No coverage was measured/,
  },
];

describe('never green:', () => {
  for (const { name, files, code, says } of FAULTS) {
    it(name, { timeout: 60_000 }, async (t) => {
      const project = aProject(t, files);
      const ended = await runCli(['check'], { cwd: project.dir, env: project.env });
      assert.equal(ended.code, code, ended.stdout + ended.stderr);
      assert.match(ended.stdout + ended.stderr, says);
      assert.match(ended.stdout + ended.stderr, new RegExp(`\\(exit ${code}\\)\\n`));
      const pids = existsSync(join(project.dir, 'pids')) ? project.read('pids').split(' ').map(Number) : [];
      assert.deepEqual(pids.filter(isAlive), []);
      assert.deepEqual(leftovers(project), []);
    });
  }

  it('test files whose processes end by a signal, each named', async (t) => {
    const bodies = {
      'test/aborts.test.js': "test('aborts', () => process.abort());",
      'test/killed.test.js': "test('is killed', () => process.kill(process.pid, 'SIGKILL'));",
      'test/no-memory.test.js': "test('eats', () => { const a = []; for (;;) a.push({ a: [1, 2, 3] }); });",
    };
    const files = Object.fromEntries(Object.entries(bodies).map(([file, body]) => [file, testFile(body)]));
    const project = aProject(t, { ...script('node --max-old-space-size=30 --test'), ...files });
    const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 3, JSON.stringify(report.findings));
    const reasons = report.error?.reasons.map(({ kind, message }) => `${kind}: ${message}`) ?? [];
    for (const [at, [file, by]] of [
      ['aborts', 'SIGABRT'],
      ['killed', 'SIGKILL'],
      ['no-memory', 'SIG\\w+'],
    ].entries())
      assert.match(reasons[at] ?? '', new RegExp(`^file-killed: The process of a test file was ended by ${by}: test/${file}\\.test\\.js`));
    assert.equal(reasons.length, 3, reasons.join('\n'));
    assert.deepEqual(leftovers(project), []);
  });
});

/** Test files that fail, or would pass as green though not all of their tests ran; what is said of each. How one looks: bad-input. */
const FAILING: Readonly<Record<string, { readonly body: string; readonly says: RegExp }>> = {
  'exit-at-the-top': {
    body: "process.exit(0);\ntest('fails', () => assert.fail());",
    says: /:0 process\.exit\(0\) was called.* at test\/exit-at-the-top\.test\.js:4/,
  },
  'exit-while-tests-wait': {
    body: "setTimeout(() => process.exit(0), 20);\ntest('waits', () => new Promise((done) => setTimeout(done, 9_000)));",
    says: /process\.exit\(0\) was called.* at test\/exit-while-tests-wait\.test\.js:4/,
  },
  'really-exit': {
    body: "test('first', () => {});\ntest('leaves', () => process.reallyExit(0));\ntest('fails', () => assert.fail());",
    says: /process\.exit\(0\) was called.* at test\/really-exit\.test\.js:5/,
  },
  'exit-in-a-hook': {
    body: "import { before } from 'node:test';\ndescribe('all', () => {\n  before(() => process.exit(0));\n  it('fails', () => assert.fail());\n});",
    says: /process\.exit\(0\) was called.* at test\/exit-in-a-hook\.test\.js:6/,
  },
  'is-cancelled': {
    body: "test('is cancelled', { signal: AbortSignal.timeout(50) }, () => new Promise((done) => setTimeout(done, 300)));",
    says: /^is cancelled:4 /,
  },
  'is-over-its-own-time-out': {
    body: "test('slow', { timeout: 50 }, () => new Promise((done) => setTimeout(done, 200)));",
    says: /^slow:4 /,
  },
  ...(major >= 24 ? {} : { 'never-settles': { body: NEVER, says: /^never:4 / } }),
};

describe('failed, in one run:', () => {
  let run: TestRun;
  let exitCode: number;
  before(async () => {
    const files = Object.entries(FAILING).map(([name, { body }]) => [`test/${name}.test.js`, testFile(body)]);
    const project = makeProject({ ...SMALL, ...(Object.fromEntries(files) as Files) });
    const told = await measured(project);
    [run, exitCode] = [told.run, told.verdict.exitCode];
    project.remove();
  });

  for (const [name, { says }] of Object.entries(FAILING)) {
    it(name.replaceAll('-', ' '), () => {
      const failed = testsOf(run).filter(({ file, outcome }) => file === `test/${name}.test.js` && outcome === 'failed');
      assert.ok(failed.length > 0);
      assert.match(failed.map(({ name: test, line, failure }) => `${test}:${line} ${failure}`).join('\n'), says);
    });
  }

  it('and nothing else: the verdict is exit 1', () => {
    assert.equal(exitCode, 1);
    const failed = testsOf(run).filter(({ outcome }) => outcome === 'failed');
    assert.deepEqual(
      [...new Set(failed.map(({ file }) => file))].toSorted(),
      Object.keys(FAILING)
        .map((name) => `test/${name}.test.js`)
        .toSorted(),
    );
  });
});

/** Children that load the source and end in every way that leaves no coverage; V8 writes it when one ends by itself. */
const KILLED = testFile(`import { spawn } from 'node:child_process';
const load = "import('./src/sum.js').then(({ half }) => { half(1); console.log('up'); ";
const ends = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGSEGV'];
test('loses children', async () => {
  await Promise.all([...ends, 'abort'].map(async (end) => {
    const child = spawn(process.execPath, ['-e', load + (end === 'abort' ? 'process.abort(); })' : 'setInterval(() => {}, 1000); })')]);
    const ended = new Promise((done) => child.once('exit', done));
    await new Promise((done) => child.stdout.once('data', done));
    if (end !== 'abort') child.kill(end);
    await ended;
  }));
});`);

/** Children that write coverage and spoil it; each text stands for a file that some fault leaves. */
const SPOILT = testFile(`import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
const spoil = (how) => \`const v8 = require('node:v8'); const fs = require('node:fs'); const path = require('node:path');
import('./src/sum.js').then(({ half }) => {
  half(1);
  v8.takeCoverage();
  const dir = process.env.NODE_V8_COVERAGE;
  for (const name of fs.readdirSync(dir).filter((each) => each.startsWith('coverage-' + process.pid + '-'))) {
    const file = path.join(dir, name);
    const text = fs.readFileSync(file, 'utf8');
    const sum = (change) => { const all = JSON.parse(text); change(all.result.find(({ url }) => url.endsWith('/sum.js')), all); return JSON.stringify(all); };
    const spoilt = \${how};
    fs.rmSync(file);
    if (spoilt === null) fs.mkdirSync(file); else fs.writeFileSync(file, spoilt);
  }
  v8.stopCoverage();
});\`;
const WAYS = [
  "text.slice(0, -100)", "''", "'\\\\0'.repeat(text.length)", "'garbage'", "'{}'", "'null'", "'{\\"result\\":null}'",
  "sum((one) => { delete one.functions; })",
  "sum((one) => { one.functions[0].ranges[0].endOffset = -5; })",
  "sum((one) => { one.functions[0].ranges[0].count = -5; })",
  "sum((one) => { one.functions[0].ranges[0].startOffset = 'x'; })",
  "sum((one) => { one.functions[0].ranges = []; })",
  "null",
];
test('spoils coverage', () => Promise.all(WAYS.map((how) => promisify(execFile)(process.execPath, ['-e', spoil(how)]))));`);

describe('coverage that is lost with a process', () => {
  it('killed from outside, aborted, or whose file is damaged: a note while the limits hold', { timeout: 60_000 }, async (t) => {
    // Twenty processes take what time they take.
    const policy = { coverage: { floor: 50 }, slow: { limit: '5m', target: '5m' } };
    const project = aProject(t, { 'pushgate.jsonc': policy, 'test/killed.test.js': KILLED, 'test/spoilt.test.js': SPOILT });
    const { run, verdict } = await measured(project);
    assert.equal(verdict.exitCode, 0, JSON.stringify(verdict.findings));
    assert.deepEqual(
      verdict.findings.map(({ code, severity }) => `${severity}:${code}`),
      ['note:coverage-partial'],
    );
    assert.equal(run.lost.length, 7 + 13, JSON.stringify(run.lost));
    assert.equal(run.coverage && totalOf(run.coverage, 'lines').covered, 5, 'nothing of them counts');
  });

  it('is exit 3 when the limits do not hold', async (t) => {
    const aborts =
      "import { spawnSync } from 'node:child_process';\ntest('x', () => { spawnSync(process.execPath, ['-e', 'process.abort()']); });";
    const project = aProject(t, { ...odd(aborts), 'pushgate.jsonc': { coverage: { floor: 80 } } });
    const missed = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(missed.code, 3, missed.stdout);
    assert.match(missed.stdout, /A coverage limit does not hold, but 1 process left no coverage\./);
  });

  it('because no file may grow is exit 3', async (t) => {
    const project = aProject(t, { 'pushgate.jsonc': { coverage: { floor: 70 } } });
    // The limit is that of pushgate too: what it covers itself cannot be written either.
    const at = { cwd: project.dir, env: unmeasured(project.env) };
    const ended = await runCommand('sh', ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, MAIN, 'check'], at);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.match(ended.stdout + ended.stderr, /\(exit 3\)\n$/);
    assert.deepEqual(leftovers(project), []);
  });
});

describe('no fault:', () => {
  it('processes that outlive a suite that passed are ended, and keep nobody waiting; nor do 20 MB on standard output', async (t) => {
    const leaves = `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
test('leaves some', () => {
  const pids = [{}, { detached: true }].map((how) => spawn('sleep', ['60'], { ...how, stdio: 'ignore' }));
  writeFileSync('pids', pids.map((child) => (child.unref(), child.pid)).join(' '));
});
test('writes', () => { for (let mb = 0; mb < 20; mb += 1) console.log('x'.repeat(1 << 20)); });`;
    const project = aProject(t, odd(leaves));
    const ended = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(ended.code, 0, ended.stdout);
    assert.deepEqual(project.read('pids').split(' ').map(Number).filter(isAlive), []);
  });

  it('a reader that goes away, or standard output and error that are closed', async (t) => {
    const project = aProject(t, { 'pushgate.jsonc': { coverage: { floor: 90 } } });
    const at = { cwd: project.dir, env: project.env };
    const { child, ended } = startCli(['check'], at);
    child.stdout?.destroy();
    assert.equal((await ended).code, 1);
    const closed = await runCommand('sh', ['-c', 'exec "$0" "$@" >&- 2>&-', process.execPath, MAIN, 'check'], at);
    assert.equal(closed.code, 1);
  });

  it('workers that are terminated, another folder, a clean environment, and a coverage folder that is deleted: all is counted', async (t) => {
    const counts = `import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
const source = new URL('../src/sum.js', import.meta.url).href;
test('goes elsewhere', async () => {
  mkdirSync('coverage/tmp', { recursive: true });
  rmSync('coverage', { recursive: true });
  process.chdir('/');
  execFileSync(process.execPath, ['-e', \`import('\${source}').then(({ half }) => half(1))\`], { env: {} });
  const worker = new Worker(\`require('node:worker_threads').parentPort.postMessage(1); setInterval(() => {}, 1000)\`, { eval: true });
  await new Promise((done) => worker.once('message', done));
  await worker.terminate();
});`;
    const project = aProject(t, odd(counts));
    const { code, report } = await runJson(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 0, JSON.stringify(report.findings));
    assert.deepEqual(codesOf(report), []);
    assert.deepEqual(report.coverage.lines, { covered: 7, total: 7, pct: 100 });
  });
});
