import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isAlive } from '../../src/system/process-group.ts';
import { codesOf, MAIN, runCli, runJson, startCli } from '../support/cli.ts';
import { runCommand } from '../support/processes.ts';
import { aProject, testFile } from '../support/projects.ts';
import { leftovers, type Files } from '../support/repo.ts';

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

const FAULTS: readonly Fault[] = [
  {
    name: 'a promise that never settles',
    files: { ...within('2s'), ...odd("test('never', async () => { await new Promise(() => {}); });") },
    // Node before 24 notices that nothing is left to wait for.
    ...(major >= 24 ? { code: 3, says: /did not end within 2 s[^]*odd\.test\.js +never/ } : { code: 1, says: /odd\.test\.js:4 {2}never/ }),
  },
  {
    name: 'an endless loop, beside processes that ignore TERM, left the group or lost their parent',
    files: { ...within('1s'), ...odd(`${STUBBORN}\ntest('loops', () => { for (;;); });`) },
    code: 3,
    says: /did not end within 1 s and was stopped[^]*odd\.test\.js/,
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
    name: 'a test that aborts',
    files: odd("test('aborts', () => process.abort());"),
    code: 3,
    says: /was ended by SIGABRT: test\/odd\.test\.js/,
  },
  {
    name: 'a test without memory left',
    files: {
      ...script('node --max-old-space-size=30 --test'),
      ...odd("test('eats', () => { const a = []; for (;;) a.push({ a: [1, 2, 3] }); });"),
    },
    code: 3,
    says: /was ended by SIG\w+: test\/odd\.test\.js/,
  },
  {
    name: 'process.exit(0) at the top of a file',
    files: odd("process.exit(0);\ntest('fails', () => assert.fail());"),
    code: 1,
    says: /process\.exit\(0\) was called[^]*odd\.test\.js:4/,
  },
  {
    name: 'process.exit(0) while tests wait',
    files: odd("setTimeout(() => process.exit(0), 20);\ntest('waits', () => new Promise((done) => setTimeout(done, 9_000)));"),
    code: 1,
    says: /process\.exit\(0\) was called[^]*odd\.test\.js:4/,
  },
  {
    name: 'process.exit(0) in a hook',
    files: odd(
      "import { before } from 'node:test';\ndescribe('all', () => {\n  before(() => process.exit(0));\n  it('fails', () => assert.fail());\n});",
    ),
    code: 1,
    says: /process\.exit\(0\) was called[^]*odd\.test\.js:6/,
  },
  {
    name: 'a pattern that matches nothing',
    files: script("node --test 'nothing/**/*.test.js'"),
    code: 3,
    says: /No test file was found/,
  },
  {
    name: 'a test that is cancelled',
    files: odd("test('is cancelled', { signal: AbortSignal.timeout(50) }, () => new Promise((done) => setTimeout(done, 300)));"),
    code: 1,
    says: /odd\.test\.js:4 {2}is cancelled/,
  },
  {
    name: 'a test over its own time-out',
    files: odd("test('slow', { timeout: 50 }, () => new Promise((done) => setTimeout(done, 200)));"),
    code: 1,
    says: /odd\.test\.js:4 {2}slow/,
  },
  {
    name: 'a suite that stops its coverage',
    files: { 'test/sum.test.js': testFile("import { stopCoverage } from 'node:v8';\ntest('stops', () => stopCoverage());") },
    code: 3,
    says: /left no coverage|No coverage was measured/,
  },
];

describe('never green:', { concurrency: 2 }, () => {
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

describe('coverage that is lost with a process', { concurrency: 2 }, () => {
  for (const [name, body, count] of [
    ['killed from outside, or aborted', KILLED, 7],
    ['whose file is damaged', SPOILT, 13],
  ] as const) {
    it(`${name}: a note while the limits hold, exit 3 when they do not`, { timeout: 60_000 }, async (t) => {
      const project = aProject(t, { 'test/lost.test.js': body });
      const held = await runJson(['check'], { cwd: project.dir, env: project.env });
      assert.equal(held.code, 0, JSON.stringify(held.report.findings));
      assert.deepEqual(codesOf(held.report), ['note:coverage-partial']);
      assert.match(held.report.findings[0]?.message ?? '', new RegExp(`: ${count} processes left none`));
      assert.equal(held.report.coverage.lines.covered, 5, 'nothing of them counts');
      project.write({ 'pushgate.jsonc': { coverage: { floor: 80 } } });
      const missed = await runCli(['check'], { cwd: project.dir, env: project.env });
      assert.equal(missed.code, 3, missed.stdout);
      assert.match(missed.stdout, new RegExp(`A coverage limit does not hold, but ${count} processes left no coverage\\.`));
    });
  }

  it('because no file may grow is exit 3', async (t) => {
    const project = aProject(t, { 'pushgate.jsonc': { coverage: { floor: 70 } } });
    const limited = (limit: string) =>
      runCommand('sh', ['-c', `ulimit ${limit}; exec "$0" "$@"`, process.execPath, MAIN, 'check'], { cwd: project.dir, env: project.env });
    const ended = await limited('-f 8');
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.match(ended.stdout + ended.stderr, /\(exit 3\)\n$/);
    assert.deepEqual(leftovers(project), []);
  });
});

describe('no fault:', { concurrency: 2 }, () => {
  it('processes that outlive a suite that passed are ended, and keep nobody waiting', async (t) => {
    const leaves = `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
test('leaves some', () => {
  const pids = [{}, { detached: true }].map((how) => spawn('sleep', ['60'], { ...how, stdio: 'ignore' }));
  writeFileSync('pids', pids.map((child) => (child.unref(), child.pid)).join(' '));
});`;
    const project = aProject(t, odd(leaves));
    const ended = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(ended.code, 0, ended.stdout);
    assert.deepEqual(project.read('pids').split(' ').map(Number).filter(isAlive), []);
  });

  it('20 MB on standard output', async (t) => {
    const project = aProject(t, odd("test('writes', () => { for (let mb = 0; mb < 20; mb += 1) console.log('x'.repeat(1 << 20)); });"));
    const ended = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(ended.code, 0, ended.stdout);
  });

  it('a reader that goes away, or standard output and error that are closed', async (t) => {
    const project = aProject(t, odd("test('fails', () => assert.fail());"));
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
