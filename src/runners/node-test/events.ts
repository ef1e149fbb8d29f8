/** A finished test or suite, as the reporter writes it. */
export type TestRecord = {
  kind: 'test';
  /** Absolute path of the test file, as far as Node tells. */
  file: string;
  /** Absolute path of the file that called `test()`: a shared function may do so for many test files. */
  at: string;
  path: string[];
  line: number;
  column: number;
  durationMs: number;
  subtestsMs: number;
  outcome: 'passed' | 'failed' | 'skipped' | 'todo';
  reason: string | null;
  /** Null for a parent that failed only because a subtest did. */
  failure: string | null;
  isSuite: boolean;
  /** Title path of the outermost test around it; null when it runs by itself. */
  enclosing: string[] | null;
};

type Place = { file: string; name: string; nesting: number; line: number; column: number };

/** One line of `events-<pid>.ndjson`. */
export type EventRecord =
  | TestRecord
  | { kind: 'file-start'; file: string; clock: number }
  | { kind: 'file'; file: string; durationMs: number; failure: string | null; timedOut: boolean; signal: string | null }
  | ({ kind: 'begin'; clock: number } & Place)
  | ({ kind: 'end' } & Place)
  /** The runner reached its own end. */
  | { kind: 'complete' };

export type FileRecord = Extract<EventRecord, { kind: 'file' }>;

/** A test that has begun and not ended. `since` is in ms of the epoch. */
export type RunningTest = {
  readonly file: string;
  readonly path: readonly string[];
  readonly line: number;
  readonly column: number;
  readonly since: number;
};

/** Everything the reporters of one run have said so far. */
export type EventLog = {
  readonly tests: readonly TestRecord[];
  readonly files: ReadonlyMap<string, FileRecord>;
  /** Files that have begun, and when, in ms of the epoch. */
  readonly filesStarted: ReadonlyMap<string, number>;
  readonly testsDone: number;
  readonly failed: number;
  /** How many runners reached their end. */
  readonly completed: number;
  /** Tests under way, innermost only. */
  readonly running: () => RunningTest[];
  readonly add: (record: EventRecord) => void;
};

type Open = RunningTest & { nesting: number };

/** An empty log; records may come from several runners in any interleaving. */
export function openEventLog(): EventLog {
  const tests: TestRecord[] = [];
  const files = new Map<string, FileRecord>();
  const filesStarted = new Map<string, number>();
  const open = new Map<string, Open[]>();
  const count = { testsDone: 0, failed: 0, completed: 0 };

  const begin = (record: Place & { clock: number }): void => {
    const stack = open.get(record.file) ?? [];
    const parents = stack.filter((each) => each.nesting < record.nesting).slice(-1);
    const path = [...(parents[0]?.path ?? []).slice(0, record.nesting), record.name];
    stack.push({ file: record.file, path, line: record.line, column: record.column, since: record.clock, nesting: record.nesting });
    open.set(record.file, stack);
  };
  const end = (record: Place): void => {
    count.testsDone += 1;
    const stack = open.get(record.file) ?? [];
    const index = stack.findIndex(
      (each) =>
        each.nesting === record.nesting && each.line === record.line && each.column === record.column && each.path.at(-1) === record.name,
    );
    if (index >= 0) stack.splice(index, 1);
  };

  return {
    tests,
    files,
    filesStarted,
    get testsDone() {
      return count.testsDone;
    },
    get failed() {
      return count.failed;
    },
    get completed() {
      return count.completed;
    },
    running: () => [...open.values()].flatMap((stack) => stack.filter((each) => !stack.some((other) => isInside(other, each)))),
    add(record) {
      if (record.kind === 'test') {
        tests.push(record);
        if (record.failure !== null) count.failed += 1;
      } else if (record.kind === 'file') files.set(record.file, record);
      else if (record.kind === 'file-start') filesStarted.set(record.file, record.clock);
      else if (record.kind === 'begin') begin(record);
      else if (record.kind === 'end') end(record);
      else count.completed += 1;
    },
  };
}

function isInside(inner: Open, outer: Open): boolean {
  return inner.nesting > outer.nesting && outer.path.every((title, level) => inner.path[level] === title);
}
