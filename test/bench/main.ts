import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sizeOf } from './generate.ts';
import { type Figures, type Goal, NOISE_LIMIT, goalsOf } from './goals.ts';
import { measureHotPaths } from './hot-paths.ts';
import { measureIncremental } from './incremental.ts';
import { makeProject, type Project } from './project.ts';
import { measureRecorded, record } from './recorded.ts';
import { wordOf, writeResult, WAY_NAMES } from './results.ts';
import { measureStart, measureSuite, WAYS, type Suite } from './suite.ts';

// Whole processes in turn, CPU time of the whole tree, medians. Exit code: 0 all goals held, 1 a goal missed, 3 too noisy to tell.
const { values } = parseArgs({
  options: {
    /** Test files of the project that is generated. */
    files: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    node: { type: 'string', default: process.execPath },
    /** What is measured: any of recorded, suite, incremental. */
    parts: { type: 'string', default: 'recorded,suite,incremental' },
    /** Where the result goes, beside those of other sizes and versions of Node. */
    out: { type: 'string', default: 'bench-results.local.json' },
  },
});
const parts = new Set(values.parts.split(','));
const [testFiles, rounds] = [Number(values.files), Number(values.rounds)];

async function measure(dir: string): Promise<Figures> {
  say(`a project of ${testFiles} test files`);
  const size = sizeOf(testFiles);
  const project = makeProject(dir, values.node, size);
  const fromRecorded = parts.has('recorded') ? await measureRaw(project, join(dir, 'raw')) : { recorded: null, speeds: null, start: null };
  if (parts.has('suite')) say(`${rounds} rounds of ${WAYS.join(', ')}`);
  const suite = parts.has('suite') ? await measureSuite(project, rounds) : null;
  if (parts.has('incremental')) say('a full run, edits, a full run');
  const incremental = parts.has('incremental') ? await measureIncremental(project, size.modules) : null;
  return { node: versionOf(values.node), testFiles, ...fromRecorded, suite, incremental };
}

async function measureRaw(project: Project, raw: string): Promise<Pick<Figures, 'recorded' | 'speeds' | 'start'>> {
  say('recording one run');
  await record(project, raw);
  say('c8 and pushgate on the recorded files');
  const recorded = await measureRecorded(project, raw, Math.max(3, rounds));
  const speeds = await measureHotPaths(project.root, raw);
  const start = await measureStart(project);
  rmSync(raw, { recursive: true });
  return { recorded, speeds, start };
}

function versionOf(node: string): string {
  return execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
}

function say(step: string): void {
  process.stderr.write(`… ${step}\n`);
}

function show({ recorded, suite }: Figures, goals: readonly Goal[], machine: string): void {
  const lines = [
    machine,
    ...(recorded === null
      ? []
      : [
          `recorded: ${recorded.rawFiles} files, ${recorded.rawMb.toFixed(1)} MB; c8 report ${recorded.c8.cpuS.toFixed(2)} s CPU, ${recorded.c8.rssMb?.toFixed(0) ?? '?'} MB; ` +
            `pushgate ${recorded.ours.cpuS.toFixed(2)} s CPU, ${recorded.ours.rssMb?.toFixed(0) ?? '?'} MB, ${(recorded.ours.tailS * 1000).toFixed(0)} ms after the last test`,
        ]),
    ...(suite === null ? [] : [...suiteRows(suite), '']),
    '| goal | | bound | measured | |',
    '|---|---|---|---|---|',
    ...goals.map(({ id, goal, bound, figure, verdict }) => `| ${id} | ${goal} | ${bound} | ${figure} | ${wordOf(verdict)} |`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function suiteRows({ costs, noise }: Suite): string[] {
  const rows = WAYS.map((way) => {
    const { cpuS, wallS, rssMb } = costs[way];
    const ratio = (cpuS / costs.bare.cpuS).toFixed(3);
    return `| ${WAY_NAMES[way]} | ${cpuS.toFixed(1)} | ${ratio} | ${wallS.toFixed(1)} | ${rssMb?.toFixed(0) ?? '?'} |`;
  });
  const noisy = noise > NOISE_LIMIT ? `noisy: the bare runs differ by ${noise.toFixed(2)}x, so G3, G4 and G8 are not judged` : '';
  return ['', '| | CPU s | ratio | wall s | peak MB |', '|---|---|---|---|---|', ...rows, noisy];
}

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'bench-')));
try {
  const before = loadavg()[0] ?? 0;
  const figures = await measure(dir);
  const after = loadavg()[0] ?? 0;
  const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? process.arch}, ${process.platform}`;
  const goals = goalsOf(figures);
  show(figures, goals, `Node ${figures.node}, ${machine}, load ${before.toFixed(2)} before and ${after.toFixed(2)} after`);
  writeResult(values.out, { machine, load: [before, after], rounds, figures });
  const noisy = figures.suite !== null && figures.suite.noise > NOISE_LIMIT;
  process.exitCode = goals.some(({ verdict }) => verdict === false) ? 1 : noisy ? 3 : 0;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
