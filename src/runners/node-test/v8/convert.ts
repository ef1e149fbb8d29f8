import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Coverage, FileCoverage, LineRange } from '../../../model/coverage.ts';
import { unprovenError } from '../../../model/error.ts';
import type { RawSlice } from '../../../model/test-run.ts';
import { hashFile } from '../../../system/files.ts';
import type { IstanbulFile, IstanbulMap, Sources } from './c8.ts';
import { fewestScripts } from './merge.ts';
import { type SourceMapEntry, sourcesOf } from './source-maps.ts';
import { pathOf } from './wanted.ts';

export type ConvertRequest = {
  readonly sources: Sources;
  readonly slices: Iterable<RawSlice>;
  readonly sourceMaps: ReadonlyMap<string, SourceMapEntry>;
  /** A folder of ours; what is written in it is deleted again. */
  readonly tempDir: string;
};

/**
 * The figures of all sources, as c8 counts them, from raw coverage; sources that nothing loaded count as uncovered, sources that are gone
 * are left out. Scripts that are no sources but were built from some count for those. Throws (exit 3) when c8 cannot convert a source:
 * c8 itself would leave it out of the report without a word.
 */
export async function convert(request: ConvertRequest): Promise<Coverage> {
  const { sources, sourceMaps } = request;
  const scripts = [...group(request.slices)].filter(({ path }) => existsSync(path));
  const direct = scripts.filter(({ path }) => sources.has(path));
  const built = scripts.filter(({ path }) => !sources.has(path));
  const map = await istanbulMap(request, direct, false);
  if (built.length > 0) map.merge(await istanbulMap(request, built, true));
  const counted = new Set(map.files());
  for (const { path, url } of scripts) demandFigures(path, sourceMaps.get(url), counted, sources.root);
  return { files: filesOf(map, sources.root) };
}

/** One script by its url, and where its file stands. */
type Script = { readonly url: string; readonly path: string; readonly slices: RawSlice[] };

function group(slices: Iterable<RawSlice>): Iterable<Script> {
  const scripts = new Map<string, Script>();
  for (const slice of slices) {
    const script = scripts.get(slice.url) ?? { url: slice.url, path: pathOf(slice.url) ?? '', slices: [] };
    scripts.set(slice.url, script);
    script.slices.push(slice);
  }
  return scripts.values();
}

async function istanbulMap(request: ConvertRequest, scripts: readonly Script[], afterRemap: boolean): Promise<IstanbulMap> {
  await mkdir(request.tempDir, { recursive: true });
  const dir = await mkdtemp(join(request.tempDir, 'merged-'));
  try {
    // Not held in a variable: it would be kept, beside c8's own copy, until c8 is done.
    await writeFile(join(dir, 'coverage.json'), JSON.stringify(rawCoverage(scripts, request.sourceMaps)));
    return await request.sources.report({ tempDir: dir, all: !afterRemap, afterRemap }).getCoverageMapFromAllCoverageFiles();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function rawCoverage(scripts: readonly Script[], sourceMaps: ReadonlyMap<string, SourceMapEntry>): object {
  return {
    result: fewestScripts(scripts.flatMap((script) => script.slices)),
    'source-map-cache': Object.fromEntries(scripts.flatMap(({ url }) => mapFor(url, sourceMaps))),
  };
}

function mapFor(url: string, sourceMaps: ReadonlyMap<string, SourceMapEntry>): [string, SourceMapEntry][] {
  const map = sourceMaps.get(url);
  return map === undefined ? [] : [[url, map]];
}

function demandFigures(path: string, sourceMap: SourceMapEntry | undefined, counted: ReadonlySet<string>, root: string): void {
  const sources = sourceMap === undefined ? [] : sourcesOf(sourceMap, path);
  if (counted.has(path) || sources.some((source) => counted.has(source))) return;
  if (sources.length > 0 && !sources.some((source) => existsSync(source))) return;
  throw unprovenError(
    `The coverage of ${relative(root, path)} could not be converted.`,
    sourceMap === undefined && sources.length === 0
      ? 'If it names a source map (sourceMappingURL), see that the map can be read.'
      : 'See that its source map and the sources named in it can be read.',
    'If it is none of your sources, leave it out: coverage.exclude in pushgate.jsonc.',
  );
}

function filesOf(map: IstanbulMap, root: string): FileCoverage[] {
  return map
    .files()
    .filter((path) => existsSync(path))
    .map((path) => fileCoverage(path, map.fileCoverageFor(path), root))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

function fileCoverage(path: string, file: IstanbulFile, root: string): FileCoverage {
  const { lines, branches, functions, statements } = file.toSummary().data;
  return {
    file: relative(root, path).replaceAll(sep, '/'),
    hash: hashFile(path),
    lines: { covered: lines.covered, total: lines.total },
    branches: { covered: branches.covered, total: branches.total },
    functions: { covered: functions.covered, total: functions.total },
    statements: { covered: statements.covered, total: statements.total },
    uncovered: rangesOf(file.getUncoveredLines().map(Number)),
  };
}

/** Joins ascending line numbers into ranges. */
function rangesOf(lines: readonly number[]): LineRange[] {
  const ranges: [number, number][] = [];
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges;
}
