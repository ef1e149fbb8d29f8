import type { Bucket, Place } from '../../../model/explanation.ts';
import { pathOf, type Places } from './places.ts';
import type { ProfileNode, TraceRecord } from './record.ts';

/** What one stack of the profile counts as. */
type Kind = {
  /** Null while the event loop was idle, which the gaps tell of, and for the work of the tracer. */
  readonly bucket: Bucket | null;
  /** Native code without a frame of JavaScript. */
  readonly isNative: boolean;
  /** The nearest function of the user's, else of a package. */
  readonly caller: { readonly name: string; readonly place: Place } | null;
};

/** One sample of the thread, in ms of the process's clock. */
export type Sample = Kind & { readonly at: number; readonly ms: number };

const MODULES = /^node:internal\/modules\/(?!run_main)/;
const RUNNER = /^node:internal\/test_runner\//;
const FILES = /^node:(?:internal\/)?fs(?:\/|$)/;
const CHILDREN = /^node:(?:internal\/)?child_process$/;

/** The tracer's own work: neither the test's nor anyone's. */
const OURS: Kind = { bucket: null, isNative: false, caller: null };
const ASYNC_HOOKS = 'node:internal/async_hooks';

/** The samples of a trace in order of time. */
export function samplesOf(record: TraceRecord, places: Places): Sample[] {
  const { nodes, samples = [], timeDeltas = [], startTime } = record.profile;
  const stackOf = stacksOf(nodes);
  const kinds = new Map<number, Kind>();
  const found: Sample[] = [];
  let at = startTime / 1_000 - record.profileOffset;
  for (const [index, id] of samples.entries()) {
    at += (timeDeltas[index] ?? 0) / 1_000;
    const kind = kinds.get(id) ?? kindOf(stackOf(id), record, places);
    kinds.set(id, kind);
    found.push({ ...kind, at, ms: Math.max(0, (timeDeltas[index + 1] ?? 0) / 1_000) });
  }
  return found.toSorted((a, b) => a.at - b.at);
}

/** Stacks by node, the innermost frame first. */
function stacksOf(nodes: readonly ProfileNode[]): (id: number) => ProfileNode['callFrame'][] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  return (id) => {
    const frames: ProfileNode['callFrame'][] = [];
    for (let each: number | undefined = id; each !== undefined; each = parents.get(each)) {
      const node = byId.get(each);
      if (node !== undefined) frames.push(node.callFrame);
    }
    return frames;
  };
}

function kindOf(stack: readonly ProfileNode['callFrame'][], record: TraceRecord, places: Places): Kind {
  const [top] = stack;
  if (top?.functionName === '(idle)') return { bucket: null, isNative: true, caller: null };
  // What the runner called is the test's own, whatever was being loaded when it began.
  const runner = stack.findIndex((frame) => RUNNER.test(frame.url));
  const inner = runner < 0 ? stack : stack.slice(0, runner);
  const caller = callerIn(inner, record, places);
  if (top?.functionName === '(garbage collector)') return { bucket: 'gc', isNative: false, caller };
  if (top?.functionName === '(program)' || stack.length <= 1) return { bucket: 'node', isNative: true, caller: null };
  if (inner.some((frame) => MODULES.test(frame.url) || isModuleBody(frame))) return { bucket: 'loading', isNative: false, caller };
  const running = inner.filter((frame) => isFile(frame.url) || frame.url.startsWith('node:'));
  if (running.some(({ url }) => url === ASYNC_HOOKS || pathOf(url).startsWith(record.guest))) return OURS;
  return { bucket: bucketOf(running, places), isNative: false, caller };
}

const isFile = (url: string): boolean => url.startsWith('file:') || url.startsWith('/') || /^[A-Za-z]:[\\/]/.test(url);

/** The top level of a module: what runs in it is part of loading it. */
const isModuleBody = (frame: ProfileNode['callFrame']): boolean =>
  isFile(frame.url) && frame.lineNumber === 0 && frame.columnNumber === 0 && /^(?:|\(anonymous\))$/.test(frame.functionName);

/** What runs is told by the innermost file, or by what of Node that file called: a buffer may be written for a file. */
function bucketOf(running: readonly ProfileNode['callFrame'][], places: Places): Bucket {
  const [first] = running;
  if (first === undefined) return 'node';
  if (!first.url.startsWith('node:')) return places.isOwn(pathOf(first.url)) ? 'source' : 'packages';
  const called = running.slice(0, running.findIndex(({ url }) => !url.startsWith('node:')) >>> 0);
  if (called.some(({ url }) => FILES.test(url))) return 'files';
  return called.some(({ url }) => CHILDREN.test(url)) ? 'children' : 'node';
}

function callerIn(stack: readonly ProfileNode['callFrame'][], record: TraceRecord, places: Places): Kind['caller'] {
  const files = stack.filter(({ url }) => isFile(url) && !pathOf(url).startsWith(record.guest));
  // Of what goes on by itself in a package nothing of the user's is on the stack.
  const frame = files.find(({ url }) => places.isOwn(pathOf(url))) ?? files[0];
  if (frame === undefined) return null;
  const { url, lineNumber, columnNumber, functionName } = frame;
  const known = record.positions[`${url}:${lineNumber}:${columnNumber}`];
  const place = places.at(known?.file ?? pathOf(url), known?.line ?? lineNumber + 1, known === undefined ? columnNumber + 1 : 0);
  return place === null ? null : { name: functionName === '' ? '(anonymous)' : functionName, place };
}
