import { spawn, type ChildProcess } from 'node:child_process';
import { childEnv, type Env } from './child-env.ts';

/** How a child process ended and what it printed. */
export type Ended = { readonly code: number | null; readonly signal: string | null; readonly stdout: string; readonly stderr: string };

export type StartOptions = {
  readonly cwd: string;
  readonly env?: Env;
  /** Called with each piece of output as it comes. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
  /** Its own process group, to be ended as one. */
  readonly detached?: boolean;
};

/** Starts a command; `ended` settles when it has ended and its output is complete, and rejects only when it cannot start. */
export function start(command: string, args: readonly string[], options: StartOptions): { child: ChildProcess; ended: Promise<Ended> } {
  const { cwd, env, onOutput, detached = false } = options;
  const child = spawn(command, args, { cwd, env: childEnv(env), stdio: ['ignore', 'pipe', 'pipe'], detached });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      onOutput?.(text, stream);
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...printed }));
  });
  return { child, ended };
}

/** Runs a command to its end. */
export function runCommand(command: string, args: readonly string[], options: StartOptions): Promise<Ended> {
  return start(command, args, options).ended;
}
