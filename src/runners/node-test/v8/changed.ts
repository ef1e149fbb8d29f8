import { join } from 'node:path';
import type { FileCoverage } from '../../../model/coverage.ts';
import type { RawSlice, SourceMapEntry, SourceMaps } from '../../../model/test-run.ts';
import type { Reuse } from '../../runner.ts';
import { sourcesOf } from './source-maps.ts';
import { pathOf } from './wanted.ts';

type Raw = { readonly slices: readonly RawSlice[]; readonly sourceMaps: SourceMaps };

/**
 * What has to be converted after a run that reused others: the scripts that the measured test files ran, or ran before, and sources with
 * another content; with them whatever shares a source, by way of source maps. `clean` are the figures of all other sources, as they are kept.
 */
export function changedIn(measured: Raw, { files, figures }: Reuse, root: string): Raw & { readonly clean: readonly FileCoverage[] } {
  const { coverage, raw, isSame } = figures;
  if (raw === null) return { ...measured, clean: coverage.files };
  const reused = new Set(files.map(({ file }) => file));
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
  for (const { file, hash } of coverage.files) if (!isSame(join(root, file), hash)) changed.push(join(root, file));
  const dirty = new Set(changed.map(groups.of));
  const isDirty = (path: string): boolean => dirty.has(groups.of(path));
  const slices = [...measured.slices];
  const sourceMaps = new Map(measured.sourceMaps);
  for (const url of raw.scripts.keys()) {
    if (!isDirty(pathOf(url) ?? url)) continue;
    for (const [file, each] of raw.slicesOf(url)) if (reused.has(file)) slices.push(...each);
    const map = sourceMaps.get(url) ?? raw.sourceMapOf(url);
    if (map !== null) sourceMaps.set(url, map);
  }
  return { slices, sourceMaps, clean: coverage.files.filter(({ file }) => !isDirty(join(root, file))) };
}

function targetsOf(map: Pick<SourceMapEntry, 'data'> | null, path: string): string[] {
  return map === null ? [] : sourcesOf(map, path);
}

/** Paths that belong together: `of` gives the same one for all that were joined, directly or by others. */
function openGroups(): { unite: (paths: readonly string[]) => void; of: (path: string) => string } {
  const parents = new Map<string, string>();
  const of = (path: string): string => {
    let top = path;
    for (let next = parents.get(top); next !== undefined; next = parents.get(top)) top = next;
    if (top !== path) parents.set(path, top);
    return top;
  };
  const unite = ([first, ...others]: readonly string[]): void => {
    for (const other of others) if (first !== undefined && of(other) !== of(first)) parents.set(of(other), of(first));
  };
  return { unite, of };
}
