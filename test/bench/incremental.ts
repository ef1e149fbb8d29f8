import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from '../support/cli.ts';
import { type Cost, cost, median } from './measure.ts';
import type { Project } from './project.ts';

/** What one edit cost: CPU in seconds, the median where it was made several times, and how many test files ran again. */
export type Edit = { readonly name: string; readonly cpuS: number; readonly wallS: number; readonly affected: number };

/** A chain of edits, each on top of the one before. */
export type Incremental = {
  readonly fullCpuS: number;
  readonly edits: readonly Edit[];
  /** Figures of sources and outcomes of tests after the last edit: how many are those of a full run on the same files. */
  readonly facts: number;
  readonly equal: number;
};

type Report = {
  readonly coverage: { readonly files: readonly { readonly file: string }[] };
  readonly tests: readonly { readonly file: string; readonly name: string; readonly outcome: string }[];
};

/** Files that are edited, by what they are to the suite; a hub is imported by many modules, a leaf by none. */
function editsOf(modules: number): Readonly<Record<string, string | null>> {
  return {
    nothing: null,
    'one test file': 'test/f1.test.js',
    'one leaf module': `src/m${modules - 1}.js`,
    'a hub module': 'src/m3.js',
    'a fixture': 'fixtures/rows.txt',
  };
}

/** What is a small part of a full run is as large as what else the machine does meanwhile: it is measured so often. */
const TIMES = 5;
const SMALL = 20;

/** Runs everything, then after each edit what that can have touched, as a user does; then everything again. */
export async function measureIncremental(project: Project, modules: number): Promise<Incremental> {
  const full = await check(project, ['--full']);
  const edits: Edit[] = [];
  for (const [name, file] of Object.entries(editsOf(modules))) {
    const costs: Cost[] = [];
    do {
      if (file !== null) appendFileSync(join(project.root, file), file.endsWith('.js') ? '// edited\n' : '\nrow 200; 1400');
      costs.push(await check(project, []));
    } while (costs.length < TIMES && full.cpuS / costs[0]!.cpuS > SMALL);
    const medianOf = (key: 'cpuS' | 'wallS'): number => median(costs.map((each) => each[key]));
    edits.push({ name, cpuS: medianOf('cpuS'), wallS: medianOf('wallS'), affected: affectedIn(costs[0]!.stdout) });
  }
  // Nothing has changed since the last edit: these are the figures that the chain of them left.
  const [ours, theirs] = [await factsAfter(project, []), await factsAfter(project, ['--full'])];
  const all = new Set([...theirs.keys(), ...ours.keys()]);
  const equal = [...all].filter((name) => theirs.get(name) === ours.get(name)).length;
  return { fullCpuS: full.cpuS, edits, facts: all.size, equal };
}

function check({ root, node, env }: Project, flags: readonly string[]): Promise<Cost> {
  return cost([node, MAIN, 'check', '--no-stamp', ...flags], { cwd: root, env });
}

/** How many test files ran again, in the words of the screen. */
function affectedIn(screen: string): number {
  const found = /^ℹ (?:All )?(\d+|No) (?:of \d+ )?test files? /m.exec(screen)?.[1];
  if (found === undefined) throw new Error(`It does not say how many test files ran:\n${screen}`);
  return found === 'No' ? 0 : Number(found);
}

async function factsAfter(project: Project, flags: readonly string[]): Promise<Map<string, string>> {
  return factsOf(JSON.parse((await check(project, ['--json', ...flags])).stdout) as Report);
}

/** What must be equal, by name: a source with all its figures, a test with its outcome. */
function factsOf({ coverage, tests }: Report): Map<string, string> {
  return new Map([
    ...coverage.files.map((file) => [file.file, JSON.stringify(file)] as const),
    ...tests.map(({ file, name, outcome }) => [`${file} ${name}`, outcome] as const),
  ]);
}
