import type { Io } from '../../src/system/io.ts';

/** An `Io` that keeps what was written. Not a terminal. */
export type CapturedIo = Io & { readonly out: () => string; readonly err: () => string };

/** A process in `cwd` as commands see it; nothing of the real one but its Node version. */
export function anIo(cwd: string, change: Partial<Io> = {}): CapturedIo {
  const written = { out: '', err: '' };
  const outputTo = (name: 'out' | 'err') => ({ write: (text: string) => void (written[name] += text), isTTY: false, columns: 0 });
  return {
    cwd,
    env: {},
    nodeVersion: process.versions.node,
    cores: 2,
    stdout: outputTo('out'),
    stderr: outputTo('err'),
    readStdin: async () => '',
    signal: new AbortController().signal,
    ...change,
    out: () => written.out,
    err: () => written.err,
  };
}
