import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { generate, sizeOf } from './generate.ts';
import { type Figures, type Goal, NOISE_LIMIT, goalsOf } from './goals.ts';
import { measureRecorded, record } from './recorded.ts';
import { measureScanner } from './scanner.ts';
import { measureStart, measureSuite } from './suite.ts';

// Whole processes in turn, CPU time of the whole tree, medians. Exit code: 0 all goals held, 1 a goal missed, 3 too noisy to tell.
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    node: { type: 'string', default: process.execPath },
    'recorded-only': { type: 'boolean', default: false },
  },
});

async function measure(root: string): Promise<Figures> {
  const [testFiles, rounds, node] = [Number(values.files), Number(values.rounds), values.node];
  const env = { ...cleanEnv(), PATH: `${dirname(node)}:${process.env['PATH']}` };
  const raw = join(root, '..', 'raw');
  const bench = { root, node, env };
  say(`a project of ${testFiles} test files`);
  generate(root, sizeOf(testFiles));
  say('recording one run');
  await record(bench, raw);
  say('c8 and pushgate on the recorded files');
  const recorded = await measureRecorded(bench, raw, Math.max(3, rounds));
  const speeds = await measureScanner(root, raw);
  const start = await measureStart(bench);
  rmSync(raw, { recursive: true });
  if (!values['recorded-only']) say(`${rounds} rounds of bare, pushgate check, c8`);
  return { testFiles, recorded, speeds, start, suite: values['recorded-only'] ? null : await measureSuite(bench, rounds) };
}

/** The environment without what a test runner or a hook left in it. */
function cleanEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, NODE_V8_COVERAGE: ___, NODE_COMPILE_CACHE: ____, ...env } = process.env;
  return env;
}

function say(step: string): void {
  process.stderr.write(`… ${step}\n`);
}

function show(figures: Figures, goals: readonly Goal[], machine: string): void {
  const { recorded, suite } = figures;
  const lines = [
    machine,
    `recorded: ${recorded.rawFiles} files, ${recorded.rawMb.toFixed(1)} MB; c8 report ${recorded.c8.cpuS.toFixed(2)} s CPU, ${recorded.c8.rssMb?.toFixed(0) ?? '?'} MB; ` +
      `pushgate ${recorded.ours.cpuS.toFixed(2)} s CPU, ${recorded.ours.rssMb?.toFixed(0) ?? '?'} MB, ${(recorded.ours.tailS * 1000).toFixed(0)} ms after the last test`,
    ...(suite === null ? [] : [...suiteRows(suite), '']),
    '| goal | | bound | measured | |',
    '|---|---|---|---|---|',
    ...goals.map(({ id, goal, bound, figure, verdict }) => `| ${id} | ${goal} | ${bound} | ${figure} | ${markOf(verdict)} |`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function suiteRows(suite: NonNullable<Figures['suite']>): string[] {
  const rows = (['bare', 'gate', 'c8'] as const).map((name) => {
    const { cpuS, wallS, rssMb } = suite[name];
    const ratio = (cpuS / suite.bare.cpuS).toFixed(3);
    return `| ${{ bare: '`node --test`', gate: '`pushgate check`', c8: '`c8 --all --check-coverage`' }[name]} | ${cpuS.toFixed(1)} | ${ratio} | ${wallS.toFixed(1)} | ${rssMb?.toFixed(0) ?? '?'} |`;
  });
  const noisy = suite.noise > NOISE_LIMIT ? `noisy: the bare runs differ by ${suite.noise.toFixed(2)}x, so G3 and G4 are not judged` : '';
  return ['', '| | CPU s | ratio | wall s | peak MB |', '|---|---|---|---|---|', ...rows, noisy];
}

function markOf(verdict: boolean | null): string {
  if (verdict === null) return 'not judged';
  return verdict ? '✔' : '✖';
}

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'bench-')));
try {
  const root = join(dir, 'project');
  mkdirSync(root);
  const before = loadavg()[0] ?? 0;
  const figures = await measure(root);
  const version = execFileSync(values.node, ['--version'], { encoding: 'utf8' }).trim();
  const machine = `Node ${version}, ${cpus().length} cores, load ${before.toFixed(2)} before and ${(loadavg()[0] ?? 0).toFixed(2)} after`;
  const goals = goalsOf(figures);
  show(figures, goals, machine);
  writeFileSync('bench-results.local.json', `${JSON.stringify({ machine, figures, goals }, null, 2)}\n`);
  const noisy = figures.suite !== null && figures.suite.noise > NOISE_LIMIT;
  process.exitCode = goals.some(({ verdict }) => verdict === false) ? 1 : noisy ? 3 : 0;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
