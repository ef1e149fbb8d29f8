import { linkSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { METRICS, type FileCoverage } from '../../src/model/coverage.ts';
import { PACKAGE } from '../support/package.ts';
import { type Cost, cost, median } from './measure.ts';
import type { Project } from './project.ts';

export const C8 = join(createRequire(import.meta.url).resolve('c8/package.json'), '../bin/c8.js');
const V8 = join(PACKAGE, 'dist/src/runners/node-test/v8');

/** What is done with the coverage of one run, by c8 and by us, on the same recorded files. */
export type Recorded = {
  readonly rawFiles: number;
  readonly rawMb: number;
  readonly c8: { readonly cpuS: number; readonly rssMb: number | null };
  /**
   * `tailS` is the time on the clock of what is left when the last test has ended, in one thread; `slopeMb` is the growth of memory per coverage file.
   */
  readonly ours: { readonly cpuS: number; readonly rssMb: number | null; readonly tailS: number; readonly slopeMb: number };
  readonly metrics: number;
  readonly equal: number;
};

type Bench = Pick<Project, 'root' | 'node' | 'env'>;

/** Runs the suite once under coverage and keeps the raw files. */
export async function record(bench: Bench, raw: string): Promise<void> {
  await cost([bench.node, '--test'], { cwd: bench.root, env: { ...bench.env, NODE_V8_COVERAGE: raw } });
}

/** Measures c8 and us in turn on the recorded files; medians of the rounds. */
export async function measureRecorded(bench: Bench, raw: string, rounds: number): Promise<Recorded> {
  const names = readdirSync(raw);
  const c8: Cost[] = [];
  const ours: Processed[] = [];
  const few: Processed[] = [];
  const quarter = names.filter((_, i) => i % 4 === 0);
  for (let round = 0; round < rounds; round++) {
    c8.push(await c8Report(bench, raw));
    ours.push(await process(bench, raw, names));
    few.push(await process(bench, raw, quarter));
  }
  const peak = (all: readonly Processed[]): number => median(all.map(({ peakMb }) => peakMb));
  return {
    rawFiles: names.length,
    rawMb: names.reduce((sum, name) => sum + statSync(join(raw, name)).size, 0) / 1e6,
    c8: { cpuS: median(c8.map(({ cpuS }) => cpuS)), rssMb: c8[0]?.rssMb ?? null },
    ours: {
      cpuS: median(ours.map(({ cpuS }) => cpuS)),
      rssMb: peak(ours),
      tailS: median(ours.map(({ tailS }) => tailS)),
      slopeMb: (peak(ours) - peak(few)) / (names.length - quarter.length),
    },
    ...compare(c8Summary(bench.root), ours[0]?.files ?? [], bench.root),
  };
}

function c8Report({ root, node, env }: Bench, raw: string): Promise<Cost> {
  const globs = ['--all', '--src', 'src', '-n', 'src/**'];
  return cost([node, C8, 'report', '--temp-directory', raw, ...globs, '-r', 'json-summary', '-o', join(root, 'c8')], { cwd: root, env });
}

type Processed = { readonly cpuS: number; readonly peakMb: number; readonly tailS: number; readonly files: readonly FileCoverage[] };

/** The whole post-processing in a process of its own, as built: a TypeScript loader in it would be measured along. */
async function process({ root, node, env }: Bench, raw: string, names: readonly string[]): Promise<Processed> {
  const dir = join(root, 'taken');
  mkdirSync(dir);
  for (const name of names) linkSync(join(raw, name), join(dir, name));
  const late = names.slice(-3).map((name) => name.split('-')[1]);
  const { cpuS, stdout } = await cost([node, '--input-type=module', '-e', POST_PROCESS, V8, root, dir, ...(late as string[])], {
    cwd: root,
    env,
  });
  rmSync(dir, { recursive: true });
  return { cpuS, ...(JSON.parse(stdout) as Omit<Processed, 'cpuS'>) };
}

/** All files but the last three are taken while the tests run; the rest is the tail. */
const POST_PROCESS = `
const [v8, root, dir, ...late] = process.argv.slice(1);
const { keepHeapSmall } = await import(v8 + '/../../../system/heap.js');
const { openScanner } = await import(v8 + '/scan.js');
const { openCollector } = await import(v8 + '/collect.js');
const { openSources } = await import(v8 + '/c8.js');
const { wantedBy } = await import(v8 + '/wanted.js');
const { convert } = await import(v8 + '/convert.js');
const spec = { root, include: ['src/**'], exclude: [], testFiles: [] };
const sources = await openSources(spec);
// When all is loaded, as a check does.
keepHeapSmall(process.versions.node);
const scanner = openScanner(wantedBy(sources));
const collector = openCollector({ dir, scanner, isDead: (pid) => !late.includes(String(pid)) });
collector.poll();
const started = performance.now();
const { slicesOf, unusable } = collector.finish();
if (unusable.length > 0) throw new Error(JSON.stringify(unusable));
const { files } = await convert({ sources, slices: [...slicesOf.values()].flat(), sourceMaps: scanner.sourceMaps, read: scanner.read });
const tailS = (performance.now() - started) / 1000;
console.log(JSON.stringify({ tailS, peakMb: process.resourceUsage().maxRSS / 1024, files }));
`;

type Summary = Readonly<Record<string, Readonly<Record<string, { readonly total: number; readonly covered: number }>>>>;

function c8Summary(root: string): Summary {
  const { total: _, ...files } = JSON.parse(readFileSync(join(root, 'c8/coverage-summary.json'), 'utf8')) as Record<
    string,
    Summary[string]
  >;
  return files;
}

/** How many metrics of all files there are on either side, and how many are equal. */
function compare(c8: Summary, ours: readonly FileCoverage[], root: string): { metrics: number; equal: number } {
  const theirs = new Map(Object.entries(c8).map(([path, counts]) => [relative(root, path), counts]));
  const mine = new Map(ours.map((file) => [file.file, file]));
  const pairs = [...new Set([...theirs.keys(), ...mine.keys()])].flatMap((file) =>
    METRICS.map((metric) => [theirs.get(file)?.[metric], mine.get(file)?.[metric]] as const),
  );
  const equal = pairs.filter(([a, b]) => a !== undefined && a.covered === b?.covered && a.total === b.total).length;
  return { metrics: pairs.length, equal };
}
