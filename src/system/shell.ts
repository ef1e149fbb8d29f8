import { outputOf } from './output.ts';

/** What a shell printed, and why it failed: the first line of its standard error, or what ended it; null when it did not. */
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
  return { stdout: stdout.toString('utf8'), failure: code === 0 ? null : firstLine(stderr) };
}

/** Programs may hang, or print without end. */
async function withinTime(script: string, { cwd, env, timeoutMs }: ShellOptions & { readonly timeoutMs: number }): Promise<ShellOutput> {
  // Loaded for those alone: it takes 100 ms, a quarter of a check in which nothing changed.
  const { execa } = await import('execa');
  const result = await execa('sh', ['-c', script], {
    cwd,
    env,
    extendEnv: false,
    timeout: timeoutMs,
    maxBuffer: 64 * 2 ** 20,
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
  });
  const { stdout, failed, stderr, originalMessage, shortMessage } = result;
  return { stdout, failure: failed ? firstLine(stderr || originalMessage || shortMessage) : null };
}

function firstLine(text = ''): string {
  return text.trim().split('\n')[0] || 'it failed';
}
