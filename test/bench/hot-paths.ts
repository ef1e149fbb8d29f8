import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from 'tinybench';
import type { JudgeContext } from '../../src/gate/judge.ts';
import type { FileRecord } from '../../src/model/inputs.ts';
import { ALL_GATES } from '../../src/model/policy.ts';
import type { RawSlice, TestRun } from '../../src/model/test-run.ts';
import { aCoverage, aFileRun, aPolicy, aRun } from '../support/builders.ts';

const DIST = '../../dist/src';

/** Speeds of what pushgate does itself, in the Node that runs the benchmark: medians. */
export type Speeds = {
  readonly scanMbPerS: number;
  readonly mergeMsPer1000: number;
  /** Of 1000 test files with 18 inputs each, none of which changed. */
  readonly selectMs: number;
  /** Of 1000 test files with 17 tests each and 841 sources. */
  readonly judgeMs: number;
  readonly renderMs: number;
};

const FILES = 1000;
const INPUTS = 18;
const TESTS = 17;
const SOURCES = 841;

/** Measures scan and merge on recorded files in memory, the rest on a run made for it. */
export async function measureHotPaths(root: string, raw: string, timeMs = 1000): Promise<Speeds> {
  const bench = new Bench({ time: timeMs });
  const { mb, slices } = await addScanning(bench, root, raw);
  await addJudging(bench);
  await bench.run();
  const msOf = (name: string): number => {
    const result = bench.getTask(name)?.result;
    if (result === undefined || !('latency' in result)) throw new Error(`${name} was not measured.`);
    return result.latency.p50;
  };
  return {
    scanMbPerS: (mb / msOf('scan')) * 1000,
    mergeMsPer1000: (msOf('merge') / slices) * 1000,
    selectMs: msOf('select'),
    judgeMs: msOf('judge'),
    renderMs: msOf('render'),
  };
}

async function addScanning(bench: Bench, root: string, raw: string): Promise<{ mb: number; slices: number }> {
  const v8 = `${DIST}/runners/node-test/v8`;
  const { openScanner } = (await import(`${v8}/scan.js`)) as typeof import('../../src/runners/node-test/v8/scan.ts');
  const { openSources } = (await import(`${v8}/c8.js`)) as typeof import('../../src/runners/node-test/v8/c8.ts');
  const { wantedBy } = (await import(`${v8}/wanted.js`)) as typeof import('../../src/runners/node-test/v8/wanted.ts');
  const { fewestScripts } = (await import(`${v8}/merge.js`)) as typeof import('../../src/runners/node-test/v8/merge.ts');
  const wanted = wantedBy(await openSources({ root, include: ['src/**'], exclude: [], testFiles: [] }));
  const buffers = readdirSync(raw)
    .slice(0, 100)
    .map((name) => readFileSync(join(raw, name)));
  // One for the run, as in a run: what it has read is not parsed again to be merged.
  const scanner = openScanner(wanted);
  const slices: RawSlice[] = buffers.flatMap((buffer) => {
    const found = scanner.scan(buffer);
    return 'reason' in found ? [] : found.slices.map((slice) => ({ ...slice, count: 1 }));
  });
  bench.add('scan', () => {
    const { scan } = openScanner(wanted);
    for (const buffer of buffers) scan(buffer);
  });
  bench.add('merge', () => void fewestScripts(slices, scanner.read));
  return { mb: buffers.reduce((sum, buffer) => sum + buffer.length, 0) / 1e6, slices: slices.length };
}

async function addJudging(bench: Bench): Promise<void> {
  const { judge } = (await import(`${DIST}/gate/judge.js`)) as typeof import('../../src/gate/judge.ts');
  const { select } = (await import(`${DIST}/insight/select.js`)) as typeof import('../../src/insight/select.ts');
  const { renderVerdict } = (await import(`${DIST}/report/terminal.js`)) as typeof import('../../src/report/terminal.ts');
  const { contextOf } = (await import(`${DIST}/report/context.js`)) as typeof import('../../src/report/context.ts');
  const { coloursFor } = (await import(`${DIST}/report/colours.js`)) as typeof import('../../src/report/colours.ts');
  const run = largeRun();
  const policy = aPolicy({ coverage: { floor: { lines: 95 }, perFile: { lines: 60 } } });
  const context: JudgeContext = { gates: ALL_GATES, today: '2026-11-21', ci: false, passOnUnpruned: false };
  const verdict = judge(run, policy, { checkpoint: null }, context);
  const words = contextOf({ policy, whereIs: (key) => key });
  const records = new Map(run.files.map((file, i) => [file.file, recordOf(file, i)]));
  const kept = { key: new Map([['node', '24']]), records };
  const now = { files: [...records.keys()], key: kept.key, stateOf: () => 'hash', always: () => false };
  bench.add('select', () => void select(kept, now));
  bench.add('judge', () => void judge(run, policy, { checkpoint: null }, context));
  bench.add('render', () => void renderVerdict(verdict, words, { colours: coloursFor(true), detail: 'normal' }));
}

function largeRun(): TestRun {
  const files = Array.from({ length: FILES }, (_, i) =>
    aFileRun(
      `test/f${i}.test.js`,
      Array.from({ length: TESTS }, (_each, k) => ({ name: `does thing ${k}` })),
    ),
  );
  const sources = Array.from({ length: SOURCES }, (_, i) => [`src/m${i}.js`, [60 + (i % 90), 150]] as const);
  return aRun(files, { coverage: aCoverage(Object.fromEntries(sources)) });
}

function recordOf(run: FileRecord['run'], i: number): FileRecord {
  const inputs = Array.from({ length: INPUTS }, (_, k) => [`file src/m${(i * 7 + k * 13) % SOURCES}.js`, 'hash'] as const);
  return { run, states: new Map(inputs), untracked: null };
}
