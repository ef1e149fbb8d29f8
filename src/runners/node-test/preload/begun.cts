// Part of the preload, in the process of a test file: writes at once which test begins. What the process tells its runner waits for the
// event loop, and a test that blocks it would never be named. Built-in modules only.
const { openSync, unlinkSync, writeSync }: typeof import('node:fs') = require('node:fs');
const path: typeof import('node:path') = require('node:path');
const { Readable }: typeof import('node:stream') = require('node:stream');

type Stream = InstanceType<typeof Readable>;
type Place = { name: string; nesting: number; file?: string; line?: number; column?: number };

const KINDS = new Map<unknown, string>([
  ['test:dequeue', 'begin'],
  ['test:complete', 'end'],
]);

/** Notes in `begun-<pid>.log` which tests begin and end here, as the reporter's records do; it stays only when the process does not end. */
function noteBegun(dir: string): void {
  findTestsStream((stream) => {
    // oxlint-disable-next-line typescript/unbound-method -- called with the receiver it is given
    const emit = stream.emit as (...args: unknown[]) => boolean;
    const log = path.join(dir, `begun-${process.pid}.log`);
    let fd: number | null = null;
    const open = (): number => {
      process.once('exit', () => remove(log));
      return openSync(log, 'a');
    };
    const note = (kind: string, { name, nesting, file, line, column }: Place): void => {
      try {
        fd ??= open();
        writeSync(fd, `${JSON.stringify({ kind, clock: Date.now(), file, name, nesting, line, column })}\n`);
      } catch {
        // The run is over, or the test took the descriptor away: the runner's own account has to do.
      }
    };
    Object.defineProperty(stream, 'emit', {
      configurable: true,
      enumerable: false,
      writable: true,
      value(this: Stream, ...args: unknown[]): boolean {
        const kind = KINDS.get(args[0]);
        if (kind !== undefined) note(kind, args[1] as Place);
        return Reflect.apply(emit, this, args) as boolean;
      },
    });
  });
}

/** Node hands the stream of what happens in tests to nobody; it is known by the first thing that it is given. */
function findTestsStream(found: (stream: Stream) => void): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the receiver it is given
  const { push } = Readable.prototype;
  const watching = function (this: Stream, ...args: Parameters<Stream['push']>): boolean {
    if (this.constructor.name === 'TestsStream') {
      // Somebody else's wrapper around ours stays: it only costs a comparison.
      if (Readable.prototype.push === watching) Readable.prototype.push = push;
      if (!Object.hasOwn(this, 'emit')) found(this);
    }
    return Reflect.apply(push, this, args) as boolean;
  };
  Readable.prototype.push = watching;
}

function remove(log: string): void {
  try {
    unlinkSync(log);
  } catch {
    // The run is over.
  }
}

module.exports = { noteBegun };
