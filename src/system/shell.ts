import { execa } from 'execa';

/** What a shell printed, and why it failed: the first line of its standard error, or what ended it; null when it did not. */
export type ShellOutput = { readonly stdout: string; readonly failure: string | null };

/** Runs a script of `sh` in exactly this environment, without a standard input. Never throws. */
export async function shellOutput(
  script: string,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>>; readonly timeoutMs: number },
): Promise<ShellOutput> {
  const result = await execa('sh', ['-c', script], {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    timeout: options.timeoutMs,
    maxBuffer: 64 * 2 ** 20,
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
  });
  const failure = result.failed ? (result.stderr || result.originalMessage || result.shortMessage || 'it failed').trim() : null;
  return { stdout: result.stdout, failure: failure?.split('\n')[0] ?? null };
}
