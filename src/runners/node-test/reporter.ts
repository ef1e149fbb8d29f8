// A node:test reporter that prints nothing and writes what pushgate needs to `events-<pid>.ndjson`. Runs inside the user's test runner:
// built-in modules only.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRecord, EventRecord } from './events.ts';

type TestEvent = {
  type: string;
  data: {
    name: string;
    nesting: number;
    file?: string;
    /** The test file itself, where Node tells (24 and newer); `file` is where `test()` was called. */
    entryFile?: string;
    line?: number;
    column?: number;
    skip?: boolean | string;
    todo?: boolean | string;
    message?: string;
    details?: {
      duration_ms?: number;
      type?: string;
      error?: { failureType?: string; exitCode?: number | null; signal?: string | null; message?: string; cause?: unknown };
    };
  };
};

const FLUSH_MS = 100;
const FAILURE_CHARS = 2000;
const STACK_CHARS = 500;

/** Writes records in batches: a call per event would slow a suite of many small tests. */
function openLog(): { write: (record: EventRecord) => void; flush: () => void } {
  const path = join(process.env['PUSHGATE_RUN'] ?? '.', `events-${process.pid}.ndjson`);
  let lines = '';
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (lines === '') return;
    appendFileSync(path, lines);
    lines = '';
  };
  process.on('exit', flush);
  return {
    write: (record) => {
      lines += `${JSON.stringify(record)}\n`;
      timer ??= setTimeout(flush, FLUSH_MS).unref();
    },
    flush,
  };
}

function failureText(error: NonNullable<TestEvent['data']['details']>['error']): string {
  const cause = error?.cause;
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : typeof cause === 'string' ? cause : error?.message;
  return shortened(stack ?? 'failed');
}

/** The start of a failure, and the start of its stack: a long comparison must not hide where it was made. */
function shortened(failure: string): string {
  const stackAt = failure.indexOf('\n    at ');
  if (failure.length <= FAILURE_CHARS || stackAt < FAILURE_CHARS - STACK_CHARS) return failure.slice(0, FAILURE_CHARS);
  return failure.slice(0, FAILURE_CHARS - STACK_CHARS) + failure.slice(stackAt, stackAt + STACK_CHARS);
}

function recordOf(event: TestEvent, path: string[], subtestsMs: number): TestRecord {
  const { data } = event;
  const error = data.details?.error;
  const reason = typeof data.skip === 'string' ? data.skip : typeof data.todo === 'string' ? data.todo : null;
  const failed = event.type === 'test:fail';
  // A skip given at run time counts as a skip even when the test then fails; a failing todo is still a todo.
  const marked = isSet(data.skip) ? 'skipped' : isSet(data.todo) ? 'todo' : null;
  return {
    kind: 'test',
    file: data.entryFile ?? data.file ?? '',
    at: data.file ?? '',
    path,
    line: data.line ?? 0,
    column: data.column ?? 0,
    durationMs: data.details?.duration_ms ?? 0,
    subtestsMs,
    outcome: marked ?? (failed ? 'failed' : 'passed'),
    reason,
    failure: failed && marked === null && error?.failureType !== 'subtestsFailed' ? failureText(error) : null,
    isSuite: data.details?.type === 'suite',
    enclosing: null,
  };
}

/** `skip: ''` is how Node reports some marks: any value but undefined and false counts. */
function isSet(mark: boolean | string | undefined): boolean {
  return mark !== undefined && mark !== false;
}

/**
 * Rebuilds title paths: `test:start` comes parents first, `test:pass` and `test:fail` children first, and both file by file in order of
 * declaration, also when files run at the same time. A top-level test is written together with all below it. A subtest that fails after it
 * called `skip()` counts as skipped, and fails its parent all the same: that is then the parent's own failure, or nothing would tell it.
 */
function openTree(write: (record: EventRecord) => void): { start: (event: TestEvent) => void; end: (event: TestEvent) => void } {
  const titles: string[] = [];
  const below: TestRecord[][] = [];
  const direct: number[] = [];
  const afterSkip: (string | undefined)[] = [];
  return {
    start({ data }) {
      titles.length = data.nesting;
      titles[data.nesting] = data.name;
    },
    end(event) {
      const level = event.data.nesting;
      const record = recordOf(event, [...titles.slice(0, level), event.data.name], direct[level + 1] ?? 0);
      const inside = below[level + 1] ?? [];
      if (record.outcome === 'failed') record.failure ??= afterSkip[level + 1] ?? null;
      if (!record.isSuite) for (const child of inside) child.enclosing = record.path;
      // A shared function may have called test(): what is below a top-level test belongs to the file of that one.
      if (level === 0) for (const child of inside) child.file = record.file;
      below.length = level + 1;
      direct.length = level + 1;
      afterSkip.length = level + 1;
      if (event.type === 'test:fail' && record.outcome === 'skipped')
        afterSkip[level] ??=
          `The subtest ${JSON.stringify(record.path.at(-1))} called skip() and then failed: ${failureText(event.data.details?.error)}`;
      direct[level] = (direct[level] ?? 0) + record.durationMs;
      const here = (below[level] ??= []);
      here.push(record, ...inside);
      if (level > 0) return;
      for (const each of here) write(each);
      below.length = 0;
      direct.length = 0;
      afterSkip.length = 0;
    },
  };
}

/** Counts what is added and not yet taken; `take` is false when there is none. */
function openCounts(): { add: (key: string) => void; take: (key: string) => boolean } {
  const counts = new Map<string, number>();
  return {
    add: (key) => void counts.set(key, (counts.get(key) ?? 0) + 1),
    take(key) {
      const count = counts.get(key) ?? 0;
      if (count > 1) counts.set(key, count - 1);
      else counts.delete(key);
      return count > 0;
    },
  };
}

function isFileItself({ data }: TestEvent): boolean {
  return (
    data.nesting === 0 &&
    data.line === 1 &&
    data.column === 1 &&
    data.file !== undefined &&
    data.file.endsWith(data.name.replace(/^\.\//, ''))
  );
}

function fileRecordOf({ data }: TestEvent, stderr: string): EventRecord {
  const error = data.details?.error;
  return {
    kind: 'file',
    file: data.file ?? data.name,
    durationMs: data.details?.duration_ms ?? 0,
    failure: error && error.failureType !== 'subtestsFailed' ? `${failureText(error)}\n${stderr}`.trim() : null,
    timedOut: error?.failureType === 'testTimeoutFailure',
    signal: error?.signal ?? null,
  };
}

/** The reporter node:test loads. Yields nothing, so its destination stays silent. */
// oxlint-disable-next-line import/no-default-export, require-yield -- node:test takes a reporter from the default export
export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  if (process.env['PUSHGATE_NODE_OPTIONS'] !== undefined) process.env['NODE_OPTIONS'] = process.env['PUSHGATE_NODE_OPTIONS'];
  const log = openLog();
  const tree = openTree(log.write);
  const stderrOf = new Map<string, string>();
  const hasPrintedMore = new Set<string>();
  const placeOf = ({ data }: TestEvent): Pick<TestRecord, 'file' | 'line' | 'column'> & { name: string; nesting: number } => ({
    file: data.entryFile ?? data.file ?? '',
    name: data.name,
    nesting: data.nesting,
    line: data.line ?? 0,
    column: data.column ?? 0,
  });
  const unreported = openCounts();
  for await (const event of source) {
    const { data } = event;
    if (event.type === 'test:stderr') {
      const file = data.entryFile ?? data.file ?? '';
      hasPrintedMore.add(file);
      stderrOf.set(file, `${stderrOf.get(file) ?? ''}${data.message ?? ''}`.slice(-FAILURE_CHARS));
    } else if (event.type === 'test:dequeue') {
      const clock = Date.now();
      log.write(isFileItself(event) ? { kind: 'file-start', file: data.file ?? '', clock } : { kind: 'begin', ...placeOf(event), clock });
    } else if (event.type === 'test:complete') {
      if (isFileItself(event)) hasPrintedMore.delete(data.file ?? '');
      else unreported.add(JSON.stringify(placeOf(event)));
      log.write(isFileItself(event) ? fileRecordOf(event, stderrOf.get(data.file ?? '') ?? '') : { kind: 'end', ...placeOf(event) });
    } else if (event.type === 'test:start') {
      tree.start(event);
    } else if (event.type === 'test:fail' && isFileItself(event)) {
      // Told in its turn, not at once as before: more of what it printed may be known.
      if (hasPrintedMore.has(data.file ?? '')) log.write(fileRecordOf(event, stderrOf.get(data.file ?? '') ?? ''));
    } else if ((event.type === 'test:pass' || event.type === 'test:fail') && !isFileItself(event)) {
      // Libraries that speak for node:test, such as tap, report how a test came out without saying first that it is over.
      if (!unreported.take(JSON.stringify(placeOf(event)))) log.write({ kind: 'end', ...placeOf(event) });
      tree.end(event);
    }
  }
  log.write({ kind: 'complete' });
  log.flush();
}
