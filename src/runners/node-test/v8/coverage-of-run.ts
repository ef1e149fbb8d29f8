import { realpathSync } from 'node:fs';
import type { Coverage } from '../../../model/coverage.ts';
import type { RawSlice, SourceMaps } from '../../../model/test-run.ts';
import { type SourceSpec, openSources } from './c8.ts';
import { type Collected, openCollector } from './collect.ts';
import { convert } from './convert.ts';
import { openScanner } from './scan.ts';
import { wantedBy } from './wanted.ts';

const POLL_MS = 250;

/** The coverage of one run: collected while it goes on, taken at its end, then converted. */
export type CoverageOfRun = {
  /** Takes what is left; call it once, when no process of the run is alive. */
  readonly finish: () => Collected;
  /** Of all that was collected, by url. */
  readonly sourceMaps: SourceMaps;
  /** The figures of all sources from any raw coverage and its source maps. Throws (exit 3) when a source cannot be converted. */
  readonly convert: (slices: Iterable<RawSlice>, sourceMaps: SourceMaps) => Promise<Coverage>;
};

/** Starts to collect what Node writes into `dir`, a folder of ours. `top` is the repository whose loaded files are told; null for none. */
export async function openCoverage(request: SourceSpec & { readonly dir: string; readonly top?: string | null }): Promise<CoverageOfRun> {
  const { dir, top = null, ...spec } = { ...request, root: realpathSync(request.root) }; // Node names modules by their real path.
  const sources = await openSources(spec);
  const scanner = openScanner(wantedBy(sources, top));
  const collector = openCollector({ dir, scanner });
  const timer = setInterval(collector.poll, POLL_MS).unref();
  return {
    finish: () => {
      clearInterval(timer);
      return collector.finish();
    },
    sourceMaps: scanner.sourceMaps,
    convert: (slices, sourceMaps) => convert({ sources, slices, sourceMaps, tempDir: dir }),
  };
}
