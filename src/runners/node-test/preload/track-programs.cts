// What a process starts and whom it talks to, as far as that decides whether its tests may be left out of a later run. Part of `track.cts`.
const fs: typeof import('node:fs') = require('node:fs');
const path: typeof import('node:path') = require('node:path');
const net: typeof import('node:net') = require('node:net');
const childProcess: typeof import('node:child_process') = require('node:child_process');

type Note = (kind: string, what: string) => void;
type Trust = {
  readonly trusted: boolean | readonly string[];
  readonly env: readonly string[];
  /** Does something without what it reads of the environment being noted. */
  readonly unseen: <Result>(work: () => Result) => Result;
};
type Env = Readonly<Record<string, string | undefined>>;

/** A program that is started: as one command line for a shell, or by file. `env` null for the environment of this process. */
type Start = { readonly file: string; readonly args: readonly string[]; readonly shell: string | null; readonly env: Env | null };

/**
 * Notes programs that are not observed themselves: they may read anything. A Node process is observed by the same preload, if it inherits
 * it. Connections that leave the machine are noted too.
 */
function watchPrograms(note: Note, trust: Trust): void {
  const { openSync, readSync, closeSync } = fs;
  const head = (file: string): string => {
    const bytes = Buffer.alloc(80);
    const fd = openSync(file, 'r');
    try {
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(fd);
    }
  };
  const started = ({ file, args, shell, env }: Start): void => {
    const program = shell === null ? file : (programIn(shell) ?? shell);
    if (isTrusted(program, trust.trusted)) return;
    if (inherits(env) && (shell === null || programIn(shell) !== null) && isNode(program, head) && !readsUnseen(shell ?? args.join(' ')))
      return;
    for (const name of trust.env) note('env', name);
    note('everything', path.basename(program).slice(0, 60));
  };
  watchStarts(started, trust.unseen);
  watchConnections((host) => note('untracked', host));
}

function isTrusted(program: string, trusted: Trust['trusted']): boolean {
  return typeof trusted === 'boolean' ? trusted : trusted.includes(path.basename(program));
}

/** The program of a command line that is one simple command; null when a shell has more to do than to start it. */
function programIn(command: string): string | null {
  if (/[;&|<>()`$\n*?[\]{}~#!\\]|NODE_OPTIONS=/.test(command)) return null;
  return /^\s*(?:\w+=\S*\s+)*(?:"([^"]+)"|'([^']+)'|([^\s"']+))(?:\s|$)/.exec(command)?.slice(1).find(Boolean) ?? null;
}

/** Whether a process with this environment loads the preload as we did. */
function inherits(env: Env | null): boolean {
  if (env === null) return true;
  return env['PUSHGATE_RUN'] === process.env['PUSHGATE_RUN'] && (env['NODE_OPTIONS'] ?? '').includes('preload.cjs');
}

/** Node itself, or a script that starts with it. */
function isNode(program: string, head: (file: string) => string): boolean {
  if (program === process.execPath || /^node(?:js)?$/.test(program)) return true;
  const folders = program.includes('/') ? [''] : (process.env['PATH'] ?? '').split(path.delimiter);
  for (const folder of folders) {
    try {
      return /^#!.*\bnode\b/.test(head(path.join(folder, program)));
    } catch {
      // Not there; the next folder.
    }
  }
  return false;
}

/** Flags with which Node reads files by itself, runs what is no Node process, or keeps our preload from writing. */
function readsUnseen(commandLine: string): boolean {
  return /(?:^|\s)--(?:env-file|run\b|(?:experimental-)?permission\b|experimental-(?:default-)?config-file|snapshot-blob)/.test(
    commandLine,
  );
}

type SpawnOptions = { file?: string; args?: string[]; envPairs?: string[] };
type SyncOptions = { shell?: boolean | string; env?: Env; argv0?: string };

/** Node copies the environment for every child; that a child reads of it is noted in the child. */
function watchStarts(started: (start: Start) => void, unseen: Trust['unseen']): void {
  const prototype = childProcess.ChildProcess.prototype as unknown as { spawn: (options: SpawnOptions) => unknown };
  // oxlint-disable-next-line typescript/unbound-method -- called with the receiver it is given
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    const { file = '', args = [], envPairs } = options ?? {};
    const env = envPairs === undefined ? null : Object.fromEntries(envPairs.map((pair) => pair.split(/=(.*)/s)));
    const start = { file, args: args.slice(1), shell: shellOf(file, args), env };
    const compiles = isCompileService(file, args);
    if (!compiles) started(start);
    const result = Reflect.apply(spawn, this, [options]);
    if (compiles) watchRequests((this as { stdin?: Writable | null }).stdin ?? null, () => started(start));
    return result;
  };
  const replace = (name: keyof typeof childProcess, startOf: ((args: readonly unknown[]) => Start) | null): void => {
    const original = childProcess[name] as (...args: unknown[]) => unknown;
    const observed = new Proxy(original, {
      apply: (call, self, args: unknown[]) => {
        if (startOf !== null) started(startOf(args));
        return unseen(() => Reflect.apply(call, self, args) as unknown);
      },
    });
    Object.assign(childProcess, { [name]: observed });
  };
  for (const name of ['spawn', 'exec', 'execFile', 'fork'] as const) replace(name, null);
  const byFile = ([file, second, third]: readonly unknown[]): Start => {
    const args = Array.isArray(second) ? (second as string[]) : [];
    const options = ((Array.isArray(second) ? third : (second ?? third)) ?? {}) as SyncOptions;
    const shell = options.shell ? [String(file), ...args].join(' ') : shellOf(String(file), [String(file), ...args]);
    return { file: String(file), args, shell, env: options.env ?? null };
  };
  replace('spawnSync', byFile);
  replace('execFileSync', byFile);
  replace('execSync', ([command, options]) => ({
    file: 'sh',
    args: [],
    shell: String(command),
    env: (options as SyncOptions | undefined)?.env ?? null,
  }));
}

/** The service that esbuild's package runs for its API: tsx compiles with it. */
function isCompileService(file: string, args: readonly string[]): boolean {
  return /\/node_modules\/.*\/esbuild$/.test(file) && args.some((arg) => arg.startsWith('--service='));
}

type Writable = Record<'write' | 'end', (this: unknown, chunk?: unknown, ...more: unknown[]) => unknown>;

/** Tells once the service is asked for anything but to transform a text it is given: only then does it read files by itself. */
function watchRequests(stdin: Writable | null, reads: () => void): void {
  let isTold = false;
  const tell = (): void => {
    if (!isTold) reads();
    isTold = true;
  };
  if (stdin === null) return tell();
  for (const name of ['write', 'end'] as const) {
    const original = stdin[name];
    stdin[name] = function (chunk, ...more) {
      if (chunk != null && typeof chunk !== 'function' && !isTransform(chunk)) tell();
      return Reflect.apply(original, this, [chunk, ...more]);
    };
  }
}

/** Lengths and kinds stand before names and texts. */
const TRANSFORM = Buffer.from([7, 0, 0, 0, ...Buffer.from('command'), 3, 9, 0, 0, 0, ...Buffer.from('transform')]);

/** One packet of its protocol: length, id with the lowest bit set for an answer to it, then an object that begins with what is asked for. */
function isTransform(chunk: unknown): boolean {
  if (!(chunk instanceof Uint8Array) || chunk.length < 8) return false;
  const packet = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (packet.readUInt32LE(0) !== packet.length - 4) return false;
  return (packet.readUInt32LE(4) & 1) === 1 || (packet[8] === 6 && packet.subarray(13, 13 + TRANSFORM.length).equals(TRANSFORM));
}

/** The command line in `sh -c "…"`; null for any other program. `args` begins with the program's own name. */
function shellOf(file: string, args: readonly string[]): string | null {
  return /(?:^|\/)(?:ba|da|z)?sh$/.test(file) && args.length === 3 && args[1] === '-c' ? (args[2] ?? '') : null;
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::)$/i;

function watchConnections(leaves: (host: string) => void): void {
  const prototype = net.Socket.prototype as unknown as { connect: (...args: unknown[]) => unknown };
  // oxlint-disable-next-line typescript/unbound-method -- called with the receiver it is given
  const { connect } = prototype;
  prototype.connect = function (...args) {
    // Node's own calls come as one list of what the others come as.
    const [first, second] = (Array.isArray(args[0]) ? args[0] : args) as unknown[];
    const options = (typeof first === 'object' && first !== null ? first : { port: first, host: second }) as {
      host?: unknown;
      path?: unknown;
      port?: unknown;
    };
    const host = typeof options.host === 'string' ? options.host : 'localhost';
    const isPath = typeof options.path === 'string' || Number.isNaN(Number(options.port));
    if (!isPath && !LOOPBACK.test(host)) leaves(host.slice(0, 100));
    return Reflect.apply(connect, this, args);
  };
}

module.exports = { watchPrograms };
