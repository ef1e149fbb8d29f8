import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Cost, cost, median, spread } from './measure.ts';
import { C8 } from './recorded.ts';

const CLI = join(import.meta.dirname, '../../dist/src/cli/main.js');

/** Whole runs of the suite, medians of interleaved rounds. */
export type Suite = {
  readonly bare: Cost;
  readonly gate: Cost;
  readonly c8: Cost;
  /** Largest over smallest CPU time of the bare runs: how much of a difference is noise. */
  readonly noise: number;
  /** Most bytes of raw coverage that stood on the disk at one time, in MB. */
  readonly gatePeakRawMb: number;
};

type Bench = { readonly root: string; readonly node: string; readonly env: NodeJS.ProcessEnv };

/** Runs bare, gate and c8 in turn, so that a change of the machine's mood meets all three. */
export async function measureSuite({ root, node, env }: Bench, rounds: number): Promise<Suite> {
  const temp = join(root, '..', 'temp');
  mkdirSync(temp, { recursive: true });
  const costs = { bare: [] as Cost[], gate: [] as Cost[], c8: [] as Cost[] };
  let gatePeakRawMb = 0;
  const onSample = (): void => void (gatePeakRawMb = Math.max(gatePeakRawMb, rawMbIn(temp)));
  for (let round = 0; round < rounds; round++) {
    costs.bare.push(await cost([node, '--test'], { cwd: root, env }));
    costs.gate.push(await cost([node, CLI, 'check'], { cwd: root, env: { ...env, TMPDIR: temp }, onSample }));
    const limits = ['--all', '--check-coverage', '--lines', '1', '-n', 'src/**', '-o', join(root, 'c8')];
    costs.c8.push(await cost([node, C8, ...limits, node, '--test'], { cwd: root, env }));
    rmSync(join(root, 'c8'), { recursive: true, force: true });
  }
  return {
    bare: middle(costs.bare),
    gate: middle(costs.gate),
    c8: middle(costs.c8),
    noise: spread(costs.bare.map(({ cpuS }) => cpuS)),
    gatePeakRawMb,
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
function rawMbIn(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    if (/coverage-\d+-\d+-\d+\.json$/.test(name)) bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes / 1e6;
}

/** CPU time of `pushgate --version` over that of `node -e 0`. */
export async function measureStart({ root, node, env }: Bench): Promise<number> {
  const costs: [number, number][] = [];
  for (let round = 0; round < 3; round++) {
    const ours = await cost(tenTimes(`"${node}" "${CLI}" --version`), { cwd: root, env });
    const none = await cost(tenTimes(`"${node}" -e 0`), { cwd: root, env });
    costs.push([ours.cpuS, none.cpuS]);
  }
  return median(costs.map(([ours]) => ours)) / median(costs.map(([, none]) => none));
}

/** Ten starts at once: the shell counts CPU time in steps of 10 ms. */
function tenTimes(command: string): string[] {
  return ['sh', '-c', `for i in 1 2 3 4 5 6 7 8 9 10; do ${command} >/dev/null; done`];
}
