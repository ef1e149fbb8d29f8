import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Coverage, FileCoverage, LineRange } from '../../../model/coverage.ts';
import { unprovenError } from '../../../model/error.ts';
import type { RawSlice, SourceMapEntry } from '../../../model/test-run.ts';
import type { IstanbulFile, IstanbulMap, ReportOptions, Sources } from './c8.ts';
import { freeUnused } from '../../../system/heap.ts';
import { compactOf } from './compact.ts';
import { type Read, fewestScripts } from './merge.ts';
import { openTexts, type Texts } from './texts.ts';
import { sourcesOf } from './source-maps.ts';
import { pathOf } from './wanted.ts';

export type ConvertRequest = {
  readonly sources: Sources;
  readonly slices: Iterable<RawSlice>;
  readonly sourceMaps: ReadonlyMap<string, SourceMapEntry>;
  /** Figures that are known already; their sources are not converted, and none of the scripts leads to them. */
  readonly clean?: readonly FileCoverage[];
  /** Reads a slice's text, where that is cheaper than anew. */
  readonly read?: Read;
};

type Conversion = ConvertRequest & { readonly read: Read; readonly texts: Texts };

/** Scripts handed to c8 at a time: what it makes of a thousand at once fills memory. */
const BATCH = 30;

/**
 * The figures of all sources, as c8 counts them, from raw coverage; sources that nothing loaded count as uncovered, sources that are gone
 * are left out. Scripts that are no sources but were built from some count for those. Throws (exit 3) when c8 cannot convert a source:
 * c8 itself would leave it out of the report without a word.
 */
export async function convert(asked: ConvertRequest): Promise<Coverage> {
  const request: Conversion = { ...asked, read: asked.read ?? compactOf, texts: openTexts() };
  const { sources } = request;
  const { plain, mapped, built } = kindsOf(request);
  let files = await inParts(request, { plain, mapped, built });
  // A script that nothing loaded has a source map to a source that something did: only c8 finds that, and adds them up in one report.
  if (hasTwice(files)) files = await inParts(request, { plain: [], mapped: [...plain, ...mapped], built });
  freeUnused();
  const exact = files.every(({ file }) => sources.has(join(sources.root, file)));
  return { files: files.toSorted((a, b) => (a.file < b.file ? -1 : 1)), exact };
}

function hasTwice(files: readonly FileCoverage[]): boolean {
  return new Set(files.map(({ file }) => file)).size < files.length;
}

/** Sources that stand for themselves in batches, the others in one report with those that nothing loaded. */
async function inParts(request: Conversion, { plain, mapped, built }: Kinds): Promise<FileCoverage[]> {
  const files: FileCoverage[] = [...(request.clean ?? [])];
  const except = new Set([...files.map(({ file }) => join(request.sources.root, file)), ...plain.map(({ path }) => path)]);
  for (let at = 0; at < plain.length; at += BATCH) {
    const batch = plain.slice(at, at + BATCH);
    // oxlint-disable-next-line no-await-in-loop -- what one leaves behind is gone when the next begins
    files.push(...filesOf(await istanbulMap(request, batch, {}), batch, request));
    freeUnused();
  }
  const map = await istanbulMap(request, mapped, { all: true, except });
  if (built.length > 0) map.merge(await istanbulMap(request, built, { afterRemap: true }));
  return [...files, ...filesOf(map, [...mapped, ...built], request)];
}

/** What ran of one file; `vm` and the module loader know it by different urls. */
type Script = { readonly path: string; readonly slices: RawSlice[]; readonly maps: Map<string, SourceMapEntry> };

/** Sources that stand for themselves alone; sources with a source map, or that one leads to; scripts that are none but were built from some. */
type Kinds = { readonly plain: Script[]; readonly mapped: Script[]; readonly built: Script[] };

function kindsOf({ sources, sourceMaps, slices }: ConvertRequest): Kinds {
  const scripts = new Map<string, Script>();
  const paths = new Map<string, string>();
  for (const slice of slices) {
    const path = paths.get(slice.url) ?? pathOf(slice.url) ?? '';
    paths.set(slice.url, path);
    const script: Script = scripts.get(path) ?? { path, slices: [], maps: new Map() };
    scripts.set(path, script);
    script.slices.push(slice);
    const map = sourceMaps.get(slice.url);
    if (map !== undefined) script.maps.set(slice.url, map);
  }
  const kinds: Kinds = { plain: [], mapped: [], built: [] };
  const targets = new Set([...scripts.values()].flatMap(targetsOf));
  for (const script of scripts.values()) {
    if (!existsSync(script.path)) continue;
    const isPlain = script.maps.size === 0 && !targets.has(script.path);
    kinds[!sources.has(script.path) ? 'built' : isPlain ? 'plain' : 'mapped'].push(script);
  }
  return kinds;
}

function targetsOf({ path, maps }: Script): string[] {
  return [...maps.values()].flatMap((map) => sourcesOf(map, path));
}

function istanbulMap(request: Conversion, scripts: readonly Script[], options: Partial<ReportOptions>): Promise<IstanbulMap> {
  const raw = (): object => rawCoverage(scripts, request.read);
  return request.sources.report({ ...options, raw, textOf: request.texts.textOf }).getCoverageMapFromAllCoverageFiles();
}

function rawCoverage(scripts: readonly Script[], read: Read): object {
  return {
    result: fewestScripts(
      scripts.flatMap((script) => script.slices),
      read,
    ),
    'source-map-cache': structuredClone(Object.fromEntries(scripts.flatMap((script) => [...script.maps]))),
  };
}

/** The figures in a map, and that all scripts came through into it. */
function filesOf(map: IstanbulMap, scripts: readonly Script[], { sources: { root }, texts }: Conversion): FileCoverage[] {
  const paths = map.files();
  const counted = new Set(paths);
  for (const script of scripts) demandFigures(script, counted, root);
  // That the scripts are there was looked up when they were sorted; what a source map names may not be.
  const there = new Set(scripts.map(({ path }) => path));
  return paths
    .filter((path) => there.has(path) || existsSync(path))
    .map((path) => fileCoverage(path, once(map.fileCoverageFor(path)), root, texts.hashOf(path)));
}

function demandFigures(script: Script, counted: ReadonlySet<string>, root: string): void {
  const sources = targetsOf(script);
  if (counted.has(script.path) || sources.some((source) => counted.has(source))) return;
  if (sources.length > 0 && !sources.some((source) => existsSync(source))) return;
  throw unprovenError(
    `The coverage of ${relative(root, script.path)} could not be converted.`,
    sources.length === 0
      ? 'If it names a source map (sourceMappingURL), see that the map can be read.'
      : 'See that its source map and the sources named in it can be read.',
    'If it is none of your sources, leave it out: coverage.exclude in pushgate.jsonc.',
  );
}

/** A file whose lines are counted once for all that is asked of it. */
function once(file: IstanbulFile): IstanbulFile {
  const lines = file.getLineCoverage();
  return Object.assign(Object.create(file) as IstanbulFile, { getLineCoverage: () => lines });
}

function fileCoverage(path: string, file: IstanbulFile, root: string, hash: string): FileCoverage {
  const { lines, branches, functions, statements } = file.toSummary().data;
  return {
    file: relative(root, path).replaceAll(sep, '/'),
    hash,
    lines: { covered: lines.covered, total: lines.total },
    branches: { covered: branches.covered, total: branches.total },
    functions: { covered: functions.covered, total: functions.total },
    statements: { covered: statements.covered, total: statements.total },
    uncovered: rangesOf(file.getUncoveredLines().map(Number)),
  };
}

/** Joins line numbers into ranges. */
function rangesOf(lines: readonly number[]): LineRange[] {
  const ranges: [number, number][] = [];
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges;
}
