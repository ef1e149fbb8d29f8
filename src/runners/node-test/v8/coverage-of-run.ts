import { realpathSync } from 'node:fs';
import type { Coverage } from '../../../model/coverage.ts';
import type { RawSlice, SourceMaps } from '../../../model/test-run.ts';
import { type SourceSpec, openSources } from './c8.ts';
import type { Reuse } from '../../runner.ts';
import type { Session } from '../turbo/session.ts';
import { type Collected, openCollector } from './collect.ts';
import { changedIn } from './changed.ts';
import { convert } from './convert.ts';
import { openScanner, type Scanner } from './scan.ts';
import { wantedBy } from './wanted.ts';

const POLL_MS = 250;

/** The coverage of one run: collected while it goes on, taken at its end, then converted. */
export type CoverageOfRun = {
  /** Takes what is left; call it once, when no process of the run is alive. */
  readonly finish: () => Collected;
  /** Of all that was collected, by url. */
  readonly sourceMaps: SourceMaps;
  /**
   * The figures of all sources, from raw coverage that was collected and that of the file runs that are reused (null for none). Throws (exit
   * 3) when a source cannot be converted.
   */
  readonly convert: (slices: Iterable<RawSlice>, reuse: Reuse | null) => Promise<Coverage>;
};

type CoverageRequest = SourceSpec & { readonly dir: string; readonly top?: string | null; readonly turbo?: Session | null };

/**
 * Starts to collect what Node writes into `dir`, a folder of ours. `top` is the repository whose loaded files are told, `turbo` the cache of
 * bytecode that the run uses; null for none.
 */
export async function openCoverage(request: CoverageRequest): Promise<CoverageOfRun> {
  const { dir, top = null, turbo = null, ...spec } = { ...request, root: realpathSync(request.root) }; // Node names modules by their real path.
  const sources = await openSources(spec);
  const wanted = wantedBy(sources, top);
  const scanner = openScanner(wanted);
  const isMeasured = (url: string): boolean => ['source', 'maybe'].includes(wanted.decide(url));
  const collector = openCollector({ dir, scanner: turbo === null ? scanner : notedBy(turbo, scanner, isMeasured) });
  const poll = (): void => {
    turbo?.poll();
    collector.poll();
  };
  const timer = setInterval(poll, POLL_MS).unref();
  return {
    finish: () => {
      clearInterval(timer);
      const collected = collector.finish();
      turbo?.finish();
      return collected;
    },
    sourceMaps: scanner.sourceMaps,
    convert: async (slices, reuse) => {
      const measured = { slices: [...slices], sourceMaps: scanner.sourceMaps };
      const { clean, ...anew } = reuse === null ? { ...measured, clean: [] } : changedIn(measured, reuse, sources);
      return convert({ sources, ...anew, clean, read: scanner.read });
    },
  };
}

/** A scanner that shows the cache of bytecode each file it reads. */
function notedBy(turbo: Session, scanner: Scanner, isSource: (url: string) => boolean): Scanner {
  return {
    ...scanner,
    scan: (buffer) => {
      turbo.note(buffer, isSource);
      return scanner.scan(buffer);
    },
  };
}
