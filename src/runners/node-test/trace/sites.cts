// Reads stacks: which line of the user's made a resource, and through which function of Node. Part of the tracing preload.
const nodeUrl: typeof import('node:url') = require('node:url');

type Site = import('./record.ts').Site;
type Context = import('./record.ts').Context;
type Frame = { name: string; file: string; line: number; column: number; isNode: boolean; isTheirs: boolean };

const FRAME =
  /^\s+at (?:async )?(?:(.*?) \()?((?:file:\/\/|node:|\/|[A-Za-z]:[\\/])[^()]*?|<anonymous>|native|internal\/[^()]*?)(?::(\d+))?(?::(\d+))?\)?$/;
const DEPTH = 40;
const MOST_ORIGINS = 12;

/** An error that holds the stack of where it is made, deep enough to reach past Node and packages. Nothing is formatted yet. */
function capture(): Error | null {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = DEPTH;
    return new Error();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function frameOf(line: string): Frame | null {
  const match = FRAME.exec(line);
  if (match === null) return null;
  const [, called = '', at = '', row, column] = match;
  const isNode = /^(?:node:|internal\/|<anonymous>|native)/.test(at);
  const file = at.startsWith('file:') ? pathOf(at) : at;
  const isOurs = file.startsWith(__dirname) || file.startsWith(`${__dirname}.`);
  const isTheirs = !isNode && !isOurs && row !== undefined && !/[\\/]node_modules[\\/]/.test(file);
  const name = called.replace(/^(?:async )?(?:Object|Module|exports|globalThis|TestContext)\./, '').replace(/ \[as .*\]$/, '');
  return isOurs ? null : { name, file, line: Number(row ?? 0), column: Number(column ?? 0), isNode, isTheirs };
}

function pathOf(url: string): string {
  try {
    return nodeUrl.fileURLToPath(url);
  } catch {
    return url;
  }
}

function framesOf(made: Error | null): Frame[] {
  const stack: unknown = made?.stack;
  if (typeof stack !== 'string') return [];
  return stack
    .split('\n')
    .map(frameOf)
    .filter((frame) => frame !== null);
}

/** The site that a stack tells of; `file` is empty when no frame in it is the user's. */
function siteOfStack(made: Error | null): Site {
  const frames = framesOf(made);
  const first = frames.findIndex((frame) => !frame.isNode);
  const before = first < 0 ? frames : frames.slice(0, first);
  const called = before.findLast(
    (frame) => frame.isNode && /^(?:new )?[\w$]+$/.test(frame.name) && !/processTicks|emit|^new Promise$/i.test(frame.name),
  );
  const theirs = frames.find((frame) => frame.isTheirs);
  const upTo = theirs === undefined ? frames : frames.slice(0, frames.indexOf(theirs));
  const isLoading = upTo.some((frame) => /^(?:node:)?internal\/modules\//.test(frame.file) && !/run_main/.test(frame.file));
  return { what: called?.name ?? '', file: theirs?.file ?? '', line: theirs?.line ?? 0, column: theirs?.column ?? 0, isLoading };
}

/** The site of a resource: its own, or that of the nearest one whose callback led to it. */
function siteOf(context: Context): Site {
  let own: Site | null = null;
  let from: Context | null = context;
  for (let count = 0; from !== null && count < MOST_ORIGINS; count += 1) {
    const site = siteOfStack(from.made);
    own ??= site;
    if (site.file !== '') return { ...site, isLoading: own.isLoading, what: own.what === '' ? site.what : own.what };
    from = from.origin;
  }
  return own ?? { what: '', file: '', line: 0, column: 0, isLoading: false };
}

module.exports = { capture, siteOf, siteOfStack };
