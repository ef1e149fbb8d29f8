import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { parseKnownSlow } from '../../src/config/known-slow.ts';
import { findCheckpoint } from '../../src/store/checkpoints.ts';
import { loadFileRuns } from '../../src/store/file-runs.ts';
import { loadLastRun } from '../../src/store/last-run.ts';
import { findStamp } from '../../src/store/stamps.ts';
import { pathToFileURL } from 'node:url';
import { childEnv } from './child-env.ts';
import { PACKAGE } from './package.ts';

/** What became of state whose writers were killed; every list names kills after which something was not as it has to be. */
export type WriteKills = {
  kills: number;
  /** Records that a writer had announced as written; each has to be found again. */
  committed: number;
  readonly lost: string[];
  readonly unreadable: string[];
  /** Files that killed writers left in our folders, and that were still there after a later write. */
  left: readonly string[];
};

const built = (path: string): string => JSON.stringify(pathToFileURL(`${PACKAGE}/dist/src/${path}`).href);

/** Writes all state over and over; a number is announced when everything of that round is written. */
const WRITER = `
import { appendCheckpoint } from ${built('store/checkpoints.js')};
import { saveFileRuns } from ${built('store/file-runs.js')};
import { saveLastRun } from ${built('store/last-run.js')};
import { saveStamp } from ${built('store/stamps.js')};
import { saveAllowlist } from ${built('commands/allow/allowlist.js')};
import { writeSync } from 'node:fs';
const [, dir, from, rounds] = process.argv;
const count = { covered: 3, total: 4 };
const run = (n) => ({ wallMs: n, workers: 1, mode: 'full', unproven: [], lost: [], shared: [], coverage: null, files:
  Array.from({ length: 40 }, (_, file) => ({ file: 'f' + file, durationMs: 1, raw: [], tests: [] })) });
const entry = (n) => ({ file: 'a.js', name: 'n' + n, reason: 'x'.repeat(n % 3000), ceiling: '20s' });
const kept = (n) => ({ key: new Map([['Node', 'n' + n]]), tree: null, coverage: null, sourceMaps: new Map(),
  lastFull: { at: '2026-11-21T10:00:00.000Z', wallMs: n, durationsMs: new Map(), isOver: false },
  records: new Map(Array.from({ length: 40 }, (_, file) => ['f' + file, { untracked: null, states: new Map([['file a.js', 's' + n]]),
    run: { file: 'f' + file, durationMs: n, tests: [], raw: [{ url: 'file:///top/a.js', text: 't' + n + 'x'.repeat(file * 50), count: n }] } }])) });
const must = (warning) => { if (warning !== null) { writeSync(2, warning); process.exit(1); } };
writeSync(1, 'ready\\n');
for (let n = Number(from); n < Number(from) + Number(rounds); n += 1) {
  must(await appendCheckpoint(dir, { commit: 'c' + n, at: '2026-11-21T10:00:00.000Z', wallMs: n, tests: 1,
    coverage: { lines: count, branches: count, functions: count, statements: count } }));
  must(await saveLastRun(dir, run(n)));
  must(await saveStamp(dir, 'k' + n, { policy: {}, verdict: { exitCode: 0, findings: [], run: run(n) } }));
  must(await saveFileRuns(dir + '/file-runs', kept(n), { top: '/top', remembered: new Map(), before: null }));
  await saveAllowlist({ root: dir + '-project', path: 'known-slow.jsonc' }, JSON.stringify({ tests: [entry(n)] }));
  writeSync(1, n + '\\n');
}
`;

/** Of stamps the last ones are kept: at least so many. Of checkpoints 500 lines, and one number may have several: a killed writer's is written again. */
const KEPT = { lines: 500, stamps: 15 };

/** Kills a process that writes state, as often as asked, each time at another moment; then reads all there is. */
export async function killWriters(t: Pick<TestContext, 'after'>, count: number, onKill: (told: WriteKills) => void = () => {}) {
  const dir = mkdtempSync(join(tmpdir(), 'pushgate-test-'));
  t.after(() => [dir, `${dir}-project`].forEach((each) => rmSync(each, { recursive: true, force: true })));
  const told: WriteKills = { kills: 0, committed: 0, lost: [], unreadable: [], left: [] };
  let last = 0;
  for (let kill = 0; kill < count; kill += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one writer at a time
    const written = await write(dir, last + 1, 1e9, Math.random() * 40);
    told.kills += 1;
    told.committed += 5 * (written - last);
    inspect(dir, { first: last + 1, last: written }, `kill ${kill}`, told);
    last = written;
    onKill(told);
  }
  makeOld(dir);
  const end = await write(dir, last + 1, 1, null);
  inspect(dir, { first: firstKept(dir), last: end }, 'at the end', told);
  const slices = filesIn(dir).filter((path) => /slices-.*\.gz$/.test(path));
  told.left = [...filesIn(dir).filter((path) => /\.\d+$/.test(path)), ...slices.slice(1)];
  return told;
}

/** The first number that has to be there among the checkpoints: all of them, as long as nothing was cut off; else what the lines begin with. */
function firstKept(dir: string): number {
  const lines = readFileSync(join(dir, 'checkpoints.jsonl'), 'utf8').split('\n').filter(Boolean);
  const first = /"commit":"c(\d+)"/.exec(lines[0] ?? '')?.[1];
  return lines.length >= KEPT.lines && first !== undefined ? Number(first) : 1;
}

/** Starts a writer at a number and kills it so long (ms) after it began, or lets it end; returns the last number it announced. */
async function write(dir: string, from: number, rounds: number, killAfterMs: number | null): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, dir, String(from), String(rounds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // What a killed process covered is nobody's loss.
    env: childEnv({ PUSHGATE_RUN: undefined, NODE_V8_COVERAGE: undefined }),
  });
  let told = '';
  const ready = new Promise<void>((done) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      done();
    });
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  await Promise.race([ready, ended]);
  if (killAfterMs !== null) {
    await wait(killAfterMs);
    child.kill('SIGKILL');
  }
  const code = await ended;
  if (code !== (killAfterMs === null ? 0 : null)) throw new Error(`the writer ended with ${code}`);
  return Number(told.split('\n').findLast((line) => /^\d+$/.test(line)) ?? from - 1);
}

/** Reads all state. Of what was under way after the last announced number, anything may be there; what was announced has to be. */
function inspect(dir: string, announced: { first: number; last: number }, when: string, told: WriteKills): void {
  const { first, last } = announced;
  const run = loadLastRun(dir)?.run.wallMs;
  const allowed = nameIn(join(`${dir}-project`, 'known-slow.jsonc'));
  const found = { run, allowed, 'file runs': keptIn(join(dir, 'file-runs')) };
  for (const [what, number] of Object.entries(found)) {
    if (last > 0 && number === undefined) told.unreadable.push(`${when}: ${what}`);
    else if (number !== undefined && number !== last && number !== last + 1) told.lost.push(`${when}: ${what} ${last}, found ${number}`);
  }
  for (let number = first; number <= last; number += 1) {
    if (findCheckpoint(dir, [`c${number}`]) === null) told.lost.push(`${when}: checkpoint ${number}`);
    if (number > last - KEPT.stamps && findStamp(dir, `k${number}`).stamp === null) told.lost.push(`${when}: stamp ${number}`);
  }
}

/** The number in every record of the kept file runs and in every slice of their coverage, which lie in two files that belong together. */
function keptIn(dir: string): number | undefined {
  const { kept } = loadFileRuns(dir, '/top');
  try {
    const records = [...(kept?.records.values() ?? [])].map(({ run }) => run.durationMs);
    const raw = kept?.raw;
    const slices = [...(raw?.scripts.keys() ?? [])].flatMap((url) => [...(raw?.slicesOf(url).values() ?? [])].flat());
    const counts = slices.map(({ count }) => count);
    return records.length === 40 && counts.length === 40 && new Set([...records, ...counts]).size === 1 ? records[0] : undefined;
  } catch {
    return undefined;
  }
}

/** As if everything had been written long ago. */
function makeOld(dir: string): void {
  for (const path of filesIn(dir)) utimesSync(join(dir, path), 0, 0);
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) => !['stamps', 'file-runs'].includes(path));
}

/** The number in the name of the allowlist's one entry; undefined when it cannot be read. */
function nameIn(path: string): number | undefined {
  try {
    const [entry] = parseKnownSlow(readFileSync(path, 'utf8'), path);
    return entry && Number(entry.name.slice(1));
  } catch {
    return undefined;
  }
}
