import { join } from 'node:path';
import type { FileCoverage } from '../../../model/coverage.ts';
import type { KeptRaw } from '../../../model/inputs.ts';
import type { RawSlice, SourceMapEntry, SourceMaps } from '../../../model/test-run.ts';
import type { Reuse } from '../../runner.ts';
import type { Sources } from './c8.ts';
import { sourcesOf } from './source-maps.ts';
import { pathOf } from './wanted.ts';

type Raw = { readonly slices: readonly RawSlice[]; readonly sourceMaps: SourceMaps };

/**
 * What has to be converted after a run that reused others: the scripts that the measured test files ran, or ran before, and sources with
 * another content; with them whatever shares a source, by way of source maps. `clean` are the figures of all other sources, as they are
 * kept. Nothing is clean where the kept figures are not those of the sources there are: c8 may find by itself what leads from one to another.
 */
export function changedIn(
  measured: Raw,
  { files, figures }: Reuse,
  sources: Pick<Sources, 'root' | 'list'>,
): Raw & { readonly clean: readonly FileCoverage[] } {
  const { coverage, raw } = figures;
  if (raw === null) return { ...measured, clean: coverage.files };
  const reused = new Set(files.map(({ file }) => file));
  const there = new Set(sources.list());
  const counted = new Set(coverage.files.map(({ file }) => file));
  const isComparable = coverage.exact === true && [...there].every((file) => counted.has(file));
  const changed = isComparable ? changedPaths(measured, { raw, figures, reused, there }, sources.root) : () => true;
  const slices = [...measured.slices];
  const sourceMaps = new Map(measured.sourceMaps);
  for (const [url, script] of raw.scripts) {
    const isLeft = [...script.files].some((file) => reused.has(file));
    if (!isLeft || !changed(pathOf(url) ?? url)) continue;
    for (const [file, each] of raw.slicesOf(url)) if (reused.has(file)) slices.push(...each);
    const map = sourceMaps.get(url) ?? raw.sourceMapOf(url);
    if (map !== null) sourceMaps.set(url, map);
  }
  return { slices, sourceMaps, clean: coverage.files.filter(({ file }) => !changed(join(sources.root, file))) };
}

type Kept = {
  readonly raw: KeptRaw;
  readonly figures: Reuse['figures'];
  /** Test files. */
  readonly reused: ReadonlySet<string>;
  /** Sources that there are now. */
  readonly there: ReadonlySet<string>;
};

/** Tells of a path whether it changed, or anything that has to do with it. */
function changedPaths(measured: Raw, { raw, figures, reused, there }: Kept, root: string): (path: string) => boolean {
  const ran = new Set(measured.slices.map(({ url }) => url));
  const groups = openGroups();
  const changed: string[] = [];
  for (const [url, script] of raw.scripts) {
    const path = pathOf(url) ?? url;
    groups.unite([path, ...targetsOf(script.map, path)]);
    if (ran.has(url) || ![...script.files].every((file) => reused.has(file))) changed.push(path);
  }
  for (const url of ran) {
    const path = pathOf(url) ?? url;
    groups.unite([path, ...targetsOf(measured.sourceMaps.get(url) ?? null, path)]);
    changed.push(path);
  }
  for (const { file, hash } of figures.coverage.files) {
    const path = join(root, file);
    if (!there.has(file) || !figures.isSame(path, hash)) changed.push(path);
  }
  const dirty = new Set(changed.map(groups.of));
  return (path) => dirty.has(groups.of(path));
}

function targetsOf(map: Pick<SourceMapEntry, 'data'> | null, path: string): string[] {
  return map === null ? [] : sourcesOf(map, path);
}

/** Paths that belong together: `of` gives the same one for all that were united, directly or by others. */
function openGroups(): { unite: (paths: readonly string[]) => void; of: (path: string) => string } {
  const parents = new Map<string, string>();
  const of = (path: string): string => {
    let top = path;
    for (let next = parents.get(top); next !== undefined; next = parents.get(top)) top = next;
    // The next one to ask need not go the whole way.
    for (let at = path; at !== top;) {
      const next = parents.get(at) as string;
      parents.set(at, top);
      at = next;
    }
    return top;
  };
  const unite = ([first, ...others]: readonly string[]): void => {
    for (const other of others) if (first !== undefined && of(other) !== of(first)) parents.set(of(other), of(first));
  };
  return { unite, of };
}
