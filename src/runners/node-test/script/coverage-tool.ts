import { dirname, join } from 'node:path';
import { METRICS, type Metric } from '../../../model/coverage.ts';
import type { MetricLimits } from '../../../model/policy.ts';
import { readText } from '../../../system/files.ts';
import type { CoverageToolSettings } from '../../../model/config.ts';
import { relativeTo } from './imports.ts';
import { asRecord, readPackage, stringsOf } from './packages.ts';

/** What c8 or nyc was told, by flags or by a file; null or absent where nothing was said. */
export type CoverageWords = {
  readonly from: string;
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[] | null;
  readonly limits: MetricLimits;
  readonly check: boolean | null;
  readonly all100: boolean;
  readonly perFile: boolean | null;
  /** `--config` or `-c`. */
  readonly config: string | null;
};

const VALUES = new Set(
  (
    'config c reporter r reports-dir report-dir o src include n exclude x extension e branches functions lines statements temp-directory ' +
    'temp-dir t resolve wrapper-length cwd require i nycrc-path exclude-after-remap-path watermarks'
  ).split(' '),
);
/** Where c8 and nyc look for their configuration, besides `package.json`. */
export const COVERAGE_TOOL_FILES = ['.c8rc', '.c8rc.json', '.nycrc', '.nycrc.json'];
const UNREAD = ['.nycrc.yml', '.nycrc.yaml', 'nyc.config.js', 'nyc.config.cjs', 'nyc.config.mjs'];
/** The limit on lines that c8 and nyc hold when they check and none is set. */
const DEFAULT_LINES = 90;

/** Splits `c8 [flags] command`: what the flags say, and where among the arguments the command starts. */
export function readCoverageFlags(args: readonly string[], from: string): { said: CoverageWords; commandAt: number } {
  const flags = new Map<string, string[]>();
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      at += 1;
      break;
    }
    if (!arg.startsWith('-')) break;
    const [, name = '', inline] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const key = kebab(name);
    const next = args[at + 1];
    const value = inline ?? (VALUES.has(key) && next !== undefined ? next : /^(?:true|false)$/.test(next ?? '') ? next : undefined);
    if (inline === undefined && value !== undefined) at += 1;
    flags.set(key, [...(flags.get(key) ?? []), value ?? 'true']);
  }
  return { said: wordsOf(from, (...names) => names.flatMap((name) => flags.get(name) ?? [])), commandAt: at };
}

function wordsOf(from: string, get: (...names: string[]) => readonly unknown[]): CoverageWords {
  const list = (...names: string[]): readonly string[] | null => {
    const values = get(...names).flatMap((value) => stringsOf(value) ?? []);
    return values.length === 0 ? null : values;
  };
  const bool = (...names: string[]): boolean | null => {
    const value = get(...names).at(-1);
    return value === undefined ? null : value === true || value === 'true';
  };
  const limits = METRICS.flatMap((metric) => limitOf(metric, get(metric).at(-1)));
  const off = get('no-check-coverage').length > 0 ? false : null;
  return {
    from,
    include: list('include', 'n'),
    exclude: list('exclude', 'x'),
    limits: Object.fromEntries(limits),
    check: bool('check-coverage') ?? off,
    all100: bool('100') === true,
    perFile: bool('per-file'),
    config: list('config', 'c', 'nycrc-path')?.at(-1) ?? null,
  };
}

/** A limit as a pair; none for what is no percentage. Limits have at most two decimals here. */
function limitOf(metric: Metric, value: unknown): [Metric, number][] {
  const limit = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof limit === 'number' && limit >= 0 && limit <= 100 ? [[metric, Math.floor(limit * 100) / 100]] : [];
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The c8 or nyc configuration that holds in a folder (searched upwards to the root), and files found that cannot be read here. */
export function readCoverageFile(
  cwd: string,
  root: string,
  named: string | null,
): { said: CoverageWords | null; unread: readonly string[] } {
  const unread: string[] = [];
  const paths =
    named === null ? upwards(cwd, root).flatMap((dir) => COVERAGE_TOOL_FILES.map((name) => join(dir, name))) : [join(cwd, named)];
  for (const path of paths) {
    const text = readText(path);
    if (text === null) continue;
    const said = fromJson(text, relativeTo(root, path), unread);
    if (said !== null) return { said, unread };
  }
  const dirs = upwards(cwd, root);
  for (const dir of dirs) {
    const json = readPackage(dir)?.json ?? {};
    const key = ['c8', 'nyc'].find((name) => Object.keys(asRecord(json[name])).length > 0);
    if (key !== undefined)
      return { said: fromObject(asRecord(json[key]), `${key} in ${relativeTo(root, join(dir, 'package.json'))}`, unread), unread };
  }
  for (const dir of dirs)
    unread.push(...UNREAD.filter((name) => readText(join(dir, name)) !== null).map((name) => relativeTo(root, join(dir, name))));
  return { said: null, unread };
}

function upwards(cwd: string, root: string): string[] {
  const dirs: string[] = [];
  for (let dir = cwd; dir.startsWith(root); dir = dirname(dir)) {
    dirs.push(dir);
    if (dir === root || dir === dirname(dir)) break;
  }
  return dirs;
}

function fromJson(text: string, from: string, unread: string[]): CoverageWords | null {
  try {
    return fromObject(asRecord(JSON.parse(text)), from, unread);
  } catch {
    unread.push(from);
    return null;
  }
}

function fromObject(json: Readonly<Record<string, unknown>>, from: string, unread: string[]): CoverageWords {
  const byKey = new Map(Object.entries(json).map(([name, value]) => [kebab(name), value]));
  if (byKey.has('extends')) unread.push(`what ${from} extends`);
  return wordsOf(from, (...names) => names.flatMap((name) => (byKey.has(name) ? [byKey.get(name)] : [])));
}

/** Joins what was said, the first to say something wins; null when nothing was. Limits count only where they were checked. */
export function settle(said: readonly CoverageWords[]): CoverageToolSettings | null {
  const check = said.find((words) => words.check !== null || words.all100);
  const checked = check !== undefined && (check.check === true || check.all100);
  const limits = checked ? limitsOf(said) : null;
  const perFile = said.find((words) => words.perFile !== null)?.perFile === true;
  const include = said.find((words) => words.include !== null)?.include ?? null;
  const exclude = said.find((words) => words.exclude !== null)?.exclude ?? null;
  if (include === null && exclude === null && limits === null) return null;
  const used = said.filter((words) => words.include !== null || words.exclude !== null || (checked && speaksOfLimits(words)));
  const from = [...new Set(used.map((words) => words.from))].join(' and ');
  return { from, include, exclude, floor: perFile ? null : limits, perFile: perFile ? limits : null };
}

/** What Node and borp leave out: they count only what was loaded, as a declaration never is. Null when they were not told. */
export function excludedWhereLoaded(exclude: readonly string[] | undefined): readonly string[] | null {
  return exclude === undefined ? null : [...exclude, '**/*.d.{ts,mts,cts}'];
}

const speaksOfLimits = (words: CoverageWords): boolean => words.check === true || words.all100 || Object.keys(words.limits).length > 0;

function limitsOf(said: readonly CoverageWords[]): MetricLimits {
  if (said.some((words) => words.all100)) return Object.fromEntries(METRICS.map((metric) => [metric, 100]));
  const pairs = METRICS.map((metric): [Metric, number] => {
    const limit = said.find((words) => words.limits[metric] !== undefined)?.limits[metric];
    return [metric, limit ?? (metric === 'lines' ? DEFAULT_LINES : 0)];
  });
  return Object.fromEntries(pairs.filter(([, limit]) => limit > 0));
}
