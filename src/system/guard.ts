import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Is told the group, and when it has ended; when the pipe closes without that, whoever held it was killed: then the group ends, everything
 * that carries the mark with it, and the folder goes. Plain sh, because it runs beside every suite and has to outlive us. `kill -KILL` would
 * not do: dash takes no group with it. More than one pass, for what is started while the first one looks.
 */
const WAIT = `
group=
while read -r line; do
  [ "$line" = ended ] && exit 0
  group=$line
done
[ -n "$group" ] && kill -s KILL -- "-$group"
for pass in 1 2 3; do
  for environ in $(grep -lszxF -- "$1" /proc/[0-9]*/environ); do
    pid=\${environ#/proc/}
    kill -s KILL "\${pid%/environ}"
  done
done
rm -rf "$2"
`;

export type Guard = {
  /** Names the group, by its leader. */
  readonly watch: (group: number) => void;
  /** Calls the guard off once the group has ended. */
  readonly off: () => void;
};

/**
 * Sees to it that a process group does not outlive this process, however this one ends. Opened before the group starts: in between we could
 * be killed too, and then it is known by its mark alone.
 */
export function openGuard(mark: string, dir: string): Guard {
  const guard = spawn('/bin/sh', ['-c', WAIT, 'sh', mark, dir], {
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
  return {
    watch: (group) => void pipe.write(`${group}\n`),
    off: () => void pipe.end('ended\n'),
  };
}
