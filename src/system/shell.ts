import { randomBytes } from 'node:crypto';
import { outputOf } from './output.ts';
import { endAll } from './process-group.ts';

/** What a shell printed, and why it failed: the first line of its standard error, or what ended it; null when it did not fail. */
export type ShellOutput = { readonly stdout: string; readonly failure: string | null };

export type ShellOptions = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long the programs of a script may take; null for one that starts none, such as a pattern to expand. */
  readonly timeoutMs: number | null;
};

/** Runs a script of `sh` in exactly this environment, without anything to read. Never throws. */
export async function shellOutput(script: string, { timeoutMs, ...options }: ShellOptions): Promise<ShellOutput> {
  if (timeoutMs !== null) return withinTime(script, { ...options, timeoutMs });
  const { code, stdout, stderr } = await outputOf('sh', ['-c', script], options);
  return { stdout: stdout.toString('utf8'), failure: failureOf(code, stderr) };
}

/** More than any system lets a command line hold. */
const MOST_BYTES = 8 << 20;
/** From TERM to KILL. */
const GRACE_MS = 500;

/** Programs may hang, or print without end. */
async function withinTime(script: string, { cwd, env, timeoutMs }: ShellOptions & { readonly timeoutMs: number }): Promise<ShellOutput> {
  // Loaded for those alone: it takes 100 ms, a quarter of a check in which nothing changed.
  const { execa } = await import('execa');
  const mark = randomBytes(6).toString('hex');
  const child = execa('sh', ['-c', script], {
    cwd,
    env: { ...env, PUSHGATE_EXPANDS: mark },
    extendEnv: false,
    maxBuffer: MOST_BYTES,
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
  });
  let ending = null as Promise<void> | null;
  // Execa's own time limit would end the shell and wait for the program that hangs.
  const end = async (): Promise<void> => {
    await endAll(child.pid ?? 0, `PUSHGATE_EXPANDS=${mark}`, GRACE_MS);
    // Where programs are not found by their mark, they at least keep nobody waiting.
    child.kill('SIGKILL');
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  };
  const timer = setTimeout(() => {
    ending = end();
  }, timeoutMs);
  const { stdout, exitCode = null, isMaxBuffer, stderr, originalMessage } = await child;
  clearTimeout(timer);
  if (ending !== null) {
    await ending;
    return { stdout, failure: `it took more than ${timeoutMs / 1000} s` };
  }
  if (isMaxBuffer) return { stdout, failure: `it printed more than ${MOST_BYTES >> 20} MB` };
  return { stdout, failure: failureOf(exitCode, stderr || originalMessage) };
}

/** Without the name of the shell and the number of the line: the script is ours. */
function failureOf(code: number | null, said = ''): string | null {
  if (code === 0) return null;
  const line = said
    .trim()
    .split('\n')[0]
    ?.replace(/^\S*sh: (?:line )?\d+: /, '');
  return line || (code === null ? 'it did not end by itself' : `it ended with exit code ${code}`);
}
