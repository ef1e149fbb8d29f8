import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stoppedError, unprovenError, type PushgateError } from '../../model/error.ts';
import { clean, cleanLines } from '../../report/units.ts';
import { withoutGitVariables } from '../../system/git.ts';
import type { Io } from '../../system/io.ts';
import { startGroup, type Ending } from '../../system/process-group.ts';
import { scriptPath } from '../../system/script-path.ts';
import { makeTempDir, removeDir } from '../../system/temp.ts';

const GRACE_MS = 2_000;
const OUTPUT_TAIL = 4_000;

/** Runs `push.prepare` in a private copy. What it prints is shown when it fails, which ends the judgement (exit 3). */
export async function prepareCopy(io: Io, root: string, command: string, timeoutMs: number): Promise<void> {
  const dir = makeTempDir();
  const output = join(dir, 'output.log');
  const file = openSync(output, 'w');
  try {
    const mark = `PUSHGATE_PREPARE=${dir}`;
    const env = { ...withoutGitVariables(io.env), PATH: scriptPath(root, io.env['PATH']), PUSHGATE_PREPARE: dir };
    const group = startGroup({ file: '/bin/sh', args: ['-c', command], cwd: root, env, stdout: file, stderr: file, mark, dir });
    const ending = await Promise.race([group.ended, cutOff(io.signal, timeoutMs)]);
    await group.end(io.signal.aborted ? 0 : GRACE_MS);
    if (io.signal.aborted) throw stoppedError(io.signal.reason, 'nothing was judged');
    if (ending?.code === 0) return;
    throw failed(command, ending, readFileSync(output, 'utf8').slice(-OUTPUT_TAIL));
  } finally {
    closeSync(file);
    removeDir(dir);
  }
}

function failed(command: string, ending: Ending | null, output: string): PushgateError {
  const how =
    ending === null ? 'did not end in time' : ending.signal !== null ? `was ended by ${ending.signal}` : `ended with ${ending.code}`;
  const lines = cleanLines(output, 'end').map((line) => `  ${line}`);
  return unprovenError(
    [`push.prepare ${how} in the private copy: ${clean(command)}`, ...lines].join('\n'),
    'Mend the command, or what it needs, and push again.',
  );
}

/** Null when the signal or the deadline comes first. */
function cutOff(signal: AbortSignal, timeoutMs: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), timeoutMs).unref();
    signal.addEventListener('abort', () => resolve(null), { once: true });
    if (signal.aborted) resolve(null);
  });
}
