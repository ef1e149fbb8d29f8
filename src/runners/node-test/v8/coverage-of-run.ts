import { join } from 'node:path';
import type { Coverage } from '../../../model/coverage.ts';
import type { RawSlice } from '../../../model/test-run.ts';
import type { SourceSpec } from './c8.ts';
import { openCollector, type Collected } from './collect.ts';
import { convert } from './convert.ts';
import { wantedBy } from './wanted.ts';

/** The coverage of one run: collected while it goes on, taken at its end, then converted. */
export type CoverageOfRun = {
  /** Takes what is left; call it once, when no process of the run is alive. */
  readonly finish: () => Collected;
  /** The figures of all sources from some of what was collected. After `finish`. */
  readonly convert: (slices: Iterable<RawSlice>) => Promise<Coverage>;
};

/** Starts to collect what Node writes into `dir`. */
export async function openCoverage(request: SourceSpec & { readonly dir: string }): Promise<CoverageOfRun> {
  const { dir, ...spec } = request;
  const collector = openCollector({ dir, wanted: await wantedBy(spec) });
  let collected: Collected | null = null;
  return {
    finish: () => (collected = collector.finish()),
    convert: (slices) => convert({ ...spec, slices, sourceMaps: collected?.sourceMaps ?? new Map(), tempDir: join(dir, '..', 'merged') }),
  };
}
