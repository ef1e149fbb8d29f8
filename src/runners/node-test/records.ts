import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEventLog, type EventLog, type EventRecord, type RunningTest } from './events.ts';
import { openNotes, type Notes, type NotesEntry } from './observed.ts';

/** What the preload writes when a Node process begins and, for test files, when it ends. */
export type ProcessStart = { pid: number; started: number; owner: string | null; script: string; isTestFile: boolean; covers: boolean };
export type ProcessEnd = {
  pid: number;
  ended: number;
  exitCalledAt: string | null;
  /** The first error that nothing caught, with its stack. */
  thrown?: string | null;
  usedTestRunner: boolean;
  /** Null when the process could not tell. */
  peakRssBytes?: number | null;
};

/** Starts and ends of the Node processes of a run, in the order written. */
export type ProcessLog = { readonly starts: ProcessStart[]; readonly ends: ProcessEnd[] };

/** A text file that other processes append to, read piece by piece: each call gives the complete lines added since the last. */
function openTail(path: string): () => string[] {
  let offset = 0;
  let rest = Buffer.alloc(0);
  return () => {
    const chunks = [rest];
    const fd = openSync(path, 'r');
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafe(64 * 1024);
        const length = readSync(fd, chunk, 0, chunk.length, offset);
        if (length === 0) break;
        offset += length;
        chunks.push(chunk.subarray(0, length));
      }
    } finally {
      closeSync(fd);
    }
    const all = Buffer.concat(chunks);
    const end = all.lastIndexOf(0x0a) + 1;
    rest = all.subarray(end);
    return end === 0 ? [] : all.toString('utf8', 0, end - 1).split('\n');
  };
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what its own file holds
function parse<Entry>(line: string): Entry | null {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    // A line cut by a killed process.
    return null;
  }
}

/** What the processes of a run wrote down, as far as it has been read. */
export type Records = { readonly poll: () => void; readonly processes: ProcessLog; readonly notes: ReadonlyMap<number, Notes> };

/** Reads what reporters and preloads write into the run's folder; `poll` may be called at any time. */
export function openRecords(dir: string, log: EventLog): Records {
  const tails = new Map<string, () => string[]>();
  const processes: ProcessLog = { starts: [], ends: [] };
  const notes = openNotes();
  const take = (name: string, line: string): void => {
    if (name === 'processes.ndjson') {
      const entry = parse<ProcessStart | ProcessEnd>(line);
      if (entry && 'started' in entry) processes.starts.push(entry);
      else if (entry) processes.ends.push(entry);
      return;
    }
    if (name === 'inputs.ndjson') {
      const entry = parse<NotesEntry>(line);
      if (entry) notes.add(entry);
      return;
    }
    const record = parse<EventRecord>(line);
    if (record) log.add(record);
  };
  const poll = (): void => {
    for (const name of readdirSync(dir)) {
      if (!name.endsWith('.ndjson')) continue;
      const tail = tails.get(name) ?? openTail(join(dir, name));
      tails.set(name, tail);
      for (const line of tail()) take(name, line);
    }
  };
  return { poll, processes, notes: notes.byOwner };
}

/**
 * The tests that had begun and not ended in the processes that did not end by themselves, by test file (absolute); from the processes'
 * own notes, which a blocked event loop does not keep back.
 */
export function readBegun(dir: string, { starts, ends }: ProcessLog): ReadonlyMap<string, readonly RunningTest[]> {
  const ended = new Set(ends.map(({ pid }) => pid));
  const begun = new Map<string, RunningTest[]>();
  for (const { pid, script, isTestFile } of starts) {
    const path = join(dir, `begun-${pid}.log`);
    if (ended.has(pid) || !existsSync(path)) continue;
    const log = openEventLog();
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const record = parse<Extract<EventRecord, { kind: 'begin' | 'end' }>>(line);
      // A shared function may have called test(): the test file is what the process runs.
      if (record) log.add(isTestFile ? { ...record, file: script } : record);
    }
    for (const test of log.running()) begun.set(test.file, [...(begun.get(test.file) ?? []), test]);
    if (isTestFile && !begun.has(script)) begun.set(script, []);
  }
  return begun;
}

/** Turns a position in a compiled test file into the one its author wrote. */
export type PositionMapper = (file: string, line: number, column: number) => { line: number; column: number };

/** What the source maps of compiled test files tell. */
export type SourceMaps = {
  readonly positions: PositionMapper;
  /** The script that ran, by each source it was compiled from; both absolute. Before Node 24 a test of it is told by the source alone. */
  readonly scripts: ReadonlyMap<string, string>;
};

type Payload = ConstructorParameters<typeof SourceMap>[0];

/** Reads the source maps that test-file processes left behind. */
export function readSourceMaps(dir: string): SourceMaps {
  const maps = new Map<string, SourceMap>();
  const scripts = new Map<string, string>();
  for (const name of readdirSync(dir).filter((each) => /^map-\d+\.json$/.test(each))) {
    try {
      const { file, payload } = JSON.parse(readFileSync(join(dir, name), 'utf8')) as { file: string; payload: Payload };
      maps.set(file, new SourceMap(payload));
      // Node has made the sources absolute.
      for (const source of payload.sources) scripts.set(source.startsWith('file:') ? fileURLToPath(source) : source, file);
    } catch {
      // Without its map the file keeps the compiled positions.
    }
  }
  const positions: PositionMapper = (file, line, column) => {
    const entry = maps.get(file)?.findEntry(line - 1, column - 1);
    return entry !== undefined && 'originalLine' in entry && typeof entry.originalLine === 'number'
      ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
      : { line, column };
  };
  return { positions, scripts };
}
