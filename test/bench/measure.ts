import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one command cost, its whole process tree's CPU time included. */
export type Cost = {
  /** User and system time, seconds. */
  readonly cpuS: number;
  readonly wallS: number;
  /** Peak resident memory of the command's own process; null where /proc does not tell. */
  readonly rssMb: number | null;
  readonly stdout: string;
};

export type Watch = { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly onSample?: () => void };

const SAMPLE_MS = 25;

/** Runs a command and measures it; one that fails is not measured but thrown. The shell's `times` counts children that were waited for. */
export function cost(command: readonly string[], { cwd, env, onSample }: Watch): Promise<Cost> {
  return new Promise((done, fail) => {
    const started = performance.now();
    const child = spawn('sh', ['-c', '"$@"; code=$?; times >&3; exit $code', 'sh', ...command], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const texts = ['', '', ''];
    for (const [i, at] of [1, 2, 3].entries())
      (child.stdio[at] as NodeJS.ReadableStream).on('data', (part: Buffer) => void (texts[i] += part.toString()));
    let rssMb: number | null = null;
    const timer = setInterval(() => {
      rssMb = peakOf(childOf(child.pid)) ?? rssMb;
      onSample?.();
    }, SAMPLE_MS);
    child.on('error', fail);
    child.on('close', (code) => {
      clearInterval(timer);
      const [stdout = '', stderr = '', times = ''] = texts;
      if (code === 0) done({ cpuS: childrenSeconds(times), wallS: (performance.now() - started) / 1000, rssMb, stdout });
      else fail(new Error(`${command.join(' ')} ended with ${code}:\n${(stdout + stderr).slice(-2000)}`));
    });
  });
}

/** Reads the second line of `times`, user and system time of children: `1m2.50s 0m0.25s`. */
function childrenSeconds(times: string): number {
  const parts = [...(times.trim().split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`The shell's times cannot be read: ${times}`);
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

function childOf(shell: number | undefined): string | null {
  return read(`/proc/${shell}/task/${shell}/children`)?.trim().split(' ')[0] ?? null;
}

function peakOf(pid: string | null): number | null {
  const kb = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kb === undefined ? null : Number(kb) / 1024;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

/** Largest over smallest: how far repeated measurements lie apart. */
export function spread(numbers: readonly number[]): number {
  return Math.max(...numbers) / Math.min(...numbers);
}
