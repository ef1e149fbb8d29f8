// What a process reads, lists, makes and removes through `fs`. Part of `track.cts`.
const fs: typeof import('node:fs') = require('node:fs');
const path: typeof import('node:path') = require('node:path');
const url: typeof import('node:url') = require('node:url');

type Note = (kind: string, what: string) => void;
type Call = (this: unknown, ...args: unknown[]) => unknown;
type Host = Record<string, Call>;

/** The absolute path of what a function of `fs` was given, when it is the repository's; null for packages, descriptors and what lies elsewhere. */
function pathsBelow(top: string, realpath: typeof fs.realpathSync): (given: unknown) => string | null {
  const packages = new Map<string, string | null>();
  const inside = `${top}${path.sep}`;
  return (given) => {
    const named = textOf(given);
    if (named === null) return null;
    const full = path.resolve(named);
    if (full !== top && !full.startsWith(inside)) return null;
    const folder = /^.*?\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(full)?.[0];
    if (folder === undefined) return full.endsWith('/node_modules') ? null : full;
    // A package of the repository, or the repository itself, linked where packages stand.
    let real = packages.get(folder);
    if (real === undefined) {
      try {
        const target = realpath(folder);
        real = (target === top || target.startsWith(inside)) && !target.includes('/node_modules/') ? target : null;
      } catch {
        real = null;
      }
      packages.set(folder, real);
    }
    return real === null ? null : real + full.slice(folder.length);
  };
}

function textOf(given: unknown): string | null {
  if (typeof given === 'string') return given;
  if (Buffer.isBuffer(given)) return given.toString();
  if (!(given instanceof URL) || given.protocol !== 'file:') return null;
  try {
    return url.fileURLToPath(given);
  } catch {
    return null;
  }
}

/** Runs `before` with the arguments of every call, and `after` on what it returns; the replacement passes for the original. */
function observe(host: object, name: string, before: (args: unknown[]) => void, after = (result: unknown): unknown => result): void {
  const original = (host as Host)[name];
  if (typeof original !== 'function') return;
  try {
    (host as Host)[name] = new Proxy(original, {
      apply: (call, self, args: unknown[]) => (before(args), after(Reflect.apply(call, self, args))),
    });
  } catch {
    // Frozen by somebody who came first; then nothing of ours is in the way either.
  }
}

const READS = ['readFile', 'stat', 'lstat', 'access', 'exists', 'readlink', 'realpath', 'statfs', 'openAsBlob', 'utimes', 'chmod'];
const REPLACES = ['rm', 'rmdir', 'unlink'];

/**
 * Reading counts from the first time; what a process made anew before it read it is its own. Existence is looked up once, at the first call:
 * a missing file is one that must stay missing.
 */
function watchFiles(note: Note, top: string, below: (given: unknown) => string | null, exists: (target: string) => boolean): void {
  const seen = new Set<string>();
  const own = new Set<string>();
  const isOwn = (target: string): boolean => {
    for (let dir = target; own.size > 0 && dir.length > 1; dir = path.dirname(dir)) if (own.has(dir)) return true;
    return false;
  };
  const noted = (kind: string, given: unknown): void => {
    const full = below(given);
    if (full === null || isOwn(full)) return;
    seen.add(full);
    note(exists(full) ? kind : 'absent', full);
  };
  const read = (given: unknown): void => {
    const full = below(given);
    if (full !== null && !seen.has(full)) noted('file', full);
  };
  const replace = (given: unknown): void => {
    const full = below(given);
    if (full !== null && !seen.has(full)) own.add(full);
  };
  /** What was there goes on to count, and what was not is made now. */
  const extend = (given: unknown): void => {
    const full = below(given);
    if (full === null) return;
    if (exists(full)) return read(full);
    // Only what it makes anew is its own: a folder that others come to fill would be found.
    if (!isOwn(full)) note('absent', full);
    replace(full);
  };
  const open = (given: unknown, flags: unknown): void => {
    const { O_WRONLY, O_RDWR, O_TRUNC } = fs.constants;
    const text = typeof flags === 'string' ? flags : '';
    const bits = typeof flags === 'number' ? flags : 0;
    if (text.startsWith('w') || (bits & O_TRUNC) !== 0) replace(given);
    else if (text.startsWith('a') || (bits & (O_WRONLY | O_RDWR)) !== 0) extend(given);
    else read(given);
  };
  /** What is read through a link is not seen where it stands: the process may read all of it. */
  const link = (target: string | null, at: string | null): void => {
    const full = target === null || at === null ? null : below(path.resolve(path.dirname(at), target));
    if (full === null) return;
    if (full === top) note('everything', 'a link to all of it');
    else noted('under', full);
  };
  const list = ([given, options]: unknown[]): void => {
    const deep = (options as { recursive?: boolean } | undefined)?.recursive === true;
    noted(deep ? 'under' : 'names', given);
  };
  const each = (name: string, before: (args: unknown[]) => void): void => {
    observe(fs, name, before);
    observe(fs, `${name}Sync`, before);
    observe(fs.promises, name, before);
  };
  for (const name of READS) each(name, ([given]) => read(given));
  for (const name of REPLACES) each(name, ([given]) => replace(given));
  for (const name of ['readdir', 'opendir']) each(name, list);
  each('open', ([given, flags]) => open(given, flags));
  each('writeFile', ([given, , options]) => open(given, (options as { flag?: unknown } | undefined)?.flag ?? 'w'));
  each('appendFile', ([given]) => extend(given));
  each('truncate', ([given]) => extend(given));
  each('mkdir', ([given]) => extend(given));
  each('symlink', ([target, given]) => (link(textOf(target), textOf(given)), replace(given)));
  for (const name of ['copyFile', 'link']) each(name, ([from, to]) => (read(from), replace(to)));
  for (const name of ['cp', 'rename']) each(name, ([from, to]) => (noted('under', from), replace(to)));
  each('glob', () => note('everything', 'fs.glob'));
  watchTemporary(replace);
  observe(process, 'loadEnvFile', ([given]) => read(given ?? '.env'));
}

/** A temporary folder has its name only once it is made; beside it may stand what others made with the same beginning. */
function watchTemporary(own: (made: unknown) => void): void {
  const made = <Folder,>(folder: Folder): Folder => {
    own((folder as { path?: unknown } | null)?.path ?? folder);
    return folder;
  };
  observe(fs, 'mkdtemp', (args) => {
    const done = args.at(-1);
    if (typeof done !== 'function') return;
    args[args.length - 1] = (error: unknown, folder: unknown): unknown =>
      Reflect.apply(done, undefined, [error, error ? folder : made(folder)]);
  });
  for (const name of ['mkdtempSync', 'mkdtempDisposableSync']) observe(fs, name, () => {}, made);
  for (const name of ['mkdtemp', 'mkdtempDisposable'])
    observe(
      fs.promises,
      name,
      () => {},
      (folder) => (folder as Promise<unknown>).then(made),
    );
}

module.exports = { observe, pathsBelow, textOf, watchFiles };
