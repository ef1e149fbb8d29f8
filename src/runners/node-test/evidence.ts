import { join } from 'node:path';
import type { Unproven } from '../../model/test-run.ts';
import type { Step } from '../plan.ts';
import type { MeasureRequest } from '../runner.ts';
import { relativeTo, type Remains } from './assemble.ts';
import { isInProcess } from './command.ts';
import type { StepResult } from './run-step.ts';

/** A step that has ended. */
export type StepRun = { readonly step: Step; readonly result: StepResult };

/** Files of a step that run in processes of their own, relative to the root. */
export function filesOf(step: Step, root: string): string[] {
  return step.kind === 'node-test' && !isInProcess(step) ? step.files.map((file) => relativeTo(root, join(step.cwd, file))) : [];
}

/**
 * A command that a signal ended, or that ended before it began with a single file (a flag this Node does not know), is told once, with what
 * it printed, and not also as the files it left undone.
 */
export function died({ step, result }: StepRun, { root, log }: Remains): boolean {
  if (result.code === 0 || result.timedOut) return false;
  if (result.signal !== null) return true;
  const begun = new Set([...log.filesStarted.keys()].map((file) => relativeTo(root, file)));
  const files = filesOf(step, root);
  return files.length > 0 && !files.some((file) => begun.has(file));
}

/** What the endings of the steps say: nothing to run, a failed build, a passed deadline, a crash that no failed test explains. */
export function missingEvidence(
  request: MeasureRequest,
  results: readonly StepRun[],
  remains: Remains,
  explained: (run: StepRun) => boolean,
): Unproven[] {
  const missing: Unproven[] = [];
  for (const each of results) {
    const { step, result } = each;
    const command = step.kind === 'setup' || step.kind === 'observed' ? step.command : request.plan.command;
    if (step.kind === 'node-test' && step.files.length === 0) missing.push({ kind: 'no-test-files', searched: request.plan.command });
    else if (result.timedOut) missing.push({ kind: 'timed-out', timeoutMs: request.timeoutMs, running: runningOf(remains) });
    else if (step.kind === 'setup' && result.code !== 0)
      missing.push({ kind: 'setup-failed', command, exitCode: result.code, output: result.output });
    else if (step.kind !== 'setup' && result.code !== 0 && !explained(each)) {
      missing.push({ kind: 'runner-crashed', command, exitCode: result.code, signal: result.signal, output: result.output });
    }
  }
  const noneDelivered = !remains.reuses && remains.coverage !== null && remains.coverage.delivered.size === 0;
  return noneDelivered && missing.length === 0 ? [{ kind: 'no-coverage' }] : missing;
}

function runningOf({ root, log, begun, processes }: Remains): { file: string; name: string; elapsedMs: number }[] {
  const now = Date.now();
  const told = log.running().filter(({ file }) => !begun.has(file));
  const noted = [...begun].flatMap(([file, running]) => (log.files.has(file) ? [] : running));
  const tests = [...noted, ...told].map((test) => ({
    file: relativeTo(root, test.file),
    name: test.path.join(' > '),
    elapsedMs: now - test.since,
  }));
  if (tests.length > 0) return tests;
  // Of a file that is still being loaded the runner may not have said a word.
  const ended = new Set(processes.ends.map(({ pid }) => pid));
  const alive = processes.starts.filter(({ pid, isTestFile }) => isTestFile && !ended.has(pid));
  const started = new Map(
    [...log.filesStarted].filter(([file]) => !log.files.has(file)).map(([file, since]) => [relativeTo(root, file), since]),
  );
  for (const { script, started: since } of alive) started.set(relativeTo(root, script), since);
  return [...started].map(([file, since]) => ({ file, name: '', elapsedMs: now - since }));
}
