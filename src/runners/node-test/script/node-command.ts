import { join, resolve } from 'node:path';
import { matcher } from '../../../formats/globs.ts';
import { excludedWhereLoaded, type CoverageWords } from './coverage-tool.ts';
import { natureOf, relativeTo } from './imports.ts';
import { readNodeArgs, type NodeArgs } from './node-args.ts';
import { leafAt, type Leaf, type Scene, type Spot } from './scene.ts';
import { defaultTestFiles, listFiles, namedTestFiles, type FileRules } from './test-files.ts';

/** How a front end of node:test differs from node itself. */
export type Differences = {
  /** TypeScript test files are found whatever the version of Node. */
  readonly typescript?: boolean;
  /** Globs of files that are left out. */
  readonly ignore?: readonly string[];
};

/** What `node args` is: tests, or any other command. */
export function nodeLeaf(args: readonly string[], spot: Spot, raw: string, scene: Scene, differences: Differences = {}): Leaf {
  const read = readNodeArgs(args);
  if (read.inline) return leafAt(spot, raw, /node:test/.test(raw) ? 'observed' : 'command');
  if (read.test) return testLeaf(read, spot, raw, scene, differences);
  return scriptLeaf(read, spot, raw, scene, differences);
}

function testLeaf(read: NodeArgs, spot: Spot, raw: string, scene: Scene, differences: Differences): Leaf {
  noteDropped(read, scene);
  const files = filesOf(read, spot, scene, differences).filter((file) => !matcher(differences.ignore ?? [])(file));
  const step = {
    kind: 'node-test' as const,
    cwd: spot.cwd,
    env: spot.env,
    nodeArgs: read.nodeArgs,
    files,
    reporterArgs: read.reporterArgs,
  };
  return { kind: 'tests', raw, cwd: spot.cwd, env: spot.env, step, testFiles: files.map((file) => resolve(spot.cwd, file)) };
}

function filesOf(read: NodeArgs, spot: Spot, scene: Scene, differences: Differences): string[] {
  const rules = rulesOf(read, spot, scene, differences);
  if (read.positionals.length > 0) {
    const { files, missing } = namedTestFiles(spot.cwd, read.positionals, rules);
    for (const name of missing) scene.notes.add(`\`${name}\` in ${scene.from} matches no file.`);
    return files;
  }
  if (scene.files !== null) return configuredFiles(scene).map((file) => relativeTo(spot.cwd, join(scene.root, file)));
  const files = defaultTestFiles(spot.cwd, rules);
  // Node 20 looks for JavaScript only, even with a loader that could do more.
  if (files.length > 0 || rules.typescript || !loadsTypeScript(read, spot)) return files;
  return defaultTestFiles(spot.cwd, { ...rules, typescript: true });
}

/** The files that `run.files` of the configuration names, relative to the root, sorted; none when it names none. */
export function configuredFiles(scene: Pick<Scene, 'root' | 'files'>): string[] {
  if (scene.files === null) return [];
  const matches = matcher(scene.files.map((glob) => glob.replace(/^\.\//, '')));
  return listFiles(scene.root, true).filter(matches).toSorted();
}

/** How Node finds test files here. */
function rulesOf(read: NodeArgs, spot: Spot, scene: Scene, differences: Differences = {}): FileRules {
  const flags = [...read.nodeArgs, ...optionsOf(spot, scene)];
  const off = flags.some((flag) => /^--no-(?:experimental-)?strip-types$/.test(flag));
  const on = flags.some((flag) => /^--(?:experimental-strip-types|experimental-transform-types|strip-types)$/.test(flag));
  const typescript = differences.typescript === true || (!off && (scene.node.stripsTypes || on));
  return { major: differences.typescript === true ? Math.max(21, scene.node.major) : scene.node.major, typescript };
}

const optionsOf = (spot: Spot, scene: Scene): string[] => (spot.env['NODE_OPTIONS'] ?? scene.env['NODE_OPTIONS'] ?? '').split(/\s+/);

function loadsTypeScript(read: NodeArgs, spot: Spot): boolean {
  return [...read.nodeArgs, spot.env['NODE_OPTIONS'] ?? ''].some((arg) =>
    /\b(?:tsx|ts-node|ts-node-maintained|swc-node|@swc-node|esbuild-register|esm-loader|tsm|amaro|jiti|tsimp|ts-blank-space|oxc-node)\b/.test(
      arg,
    ),
  );
}

function scriptLeaf(read: NodeArgs, spot: Spot, raw: string, scene: Scene, differences: Differences): Leaf {
  const [script, ...args] = read.positionals;
  if (script === undefined) return leafAt(spot, raw, 'command');
  const nature = natureOf(resolve(spot.cwd, script), { ...rulesOf(read, spot, scene, differences), typescript: true });
  if (nature.kind === 'starts-tests') return leafAt(spot, raw, 'observed');
  if (nature.kind === 'other-runner') return { kind: 'other-runner', name: nature.name, raw, cwd: spot.cwd, env: spot.env };
  if (nature.kind === 'no-tests') return leafAt(spot, raw, 'command');
  noteDropped(read, scene);
  const step = {
    kind: 'node-script' as const,
    cwd: spot.cwd,
    env: spot.env,
    nodeArgs: read.nodeArgs,
    script,
    args,
    reporterArgs: read.reporterArgs,
  };
  return { kind: 'tests', raw, cwd: spot.cwd, env: spot.env, step, testFiles: nature.testFiles };
}

function noteDropped(read: NodeArgs, scene: Scene): void {
  if (read.watch) scene.notes.add('`--watch` was dropped: pushgate runs the tests once.');
  for (const flag of read.partial) scene.notes.add(`\`${flag}\` was dropped: pushgate judges the whole suite.`);
  if (read.coverage.size === 0) return;
  scene.notes.add("Node's own coverage (`--experimental-test-coverage`) was switched off: pushgate measures coverage itself.");
  scene.coverage.push(nodeCoverage(read.coverage, scene.key));
}

function nodeCoverage(flags: ReadonlyMap<string, readonly string[]>, from: string): CoverageWords {
  const limits = (['lines', 'branches', 'functions'] as const).flatMap((metric): [string, number][] => {
    const limit = Number(flags.get(`test-coverage-${metric}`)?.at(-1) ?? 'none');
    return limit >= 0 && limit <= 100 ? [[metric, limit]] : [];
  });
  return {
    from: `--experimental-test-coverage in ${from}`,
    include: flags.get('test-coverage-include') ?? null,
    exclude: excludedWhereLoaded(flags.get('test-coverage-exclude')),
    limits: limits.length === 0 ? {} : { lines: 0, ...Object.fromEntries(limits) },
    check: limits.length > 0 ? true : null,
    all100: false,
    perFile: null,
    config: null,
  };
}
