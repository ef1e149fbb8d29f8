import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { WAYS, type Way } from './suite.ts';
import type { Goal } from './goals.ts';
import type { Figures } from './goals.ts';

/** What one call of the benchmark measured, and under what circumstances. */
export type Result = {
  readonly node: string;
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

const keyOf = ({ node, figures }: Result): string => `${node.split('.')[0]} ${String(figures.testFiles).padStart(6, '0')}`;

/** Writes a result in the place of an older one of the same major version of Node and the same size; parts it left out stay. */
export function writeResult(path: string, result: Result): void {
  const results = new Map(readResults(path).map((each) => [keyOf(each), each]));
  results.set(keyOf(result), result);
  const sorted = [...results.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`);
}

export function wordOf(verdict: boolean | null): Result['goals'][number]['verdict'] {
  return verdict === null ? 'not judged' : verdict ? 'held' : 'missed';
}

export const WAY_NAMES: Readonly<Record<Way, string>> = {
  bare: '`node --test`',
  gate: '`pushgate check`',
  plain: '`pushgate check`, `"turbo": false`',
  unkept: 'the same outside a repository',
  c8: '`c8 --all --check-coverage`',
  node: '`node --experimental-test-coverage`',
};

/** The README's table of whole runs: a row for each way, a group of columns for each result. */
export function tableOf(results: readonly Result[]): string {
  const measured = results.flatMap(({ node, figures: { suite, testFiles } }) => (suite === null ? [] : [{ node, testFiles, suite }]));
  const heads = measured.flatMap(({ node, testFiles }) => [`Node ${node}, ${testFiles} files: CPU`, 'against bare', 'peak memory']);
  const rows = WAYS.map((way) => [WAY_NAMES[way], ...measured.flatMap(({ suite }) => cellsOf(suite, way))]);
  return [['', ...heads], ['', ...heads].map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`.replace('|  |', '| |'))
    .join('\n');
}

function cellsOf({ costs }: NonNullable<Figures['suite']>, way: Way): string[] {
  const { cpuS, rssMb } = costs[way];
  return [`${cpuS.toFixed(1)} s`, (cpuS / costs.bare.cpuS).toFixed(2), rssMb === null ? '–' : `${Math.round(rssMb)} MB`];
}

/** The README's table of incremental runs, from the largest project measured. */
export function incrementalTableOf(results: readonly Result[]): string {
  const [largest] = results
    .filter(({ figures }) => figures.incremental !== null)
    .toSorted((a, b) => b.figures.testFiles - a.figures.testFiles);
  const incremental = largest?.figures.incremental;
  if (largest === undefined || incremental == null) return '';
  const rows = incremental.edits.map(({ name, cpuS, affected }) => [
    name,
    `${affected} of ${largest.figures.testFiles}`,
    `${cpuS.toFixed(1)} s`,
    `${((cpuS / incremental.fullCpuS) * 100).toFixed(1)} %`,
  ]);
  const head = ['changed since the last check', 'test files that ran', `CPU (Node ${largest.node})`, 'of a full run'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
