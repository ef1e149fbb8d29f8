import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Figures, type Goal, goalsOf } from './goals.ts';
import type { Cost } from './measure.ts';
import { WAYS, type Way } from './suite.ts';

/** What was measured of one size and version of Node, and the circumstances of the last call that measured a part of it. */
export type Result = {
  readonly machine: string;
  /** Load of the machine, before and after. */
  readonly load: readonly [number, number];
  readonly rounds: number;
  readonly figures: Figures;
  readonly goals: readonly (Omit<Goal, 'verdict'> & { readonly verdict: 'held' | 'missed' | 'not judged' })[];
};

/** The results that a file holds; none when there is no such file. */
export function readResults(path: string): Result[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Result[]) : [];
}

const keyOf = ({ figures }: Pick<Result, 'figures'>): string =>
  `${figures.node.split('.')[0]} ${String(figures.testFiles).padStart(6, '0')}`;

/** Writes a result in the place of an older one of the same major version of Node and the same size; parts it left out stay as they were. */
export function writeResult(path: string, result: Omit<Result, 'goals'>): void {
  const results = new Map(readResults(path).map((each) => [keyOf(each), each]));
  const key = keyOf(result);
  const figures = together(results.get(key)?.figures, result.figures);
  const goals = goalsOf(figures).map((goal) => ({ ...goal, verdict: wordOf(goal.verdict) }));
  results.set(key, { ...result, figures, goals });
  const sorted = [...results.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`);
}

function together(before: Figures | undefined, now: Figures): Figures {
  const measured = Object.entries(now).filter(([, part]) => part !== null);
  return { ...(before ?? now), ...Object.fromEntries(measured) };
}

export function wordOf(verdict: boolean | null): Result['goals'][number]['verdict'] {
  return verdict === null ? 'not judged' : verdict ? 'held' : 'missed';
}

export const WAY_NAMES: Readonly<Record<Way, string>> = {
  bare: '`node --test`',
  raw: "the same with V8's coverage written and not read",
  gate: '`pushgate check`',
  plain: '`pushgate check`, `"turbo": false`',
  unkept: 'the same outside a repository',
  c8: '`c8 --all --check-coverage`',
  node: '`node --experimental-test-coverage`',
};

const INTRODUCTION =
  '`npm run bench` generates a project (17 tests in each test file, lodash in nearly all, the TypeScript compiler in one of ten) and runs whole processes in turn. CPU is user ' +
  'and system time of the whole process tree, the median of all rounds (after a small edit, of five). `bench-results.json` has the machine, its load, and every goal with its bound. ' +
  "Much of what is added is V8's own, as the second row shows. Raw coverage on disk never exceeds a few megabytes, " +
  'because it is read and deleted while the suite runs.';

/** What the README says about speed, of these results alone. */
export function howFast(results: readonly Result[]): string {
  return [INTRODUCTION, runsOf(results), recordedOf(results), incrementalOf(results)].filter((part) => part !== '').join('\n\n');
}

/** A row for each way to run the suite, three columns for each result. */
function runsOf(results: readonly Result[]): string {
  const measured = results.flatMap(({ figures: { node, suite, testFiles } }) => (suite === null ? [] : [{ node, testFiles, suite }]));
  if (measured.length === 0) return '';
  const heads = measured.flatMap(({ node, testFiles }) => [`Node ${node}, ${testFiles} files: CPU`, 'against bare', 'peak memory']);
  return table(
    ['', ...heads],
    WAYS.map((way) => [WAY_NAMES[way], ...measured.flatMap(({ suite }) => cellsOf(suite.costs[way], suite.costs.bare))]),
  );
}

/** A way that an older result did not try is left open. */
function cellsOf(cost: Cost | undefined, bare: Cost): string[] {
  if (cost === undefined) return ['–', '–', '–'];
  const { cpuS, rssMb } = cost;
  return [`${cpuS.toFixed(1)} s`, (cpuS / bare.cpuS).toFixed(2), rssMb === null ? '–' : `${Math.round(rssMb)} MB`];
}

function recordedOf(results: readonly Result[]): string {
  const largest = largestWith(results, ({ recorded }) => recorded !== null)?.figures;
  if (largest?.recorded == null) return '';
  const { rawFiles, rawMb, c8, ours, metrics, equal } = largest.recorded;
  return (
    `On the same recorded coverage (${rawFiles} files, ${Math.round(rawMb)} MB, Node ${largest.node}) c8's report takes ${c8.cpuS.toFixed(1)} s of CPU, ` +
    `pushgate's whole share ${ours.cpuS.toFixed(1)} s, of which ${ours.tailS.toFixed(2)} s are left when the last test has ended; ` +
    `${equal} of ${metrics} figures of all files are equal.`
  );
}

function incrementalOf(results: readonly Result[]): string {
  const largest = largestWith(results, ({ incremental }) => incremental !== null)?.figures;
  if (largest?.incremental == null) return '';
  const { edits, fullCpuS } = largest.incremental;
  const rows = edits.map(({ name, cpuS, affected }) => {
    return [name, `${affected} of ${largest.testFiles}`, `${cpuS.toFixed(1)} s`, `${((cpuS / fullCpuS) * 100).toFixed(1)} %`];
  });
  return table(['changed since the last check', 'test files that ran', `CPU (Node ${largest.node})`, 'of a full run'], rows);
}

function largestWith(results: readonly Result[], has: (figures: Figures) => boolean): Result | undefined {
  return results.filter(({ figures }) => has(figures)).toSorted((a, b) => b.figures.testFiles - a.figures.testFiles)[0];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`.replace('|  |', '| |')).join('\n');
}
