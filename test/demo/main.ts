// Shows the main job end to end on the embedded example: `npm run demo`. Ends with 0 only if every step ended as it should.
import { constants } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import type { TempRepo } from '../support/repo.ts';
import { openExample, prepare, STORY, type, wrongWith, type Step } from './story.ts';

process.exitCode = 1;
// A reader that goes away (`npm run demo | head`) does not keep the rest from running to its end and cleaning up.
process.stdout.on('error', () => {});

const colour = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
const dim = (text: string): string => (colour ? `\x1b[2m${text}\x1b[22m` : text);
const bold = (text: string): string => (colour ? `\x1b[1m${text}\x1b[22m` : text);
const print = (text: string): void => void process.stdout.write(text);
// What git and the hook print goes through a pipe, so that the demo can read the advice in it; colours have to be asked for.
const env = colour ? { NO_COLOR: undefined, FORCE_COLOR: '1', TERM: process.env['TERM'] } : {};

let group: number | null = null;
let stopped: NodeJS.Signals | null = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopped = signal;
    if (group !== null) process.kill(-group, signal);
  });
}

async function play(repo: TempRepo, step: Step, before: string): Promise<string> {
  print(`\n${dim(`# ${step.says}`)}\n`);
  await prepare(repo, step);
  const command = step.command(before);
  print(`${bold(`$ ${command}`)}\n`);
  let raw = '';
  const ended = await type(repo, command, {
    env,
    onOutput: (text) => {
      raw += text;
      print(text);
    },
    onGroup: (pid) => {
      group = pid;
    },
  });
  const output = stripVTControlCharacters(raw);
  const wrong = stopped === null ? await wrongWith(repo, step, ended, output) : null;
  if (wrong !== null) throw new Error(`The step '${step.name}' did not go as it should: ${wrong}.`);
  return output;
}

async function tell(): Promise<number> {
  const started = performance.now();
  const repo = await openExample();
  try {
    let before = '';
    for (const step of STORY) {
      // oxlint-disable-next-line no-await-in-loop -- one thing after the other
      before = await play(repo, step, before);
      if (stopped !== null) return 128 + (constants.signals[stopped] ?? 0);
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    print(`\n${dim(`# Two pushes passed, two were stopped, in ${seconds} s. The repository was temporary and is gone.`)}\n`);
    return 0;
  } finally {
    repo.remove();
  }
}

try {
  process.exitCode = await tell();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
}
