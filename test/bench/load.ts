import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { MAIN } from '../support/cli.ts';

// Gates on an unchanged suite while every core is kept busy by other processes, then with one test really slow. A gate by the wall clock gives
// what it would have been by the calibrated one with it, so that one measurement is judged by both; `--clock calibrated` runs it for real.
// Exit code: 0 no false failure by either and nothing missed, else 1.
const { values } = parseArgs({
  options: {
    gates: { type: 'string', default: '20' },
    /** Processes that only compute. */
    hogs: { type: 'string', default: String(cpus().length) },
    /** CPU seconds of the test that computes; the limit is 1 s. */
    work: { type: 'string', default: '0.3' },
    /** How the slow test spends its 4 s: `wait` or `compute`. */
    slow: { type: 'string', default: 'wait' },
    clock: { type: 'string', default: 'wall' },
    suites: { type: 'string', default: 'unchanged,slow' },
  },
});

const LIMIT_S = 1;
const TOO_SLOW_S = LIMIT_S + 3;

/** Computes until whoever started it is gone. */
const HOG = 'const parent = process.ppid; while (process.ppid === parent) for (let i = 0; i < 1e7; i += 1);';

/** A fixed amount of work: so many rounds as took that long of processor time when they were counted. */
const COMPUTE = `export function compute(rounds) {
  let hash = 7;
  for (let round = 0; round < rounds; round += 1)
    for (let i = 0; i < 10_000; i += 1) hash = (Math.imul(hash, 31) + i) | 0;
  return hash;
}
`;

function roundsFor(cpuS: number): number {
  const counted = 3_000;
  const script = `${COMPUTE.replace('export ', '')}
    compute(500); const start = process.cpuUsage(); compute(${counted});
    const { user } = process.cpuUsage(start); console.log(user / 1e6);`;
  const tookS = Math.min(...[1, 2, 3].map(() => Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))));
  return Math.round((counted * cpuS) / tookS);
}

type Suite = { readonly clock: string; readonly rounds: number; readonly slow: string; readonly limitS?: number };

function write(root: string, { clock, rounds, slow, limitS = LIMIT_S }: Suite): void {
  const files: Record<string, string> = {
    'package.json': JSON.stringify({ name: 'load', private: true, type: 'module', scripts: { test: 'node --test' } }),
    'pushgate.jsonc': JSON.stringify({ coverage: { floor: 50 }, slow: { limit: `${limitS}s` }, limits: { clock } }),
    'src/compute.js': COMPUTE,
    'test/wait.test.js': `import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
test('waits', () => wait(300));
test('waits again', () => wait(300));
`,
    'test/compute.test.js': `import { test } from 'node:test';
import { compute } from '../src/compute.js';
test('computes', () => void compute(${rounds}));
`,
    'test/slow.test.js': `import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { compute } from '../src/compute.js';
test('is slow', async () => { ${slow} });
`,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  execFileSync('git', ['-C', root, 'add', '--all']);
  execFileSync('git', ['-C', root, '-c', 'user.name=b', '-c', 'user.email=b@b', 'commit', '--quiet', '--allow-empty', '-m', 'State']);
}

/** A test that a gate named as slow, by both clocks; where the machine was no slower they are one. */
type Slow = { readonly file: string; readonly hereMs: number; readonly thereMs: number };

type Gate = { readonly code: number; readonly slow: readonly Slow[]; readonly factor: number | null };

/** One gate as a user runs it, of everything; the environment is that of a terminal. */
function gate(root: string): Promise<Gate> {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, NODE_V8_COVERAGE: ___, CI: ____, ...env } = process.env;
  return new Promise((done, fail) => {
    const options = { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
    const child = spawn(process.execPath, [MAIN, 'check', '--full', '--no-stamp', '--json'], options);
    let text = '';
    child.stdout.on('data', (part: Buffer) => void (text += part.toString()));
    child.on('error', fail);
    child.on('close', (code) => {
      const { findings, run } = JSON.parse(text) as Report;
      const slow = findings
        .filter((finding) => finding.code === 'new-slow-test')
        .map(({ file, actual, hereMs = actual, referenceMs = actual }) => ({ file, hereMs, thereMs: referenceMs }));
      done({ code: code ?? -1, slow, factor: run?.machine?.slower ?? null });
    });
  });
}

type Report = {
  readonly findings: readonly { code: string; file: string; actual: number; hereMs?: number; referenceMs?: number }[];
  readonly run: { readonly machine?: { readonly slower: number | null } } | null;
};

async function series(root: string, gates: number): Promise<Gate[]> {
  const results: Gate[] = [];
  for (let round = 0; round < gates; round += 1) {
    const startedMs = performance.now();
    const ended = await gate(root);
    results.push(ended);
    const slow = ended.slow.map(({ file, hereMs, thereMs }) => `${file} ${hereMs.toFixed(0)} here ${thereMs.toFixed(0)} there`);
    process.stderr.write(
      `… ${round + 1}/${gates} ${((performance.now() - startedMs) / 1_000).toFixed(0)} s: exit ${ended.code}, factor ${ended.factor?.toFixed(2) ?? '–'}, load ${(loadavg()[0] ?? 0).toFixed(1)}, ${slow.join(', ') || 'nothing slow'}\n`,
    );
  }
  return results;
}

/** What a series comes to by one clock. */
function row(name: string, clock: string, gates: readonly Gate[], slowFile: string | null): string {
  const over = ({ hereMs, thereMs }: Slow): boolean => (clock === 'wall' ? hereMs : thereMs) > LIMIT_S * 1_000;
  const falsely = gates.filter(({ slow }) => slow.some((each) => each.file !== slowFile && over(each))).length;
  const caught = gates.filter(({ slow }) => slow.some((each) => each.file === slowFile && over(each))).length;
  const odd = gates.filter(({ code }) => code > 1).length;
  return `| ${name} | ${clock} | ${falsely} of ${gates.length} | ${slowFile === null ? '' : `${caught} of ${gates.length}`} | ${odd} |`;
}

async function main(root: string, hogs: ChildProcess[]): Promise<string[]> {
  const { clock } = values;
  const rounds = roundsFor(Number(values.work));
  const quick = 'await wait(300);';
  const tooSlow = values.slow === 'compute' ? `compute(${roundsFor(TOO_SLOW_S)});` : `await wait(${TOO_SLOW_S * 1_000});`;
  execFileSync('git', ['-C', root, 'init', '--quiet']);
  // The pass that leaves the reference, whatever else goes on here; the gates judge a commit after it.
  write(root, { clock, rounds, slow: quick, limitS: 60 });
  const first = await gate(root);
  if (first.code !== 0) throw new Error(`The first gate does not pass: exit ${first.code}`);
  for (let i = 0; i < Number(values.hogs); i += 1) hogs.push(spawn(process.execPath, ['-e', HOG], { stdio: 'ignore' }));
  const rows: string[] = [];
  for (const suite of values.suites.split(',')) {
    const slowFile = suite === 'slow' ? 'test/slow.test.js' : null;
    write(root, { clock, rounds, slow: slowFile === null ? quick : tooSlow });
    const gates = await series(root, Number(values.gates));
    for (const judgedBy of clock === 'wall' ? ['wall', 'calibrated'] : ['calibrated']) rows.push(row(suite, judgedBy, gates, slowFile));
  }
  return rows;
}

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'load-')));
const hogs: ChildProcess[] = [];
try {
  const rows = await main(dir, hogs);
  const lines = [
    `${cpus().length} cores, ${values.hogs} other processes computing, load ${(loadavg()[0] ?? 0).toFixed(1)}; the test that computes takes ${values.work} s of CPU, the limit is ${LIMIT_S} s`,
    '| suite | clock | stopped falsely | slow test caught | no verdict |',
    '|---|---|---|---|---|',
    ...rows,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const isBad = rows.some((line) => !/\| 0 of \d+ \| (?:|(\d+) of \1) \| 0 \|$/.test(line));
  process.exitCode = isBad ? 1 : 0;
} finally {
  for (const hog of hogs) hog.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}
