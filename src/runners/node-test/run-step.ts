import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { activeMs } from '../../system/clock.ts';
import { startGroup, type Ending } from '../../system/process-group.ts';
import type { SetupStep, Step } from '../plan.ts';
import type { MeasureRequest } from '../runner.ts';
import { invocation, isInProcess, observedReporters } from './command.ts';
import { suiteEnv } from './environment.ts';

/** How a step ended and what it cost. `wallMs` and `cpuMs` in ms; CPU is null when the shell could not tell. */
export type StepResult = Ending & {
  readonly wallMs: number;
  readonly cpuMs: number | null;
  readonly timedOut: boolean;
  readonly output: string;
};

export type StepContext = {
  readonly request: MeasureRequest;
  readonly runDir: string;
  readonly rawDir: string | null;
  /** PUSHGATE_TURBO, for a run with a cache of bytecode. */
  readonly turbo: string | null;
  /** Ms left until the run's deadline. */
  readonly leftMs: () => number;
};

type TestStep = Exclude<Step, SetupStep>;

const OUTPUT_TAIL = 4_000;

/** Time to end by themselves for processes that outlived the suite; someone who pressed Ctrl-C waits for the prompt. */
const GRACE_MS = 2_000;
const ABORT_GRACE_MS = 150;
/** A helper of a process that has ended, such as a compiler's, sees that and goes. */
const LEAVING_MS = 100;

/**
 * `times` is the one portable way to the CPU time of all descendants that were waited for. The shell stays as parent for that; it hands the
 * command's status on, a signal as 128 + its number.
 */
const WITH_TIMES = '"$@"; status=$?; times >"$PUSHGATE_RUN/times"; exit $status';

/** Runs a build or the like before the tests: as it stands, without instrumentation. */
export function runSetup(step: SetupStep, context: StepContext): Promise<StepResult> {
  return run(['sh', '-c', step.command], step, context, { rawDir: null, turbo: null, inProcess: false, reporterOptions: null });
}

/** Runs a step of tests. A command that refuses our reporter because of its own is tried again with the other form. */
export async function runTests(step: TestStep, context: StepContext): Promise<StepResult> {
  const { only, passThrough } = context.request;
  const isTty = passThrough !== null && process.stdout.isTTY;
  const onlyFile = only === null ? null : relative(step.cwd, resolve(context.request.root, only.file));
  const { args, reporterOptions } = invocation(step, { passThrough: passThrough !== null, isTty, only, onlyFile });
  const options = { rawDir: context.rawDir, turbo: context.turbo, inProcess: isInProcess(step), reporterOptions };
  const result = await run(args, step, context, options);
  const refused =
    reporterOptions !== null &&
    result.code !== 0 &&
    result.output.includes('ERR_INVALID_ARG_VALUE') &&
    result.output.includes('--test-reporter');
  return refused ? run(args, step, context, { ...options, reporterOptions: observedReporters('spare', isTty) }) : result;
}

async function run(
  args: readonly string[],
  step: Step,
  context: StepContext,
  options: { rawDir: string | null; turbo: string | null; inProcess: boolean; reporterOptions: string | null },
): Promise<StepResult> {
  const { request, runDir } = context;
  const track = options.rawDir === null ? null : (request.track ?? null);
  const env = suiteEnv({
    root: request.root,
    cwd: step.cwd,
    user: request.env,
    step: step.env,
    runDir,
    track,
    trace: request.trace === true,
    ...options,
  });
  const outputPath = join(runDir, 'output.log');
  const captured = openSync(outputPath, 'w');
  const through = request.passThrough ?? captured;
  const started = activeMs();
  try {
    const group = startGroup({
      file: '/bin/sh',
      args: ['-c', WITH_TIMES, 'sh', ...args],
      cwd: step.cwd,
      env,
      stdout: through,
      stderr: request.passThrough === null ? captured : 2,
      mark: `PUSHGATE_RUN=${runDir}`,
      dir: runDir,
    });
    const ending = await endOf(group.ended, context);
    const wallMs = activeMs() - started;
    const isCut = ending.timedOut || request.signal.aborted;
    const left = await group.end(request.signal.aborted ? ABORT_GRACE_MS : GRACE_MS, isCut ? 0 : LEAVING_MS);
    if (left.length > 0 && !isCut) request.onNotice(leftBehind(left));
    return { ...ending, wallMs, cpuMs: readCpuMs(runDir), output: tail(outputPath) };
  } finally {
    closeSync(captured);
  }
}

function leftBehind(programs: readonly string[]): string {
  const [what, were] = programs.length === 1 ? ['A process', 'was'] : [`${programs.length} processes`, 'were'];
  return `${what} that the tests started outlived them and ${were} ended: ${programs.slice(0, 5).join(', ')}.`;
}

/** Waits for the end of the command, the deadline, or the signal that aborts the run, whichever comes first. */
async function endOf(ended: Promise<Ending>, { request, leftMs }: StepContext): Promise<Ending & { timedOut: boolean }> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const early = new Promise<Ending & { timedOut: boolean }>((done) => {
    abort = () => done({ code: null, signal: String(request.signal.reason), timedOut: false });
    const arm = (): void => {
      // A timer goes on while the process is stopped; the deadline does not.
      timer = setTimeout(() => (leftMs() > 0 ? arm() : done({ code: null, signal: null, timedOut: true })), Math.max(0, leftMs()));
    };
    arm();
    if (request.signal.aborted) abort();
    else request.signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([ended.then((ending) => ({ ...bySignal(ending), timedOut: false })), early]);
  } finally {
    clearTimeout(timer);
    if (abort) request.signal.removeEventListener('abort', abort);
  }
}

/** The shell reports a command ended by signal n as status 128 + n. */
function bySignal(ending: Ending): Ending {
  const name = Object.entries(constants.signals).find(([, number]) => ending.code === 128 + number)?.[0];
  return name === undefined ? ending : { code: null, signal: name };
}

/** Second line of `times`: user and system time of the children, as `0m1.23s 0m0.45s`. */
function readCpuMs(runDir: string): number | null {
  try {
    const children = readFileSync(join(runDir, 'times'), 'utf8').split('\n')[1] ?? '';
    const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
    return parts.length === 2
      ? Math.round(parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1_000, 0))
      : null;
  } catch {
    return null;
  }
}

function tail(path: string): string {
  return readFileSync(path, 'utf8').slice(-OUTPUT_TAIL);
}
