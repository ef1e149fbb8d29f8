import { spawn } from 'node:child_process';

/** How a command ended. `code` is null when it was ended by a signal or could not start; then `stderr` says why. */
export type Output = { readonly code: number | null; readonly stdout: Buffer; readonly stderr: string };

export type OutputOptions = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: string | undefined;
};

/**
 * Runs a command that ends by itself, in exactly this environment; output as bytes, since it may hold file contents. Never throws. Started by
 * Node itself: a push of nothing is a few such commands, and loading execa would take longer than all of them.
 */
export function outputOf(file: string, args: readonly string[], { cwd, env, input = '' }: OutputOptions): Promise<Output> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', (error) => resolve({ code: null, stdout: Buffer.concat(stdout), stderr: error.message }));
    child.once('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') }));
    // A command that does not read its input to the end says why by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
