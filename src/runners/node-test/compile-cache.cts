// Loaded with --require in every Node process of a measured suite while turbo is on: lets Node take the bytecode of installed packages from a
// cache of ours. It runs inside the user's processes: built-in modules only, no output, and whatever fails leaves the process without a cache.
const fs: typeof import('node:fs') = require('node:fs');
const module_: typeof import('node:module') = require('node:module');
const path: typeof import('node:path') = require('node:path');

/** Since Node 22.8; the types are older. */
type CompileCache = {
  readonly enableCompileCache?: (dir: string) => { readonly status: number };
  readonly getCompileCacheDir?: () => string | undefined;
};
const ENABLED = 1;

const run = process.env['PUSHGATE_RUN'];
const [mode = '', ...parts] = (process.env['PUSHGATE_TURBO'] ?? '').split(':');
const cache = parts.join(':');

// A cache is for one version of Node: what another one runs here is nobody's check.
if (run && path.basename(cache) === `${process.version}-${process.arch}`) readFrom(run, cache, mode === 'fill');

/**
 * Node would write the bytecode of all that it compiles back when the process ends, of sources too, and with bytecode of sources their
 * coverage is wrong. So it gets the folder through a link of this process, which is gone by then, or leads elsewhere.
 */
function readFrom(runDir: string, folder: string, fill: boolean): void {
  const { enableCompileCache, getCompileCacheDir } = module_ as CompileCache;
  const link = path.join(runDir, 'cache', String(process.pid));
  if (enableCompileCache === undefined || getCompileCacheDir === undefined || !linkTo(path.join(folder, 'entries'), link)) return;
  process.on('exit', () => {
    leave(link, fill ? getCompileCacheDir() : undefined);
  });
  const env = process.env;
  const disabled = env['NODE_DISABLE_COMPILE_CACHE'];
  try {
    delete env['NODE_DISABLE_COMPILE_CACHE'];
    if (enableCompileCache(link).status !== ENABLED) fs.rmSync(link, { force: true });
  } catch {
    fs.rmSync(link, { force: true });
  } finally {
    // Still so for whatever comes next: a second cache, or one in a worker or child process that does without ours.
    if (disabled !== undefined) env['NODE_DISABLE_COMPILE_CACHE'] = disabled;
  }
}

/** False in a worker, too: its process has the link, and a worker ends at another time. */
function linkTo(target: string, link: string): boolean {
  try {
    fs.symlinkSync(target, link);
    return true;
  } catch {
    return false;
  }
}

/** From here on nothing can be written to the cache. To fill it, all is written beside it: which of that are packages is not known here. */
function leave(link: string, cacheDir: string | undefined): void {
  try {
    fs.unlinkSync(link);
    if (cacheDir === undefined) return;
    const staging = `${link}-new`;
    fs.mkdirSync(path.join(staging, path.basename(cacheDir)), { recursive: true });
    fs.symlinkSync(staging, link);
  } catch {
    // The run and its folder are gone.
  }
}
