import { realpathSync } from 'node:fs';
import type { TestRun } from '../../../model/test-run.ts';
import type { MeasureRequest } from '../../runner.ts';
import { cacheOf, type Cache } from './cache.ts';
import { isBelowModules } from './keys.ts';
import { markUsed, prune } from './prune.ts';
import { findOut, knownFinding, type RunFile } from './self-check.ts';
import { openSession, type Session } from './session.ts';
import { installedIn, noteState, readState } from './state.ts';

/** Measures with a cache, or without one. */
export type Measure = (request: MeasureRequest, session: Session | null) => Promise<TestRun>;

/** A cache is filled anew after so long; what packages left in it that are gone goes with it. */
const REFILL_MS = 7 * 86_400_000;
/** A project whose tests could not tell whether a cache changes coverage is asked again after so long. */
const ASK_AGAIN_MS = 86_400_000;

/**
 * Measures with a cache of bytecode of the installed packages, where that can be and is known to leave the coverage of sources as it is: on
 * this machine and version of Node that is found out once, after a run without. A run whose cache was written to by a process proves
 * nothing: it is repeated without.
 */
export async function withTurbo(request: MeasureRequest, measure: Measure, nodeVersion = process.versions.node): Promise<TestRun> {
  const root = realpathSync(request.root);
  if (!canCache(request, root, nodeVersion)) return measure(request, null);
  const cache = cacheOf(root);
  const known = knownFinding();
  if (known === 'differs' || readState(cache.path).isOff) return measure(request, null);
  if (known === null) {
    const run = await measure(request, null);
    if (request.only === null) await findOutOnce(request, run, cache, measure);
    return run;
  }
  return measureWith(cache, request, measure, root);
}

/** Sources never stand below node_modules, unless the whole project does or it asks for some: then none of this is safe. */
function canCache({ turbo, coverage }: MeasureRequest, root: string, nodeVersion: string): boolean {
  const [major = 0] = nodeVersion.split('.').map(Number);
  if (!turbo || major < 22 || coverage === null) return false;
  return !isBelowModules(`${root}/`) && !coverage.exclude.some((glob) => glob.startsWith('!'));
}

async function findOutOnce(request: MeasureRequest, run: TestRun, cache: Cache, measure: Measure): Promise<void> {
  const { undecidedAt } = readState(cache.path);
  if (run.unproven.length > 0 || Date.now() - undecidedAt < ASK_AGAIN_MS) return;
  // A test on line 0 stands for its whole file.
  const runFile: RunFile = ({ file, tests }, session) =>
    measure(
      {
        ...request,
        reuse: null,
        track: null,
        only: { file, tests: tests.map((test) => ({ ...test, line: 0 })) },
        passThrough: null,
        onProgress: () => {},
      },
      session,
    );
  try {
    const finding = await findOut(run, runFile);
    if (finding === 'undecided') noteState(cache.path, { undecidedAt: Date.now() });
    if (finding === 'differs')
      request.onNotice(
        `turbo is off: with cached bytecode of packages, Node ${process.versions.node} counts the sources differently here.`,
      );
  } catch (error) {
    if (request.signal.aborted) throw error;
  }
}

async function measureWith(cache: Cache, request: MeasureRequest, measure: Measure, root: string): Promise<TestRun> {
  const installed = installedIn(root);
  const before = readState(cache.path);
  const isStale = before.installed !== installed || Date.now() - before.since > REFILL_MS;
  if (isStale) cache.clear();
  const fills = request.only === null && (isStale || before.isPending);
  const session = openSession(cache, fills ? 'fill' : 'read');
  const run = await measure(request, session);
  if (session.wasWrittenTo() || readState(cache.path).isOff) {
    noteState(cache.path, { isOff: true });
    cache.clear();
    request.onNotice('turbo is off for this project: a process of the suite wrote to its bytecode cache. The suite was run again without.');
    return measure(request, null);
  }
  // Nothing ran, or no package was loaded: that says nothing of the others.
  if (session.met.size === 0 && run.mode !== 'full') return run;
  if (fills) {
    const since = isStale ? { since: Date.now(), tried: [...session.met] } : { tried: [...new Set([...before.tried, ...session.met])] };
    noteState(cache.path, { ...since, installed, isPending: false });
    prune(cache.path);
  } else if (!before.isPending && [...session.met].some((key) => !before.tried.includes(key))) {
    noteState(cache.path, { isPending: true });
  }
  markUsed(cache.path);
  return run;
}
