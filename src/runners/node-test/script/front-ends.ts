import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { usageError } from '../../../model/error.ts';
import { readText } from '../../../system/files.ts';
import { relativeTo } from './imports.ts';
import { nodeLeaf } from './node-command.ts';
import { leafAt, type Leaf, type Scene, type Spot } from './scene.ts';
import { globFiles, listFiles } from './test-files.ts';
import { readBorpConfig } from './borp-config.ts';
import { excludedWhereLoaded } from './coverage-tool.ts';

const BORP_OPTIONS = {
  only: { type: 'boolean', short: 'o' },
  watch: { type: 'boolean', short: 'w' },
  pattern: { type: 'string', short: 'p' },
  concurrency: { type: 'string', short: 'c' },
  coverage: { type: 'boolean', short: 'C' },
  timeout: { type: 'string', short: 't' },
  'no-timeout': { type: 'boolean' },
  'coverage-exclude': { type: 'string', short: 'X', multiple: true },
  ignore: { type: 'string', short: 'i', multiple: true },
  'expose-gc': { type: 'boolean' },
  'no-typescript': { type: 'boolean', short: 'T' },
  'post-compile': { type: 'string', short: 'P' },
  reporter: { type: 'string', short: 'r', multiple: true },
  'check-coverage': { type: 'boolean' },
  lines: { type: 'string' },
  branches: { type: 'string' },
  functions: { type: 'string' },
  statements: { type: 'string' },
} as const;

type BorpFlags = ReturnType<typeof readBorpFlags>;

/** borp runs node:test through its `run()`; the same files run with `node --test`, after the compilation borp would do. */
export function borpLeaves(args: readonly string[], spot: Spot, raw: string, scene: Scene): Leaf[] {
  const flags = readBorpFlags([...args, ...readBorpConfig(spot.cwd, spot.env['BORP_CONF_FILE'])], raw, scene);
  const { values, positionals } = flags;
  scene.notes.add('The tests run with `node --test` instead of borp, on the same files.');
  if (values.coverage === true) scene.coverage.push(borpCoverage(flags, scene));
  const project = values['no-typescript'] === true ? null : projectAbove(spot.cwd, scene.root);
  const { names, ignore } = borpFiles(positionals, values, project, spot);
  const nodeArgs = [
    ...(values.only === true ? ['--test-only'] : []),
    ...(values['expose-gc'] === true ? ['--expose-gc'] : []),
    ...(values.concurrency === undefined ? [] : [`--test-concurrency=${values.concurrency}`]),
    ...(values.timeout === undefined ? [] : [`--test-timeout=${values.timeout}`]),
    ...(project?.sourceMap === true ? ['--enable-source-maps'] : []),
  ];
  const tests = nodeLeaf([...nodeArgs, '--test', '--', ...names], spot, raw, scene, { ignore });
  return [...(project === null ? [] : compilation(project, values['post-compile'], spot)), tests];
}

function readBorpFlags(args: string[], raw: string, scene: Scene) {
  try {
    return parseArgs({ args, options: BORP_OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usageError(
      `\`${raw}\` in ${scene.from}: ${(error as Error).message}`,
      'Correct the flags of borp, or set run.command in pushgate.jsonc.',
    );
  }
}

function borpFiles(
  positionals: readonly string[],
  values: BorpFlags['values'],
  project: Project | null,
  spot: Spot,
): { names: string[]; ignore: string[] } {
  const negated = positionals.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  const given = positionals.filter((name) => !name.startsWith('!'));
  const wanted = given.length > 0 ? given : [values.pattern ?? '**/*.test.{cjs,mjs,js}'];
  const prefix = project?.outDir ?? null;
  const names = prefix === null ? wanted : wanted.map((name) => join(relativeTo(spot.cwd, prefix), name.replace(/ts$/, 'js')));
  return { names, ignore: [...(values.ignore ?? []), ...negated] };
}

const limitOf = (text: string | undefined): number => Number.parseInt(text ?? '100', 10);

function borpCoverage({ values }: BorpFlags, scene: Scene): Scene['coverage'][number] {
  const checks = values['check-coverage'] === true;
  const { lines, branches, functions, statements } = values;
  const limits = { lines: limitOf(lines), branches: limitOf(branches), functions: limitOf(functions), statements: limitOf(statements) };
  return {
    from: `borp in ${scene.key}`,
    include: null,
    exclude: excludedWhereLoaded(values['coverage-exclude']),
    limits: checks ? limits : {},
    check: checks ? true : null,
    all100: false,
    perFile: null,
    config: null,
  };
}

type Project = { readonly dir: string; readonly outDir: string | null; readonly sourceMap: boolean; readonly emits: boolean };

/** The TypeScript project above a folder, as far as its own text and what it extends by path say. */
function projectAbove(cwd: string, root: string): Project | null {
  for (let dir = cwd; dir.startsWith(root); dir = dirname(dir)) {
    const path = join(dir, 'tsconfig.json');
    if (readText(path) !== null) {
      const outDir = settingOf(path, /"outDir"\s*:\s*"([^"]+)"/);
      return {
        dir,
        outDir: outDir === null ? null : join(dirname(outDir.file), outDir.value),
        sourceMap: settingOf(path, /"sourceMap"\s*:\s*(true|false)/)?.value === 'true',
        emits: settingOf(path, /"noEmit"\s*:\s*(true|false)/)?.value !== 'true',
      };
    }
    if (dir === dirname(dir)) break;
  }
  return null;
}

function settingOf(file: string, pattern: RegExp, depth = 0): { value: string; file: string } | null {
  const text = readText(file)?.replace(/^\s*\/\/.*$/gm, '') ?? '';
  const value = pattern.exec(text)?.[1];
  if (value !== undefined) return { value, file };
  const base = /"extends"\s*:\s*"(\.[^"]+)"/.exec(text)?.[1];
  if (base === undefined || depth > 5) return null;
  return settingOf(join(dirname(file), base.endsWith('.json') ? base : `${base}.json`), pattern, depth + 1);
}

function compilation(project: Project, postCompile: string | undefined, spot: Spot): Leaf[] {
  if (!project.emits) return [];
  const place = { ...spot, cwd: project.dir };
  const after =
    postCompile === undefined ? null : relativeTo(project.dir, join(project.outDir ?? project.dir, postCompile.replace(/\.ts$/, '.js')));
  return [leafAt(place, 'tsc', 'command'), ...(after === null ? [] : [leafAt(place, `node ${after}`, 'command')])];
}

/** `bnt` (better-node-test): files named `*.test` or `*.spec`, TypeScript included, with NODE_ENV=test. */
export function bntLeaf(args: readonly string[], spot: Spot, raw: string, scene: Scene): Leaf {
  const nodeArgs: string[] = [];
  const given: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '-t') nodeArgs.push(`--test-name-pattern=${args[(at += 1)] ?? ''}`);
    else if (arg === '--coverage') nodeArgs.push('--experimental-test-coverage', `--test-coverage-lines=${args[(at += 1)] ?? ''}`);
    else if (/^--coverage-(?:include|exclude)$/.test(arg)) nodeArgs.push(`--test-${arg.slice(2)}=${args[(at += 1)] ?? ''}`);
    else if (arg !== '--debug') given.push(arg);
  }
  const found = given.length > 0 ? given : listFiles(spot.cwd, true).filter((file) => /\.(?:test|spec)\.(?:js|ts)$/.test(file));
  if (found.some((file) => file.endsWith('.ts')) && !scene.node.stripsTypes) {
    nodeArgs.unshift(...(scene.node.major >= 22 ? ['--experimental-strip-types'] : ['--import', 'tsx']));
  }
  scene.notes.add('The tests run with `node --test` instead of bnt, on the same files.');
  return nodeLeaf([...nodeArgs, '--test', '--', ...found], { ...spot, env: { ...spot.env, NODE_ENV: 'test' } }, raw, scene);
}

/** `tsx [flags] [script]` as arguments of node, and the variables it stands for. */
export function tsxArgs(args: readonly string[]): { args: string[]; env: Record<string, string> } {
  const rest = args[0] === 'watch' ? ['--watch', ...args.slice(1)] : [...args];
  const env: Record<string, string> = {};
  const kept: string[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const arg = rest[at] ?? '';
    if (arg === '--tsconfig') env['TSX_TSCONFIG_PATH'] = rest[(at += 1)] ?? '';
    else if (arg.startsWith('--tsconfig=')) env['TSX_TSCONFIG_PATH'] = arg.slice('--tsconfig='.length);
    else if (!/^--(?:no-cache|clear-screen|no-clear-screen)$/.test(arg)) kept.push(arg);
  }
  return { args: ['--import', 'tsx', ...kept], env };
}

/** `glob -c "command" patterns…`: the command line, and the files it gets as arguments; null without a command. */
export function globCommand(args: readonly string[], cwd: string): { line: string; files: string[] } | null {
  const options = {
    cmd: { type: 'string', short: 'c' },
    default: { type: 'string', short: 'p' },
    ignore: { type: 'string', short: 'i', multiple: true },
    'cmd-arg': { type: 'string', short: 'g', multiple: true },
    cwd: { type: 'string', short: 'C' },
  } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false });
  if (typeof values.cmd !== 'string') return null;
  const patterns = positionals.length > 0 || typeof values.default !== 'string' ? positionals : [values.default];
  const ignored = new Set((values.ignore ?? []).filter((glob) => typeof glob === 'string').flatMap((glob) => globFiles(cwd, glob)));
  const files = patterns.flatMap((pattern) => globFiles(cwd, pattern)).filter((file) => !ignored.has(file));
  return { line: values.cmd, files: [...(values['cmd-arg'] ?? []).filter((arg) => typeof arg === 'string'), ...new Set(files)] };
}
