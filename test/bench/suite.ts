import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MAIN } from '../support/cli.ts';
import { type Cost, cost, median, spread } from './measure.ts';
import type { Project } from './project.ts';
import { C8 } from './recorded.ts';

/**
 * Ways to run the suite: alone; with V8 writing coverage that nobody reads; under pushgate (as a user has it, without turbo, and without
 * turbo or a store); under c8; with Node's own coverage.
 */
export const WAYS = ['bare', 'raw', 'gate', 'plain', 'unkept', 'c8', 'node'] as const;
export type Way = (typeof WAYS)[number];

/** Whole runs of the suite, medians of interleaved rounds. */
export type Suite = {
  readonly costs: Readonly<Record<Way, Cost>>;
  /** Largest over smallest CPU time of the bare runs: how much of a difference is noise. */
  readonly noise: number;
  /** Most bytes of raw coverage that stood on the disk at one time, in MB. */
  readonly peakRawMb: number;
};

/** How pushgate is called so that it runs everything. */
const CHECK = [MAIN, 'check', '--full', '--no-stamp'];

/** Runs the suite in all ways in turn, so that a change of the machine's mood meets all of them. */
export async function measureSuite(project: Project, rounds: number): Promise<Suite> {
  const { node } = project;
  const temp = join(project.root, '..', 'temp');
  mkdirSync(temp, { recursive: true });
  const unread = join(temp, 'unread');
  let peakRawMb = 0;
  const onSample = (): void => void (peakRawMb = Math.max(peakRawMb, rawMbIn(temp)));
  const watch = { cwd: project.root, env: { ...project.env, TMPDIR: temp } };
  const limits = ['--all', '--check-coverage', '--lines', '1', '-n', 'src/**', '-o', join(project.root, 'c8')];
  const ways: Readonly<Record<Way, () => Promise<Cost>>> = {
    bare: () => cost([node, '--test'], watch),
    raw: () => cost([node, '--test'], { ...watch, env: { ...watch.env, NODE_V8_COVERAGE: unread } }),
    gate: () => cost([node, ...CHECK], { ...watch, onSample }),
    plain: () => cost([node, ...CHECK, '--config', 'plain.jsonc'], { ...watch, onSample }),
    unkept: () => cost([node, ...CHECK, '--config', 'plain.jsonc'], { ...watch, cwd: project.outside, onSample }),
    c8: () => cost([node, C8, ...limits, node, '--test'], watch),
    node: () => cost([node, '--experimental-test-coverage', '--test'], watch),
  };
  // The first run finds out whether turbo may be used here, the second fills its cache: both once per machine and project.
  for (let run = 0; run < 2; run += 1) await ways.gate();
  const all = Object.fromEntries(WAYS.map((way) => [way, [] as Cost[]])) as Record<Way, Cost[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const way of WAYS) {
      process.stderr.write(`… round ${round + 1} of ${rounds}: ${way}   \r`);
      all[way].push(await ways[way]());
      for (const left of [unread, join(project.root, 'c8')]) rmSync(left, { recursive: true, force: true });
    }
  }
  return {
    costs: Object.fromEntries(WAYS.map((way) => [way, middle(all[way])])) as Record<Way, Cost>,
    noise: spread(all.bare.map(({ cpuS }) => cpuS)),
    peakRawMb,
  };
}

function middle(costs: readonly Cost[]): Cost {
  const rss = costs.map(({ rssMb }) => rssMb).filter((mb) => mb !== null);
  return {
    cpuS: median(costs.map(({ cpuS }) => cpuS)),
    wallS: median(costs.map(({ wallS }) => wallS)),
    rssMb: rss.length === 0 ? null : median(rss),
    stdout: '',
  };
}

/** Size of the coverage files below a folder; files that vanish while it is looked at count nothing. */
export function rawMbIn(folder: string): number {
  let bytes = 0;
  for (const name of namesBelow(folder)) {
    if (/coverage-\d+-\d+-\d+\.json$/.test(name)) bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes / 1e6;
}

function namesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true }) as string[];
  } catch {
    return []; // A folder in it went while it was read.
  }
}

/** CPU time of `pushgate --version` over that of `node -e 0`. */
export async function measureStart({ root, node, env }: Project): Promise<number> {
  const costs: [number, number][] = [];
  for (let round = 0; round < 3; round += 1) {
    const ours = await cost(tenTimes(`"${node}" "${MAIN}" --version`), { cwd: dirname(root), env });
    const none = await cost(tenTimes(`"${node}" -e 0`), { cwd: dirname(root), env });
    costs.push([ours.cpuS, none.cpuS]);
  }
  return median(costs.map(([ours]) => ours)) / median(costs.map(([, none]) => none));
}

/** Ten starts at once: the shell counts CPU time in steps of 10 ms. */
function tenTimes(command: string): string[] {
  return ['sh', '-c', `for i in 1 2 3 4 5 6 7 8 9 10; do ${command} >/dev/null; done`];
}
