// Takes a CPU profile of the process, and tells the original places of its functions. Part of the tracing preload.
const { Session }: typeof import('node:inspector') = require('node:inspector');
const nodeModule: typeof import('node:module') = require('node:module');
const nodeUrl: typeof import('node:url') = require('node:url');

type Profile = import('./record.ts').Profile;
type Positions = Record<string, { file: string; line: number }>;
type Profiled = { profile: Profile; profileOffset: number; positions: Positions };

const EVERY_US = 1_000;

/** Begins to sample; what is returned ends it and gives the profile. */
function startProfile(clock: () => number): () => Profiled {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: EVERY_US });
  session.post('Profiler.start');
  // V8 counts from the same origin as hrtime.
  const profileOffset = Number(process.hrtime.bigint()) / 1e6 - clock();
  return () => {
    let profile: Profile = { nodes: [], startTime: 0 };
    session.post('Profiler.stop', (error, stopped) => {
      if (error === null) profile = stopped.profile;
    });
    session.disconnect();
    return { profile, profileOffset, positions: positionsIn(profile) };
  };
}

/** Original positions, where Node knows the source map: of what a loader compiled on the fly nobody else does. */
function positionsIn(profile: Profile): Positions {
  const found: Positions = {};
  for (const { callFrame } of profile.nodes) {
    const { url, lineNumber, columnNumber } = callFrame;
    if (url === '' || url.startsWith('node:')) continue;
    const place = originalOf(url, lineNumber, columnNumber);
    if (place !== null) found[`${url}:${lineNumber}:${columnNumber}`] = place;
  }
  return found;
}

function originalOf(url: string, line: number, column: number): { file: string; line: number } | null {
  try {
    const path = url.startsWith('file:') ? nodeUrl.fileURLToPath(url) : url;
    const entry = (nodeModule.findSourceMap(path) ?? nodeModule.findSourceMap(url))?.findEntry(line, column);
    if (entry === undefined || !('originalSource' in entry)) return null;
    const source = entry.originalSource;
    return { file: source.startsWith('file:') ? nodeUrl.fileURLToPath(source) : source, line: entry.originalLine + 1 };
  } catch {
    return null;
  }
}

/** The original place of one that a test object tells; Node maps it itself only with this option. */
function originalOfTest(file: string, line: number, column: number): { file: string; line: number } {
  const isMapped = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ').includes('--enable-source-maps');
  return (isMapped || line === 0 ? null : originalOf(file, line - 1, column - 1)) ?? { file, line };
}

module.exports = { startProfile, originalOfTest };
