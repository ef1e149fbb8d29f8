import { realpathSync } from 'node:fs';
import type { Coverage } from '../../../model/coverage.ts';
import type { RawSlice } from '../../../model/test-run.ts';
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
  /** The figures of all sources from any of what was collected. Throws (exit 3) when a source cannot be converted. */
  readonly convert: (slices: Iterable<RawSlice>) => Promise<Coverage>;
};

/** Starts to collect what Node writes into `dir`, a folder of ours. */
export async function openCoverage(request: SourceSpec & { readonly dir: string }): Promise<CoverageOfRun> {
  const { dir, ...spec } = { ...request, root: realpathSync(request.root) }; // Node names modules by their real path.
  const sources = await openSources(spec);
  const scanner = openScanner(wantedBy(sources));
  const collector = openCollector({ dir, scanner });
  const timer = setInterval(collector.poll, POLL_MS).unref();
  return {
    finish: () => {
      clearInterval(timer);
      return collector.finish();
    },
    convert: (slices) => convert({ sources, slices, sourceMaps: scanner.sourceMaps, tempDir: dir }),
  };
}
