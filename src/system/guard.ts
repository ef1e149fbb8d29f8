import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Waits for a line; when the pipe closes without one, whoever held it was killed: then the group ends, everything that carries the mark
 * with it, and the folder goes. Plain sh, because it runs beside every suite and has to outlive us. `kill -KILL` would not do: dash takes no
 * group with it. More than one pass, for what is started while the first one looks.
 */
const WAIT = `
read -r line && exit 0
kill -s KILL -- "-$1"
for pass in 1 2 3; do
  for environ in $(grep -lszxF -- "$2" /proc/[0-9]*/environ); do
    pid=\${environ#/proc/}
    kill -s KILL "\${pid%/environ}"
  done
done
rm -rf "$3"
`;

/**
 * Sees to it that a process group does not outlive this process, however this one ends. Returns how to call the guard off once the group
 * has ended.
 */
export function guardGroup(group: number, mark: string, dir: string): () => void {
  const guard = spawn('/bin/sh', ['-c', WAIT, 'sh', String(group), mark, dir], {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const pipe = guard.stdin as Socket;
  // A guard that could not start, or was killed, must not end the run.
  guard.on('error', () => {});
  pipe.on('error', () => {});
  guard.unref();
  pipe.unref();
  return () => pipe.end('ended\n');
}
