// Times the calls that block the thread: there is no idle time in them, yet no CPU of this process either. Part of the tracing preload.
const childProcess: typeof import('node:child_process') = require('node:child_process');
const nodeModule: typeof import('node:module') = require('node:module');

type BlockRecord = import('./record.ts').BlockRecord;
type Sites = { capture: () => Error | null; siteOfStack: (made: Error | null) => import('./record.ts').Site };
type Block = { start: number; end: number; kind: 'child' | 'sleep'; what: string; made: Error | null };
type Call = (...args: unknown[]) => unknown;

const { capture, siteOfStack } = require('./sites.cjs') as Sites;

/** Shorter ones are not worth a record: locks are taken and released by the thousand. */
const LEAST_MS = 0.2;

/** Wraps what blocks. Returns what was seen, to be called once at the end. */
function watchBlocking(clock: () => number): () => BlockRecord[] {
  const seen: Block[] = [];
  let isInside = false;
  const wrap = (owner: Record<string, unknown>, what: string, kind: Block['kind']): void => {
    const original = owner[what] as Call;
    const timed = function (this: unknown, ...args: unknown[]): unknown {
      if (isInside) return Reflect.apply(original, this, args);
      const start = clock();
      isInside = true;
      try {
        return Reflect.apply(original, this, args);
      } finally {
        isInside = false;
        const end = clock();
        if (end - start >= LEAST_MS) seen.push({ start, end, kind, what, made: capture() });
      }
    };
    for (const key of ['name', 'length']) Object.defineProperty(timed, key, Object.getOwnPropertyDescriptor(original, key) ?? {});
    Object.defineProperty(owner, what, { ...Object.getOwnPropertyDescriptor(owner, what), value: timed });
  };
  for (const what of ['spawnSync', 'execSync', 'execFileSync']) wrap(childProcess as unknown as Record<string, unknown>, what, 'child');
  wrap(Atomics as unknown as Record<string, unknown>, 'wait', 'sleep');
  nodeModule.syncBuiltinESMExports();
  return () => seen.map(recordOf);
}

function recordOf({ start, end, kind, what, made }: Block): BlockRecord {
  const { file, line, column, isLoading } = siteOfStack(made);
  return { start, end, kind: isLoading ? 'loading' : kind, what: kind === 'sleep' ? 'Atomics.wait' : what, file, line, column };
}

module.exports = { watchBlocking };
