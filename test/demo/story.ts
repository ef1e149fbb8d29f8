import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from '../support/child-env.ts';
import { PACKAGE } from '../support/package.ts';
import { start, type Ended } from '../support/processes.ts';
import { installHusky, linkPackages, makeProject, makeRepo, type TempRepo } from '../support/repo.ts';

const EXAMPLE = join(PACKAGE, 'test/fixtures/example');
const DAY_MS = 24 * 60 * 60 * 1000;

/** A change of the example: a folder of files that are copied over the project. */
export type Change = 'untested-source' | 'its-test' | 'slow-test';

/** One thing that happens in the story. */
export type Step = {
  readonly name: string;
  /** What is told before it. */
  readonly says: string;
  readonly changes: readonly Change[];
  /** Message of the commit made before the command; null when there is nothing to commit. */
  readonly commit: string | null;
  /** What is typed, given what the step before printed. */
  readonly command: (before: string) => string;
  readonly exitCode: number;
  /** What has to stand in the output. */
  readonly shows: RegExp;
  /** Whether the remote has the commit afterwards; null for a command that does not push. */
  readonly arrives: boolean | null;
};

const push = (): string => 'git push';

/** The main job, end to end: a push that passes, two that are stopped, and one that is let through. */
export const STORY: readonly Step[] = [
  {
    name: 'pass',
    says: 'A small library that prices orders, its tests, and a pre-push hook that calls pushgate.',
    changes: [],
    commit: 'Price orders with discounts and tax',
    command: push,
    exitCode: 0,
    shows: /✔ \d+ tests in .*, coverage 97\.0 % \(floor 85 %\), nothing newly slow\./,
    arrives: true,
  },
  {
    name: 'coverage',
    says: 'Shipping costs are added, src/shipping.js, and nobody has written a test yet.',
    changes: ['untested-source'],
    commit: 'Add shipping costs',
    command: push,
    exitCode: 1,
    shows: /✖ Coverage is 72\.2 % of lines; the floor is 85 %\. {2}\[coverage-floor\]/,
    arrives: false,
  },
  {
    name: 'slow',
    says: 'The tests are written. A retry helper comes along, and its test waits for real: three times 400 ms.',
    changes: ['its-test', 'slow-test'],
    commit: 'Test shipping costs; retry when the rates are down',
    command: push,
    exitCode: 1,
    shows: /✖ A new slow test: 1\.\d+ s; the limit is 1\.\d+ s\. {2}\[new-slow-test\]/,
    arrives: false,
  },
  {
    name: 'allow',
    says: 'Best would be to pass the delay in. This once it is accepted, with a reason and a date, by the command that the message names:',
    changes: [],
    commit: null,
    command: adviceIn,
    exitCode: 0,
    shows: /known-slow\.jsonc/,
    arrives: null,
  },
  {
    name: 'allowed',
    says: 'The new entry in known-slow.jsonc is committed like any other change.',
    changes: [],
    commit: 'Accept the slow retry test until the delay can be passed in',
    command: push,
    exitCode: 0,
    shows: /✔ \d+ tests in /,
    arrives: true,
  },
];

/** The command that the message about a slow test gives, its two gaps filled in. */
function adviceIn(output: string): string {
  const command = /If it has to be slow: {2}(pushgate allow .*)/.exec(output)?.[1];
  if (command === undefined) throw new Error('The message does not say how to allow the test.');
  return command.replace('"…"', '"the delay is not a parameter yet"').replace('YYYY-MM-DD', inDays(90));
}

function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}

/** The example as a repository with a bare remote and the real hook, nothing committed yet. */
export function openExample(): Promise<TempRepo> {
  return openRepo(installHusky);
}

/** The same before it knew pushgate, which was only just installed: its sources, its tests and the script that runs them. */
export function openUnguarded(): Promise<TempRepo> {
  return openRepo(async (repo) => {
    for (const path of ['.husky', 'pushgate.jsonc']) rmSync(join(repo.dir, path), { recursive: true });
    const { scripts, ...rest } = JSON.parse(repo.read('package.json')) as { scripts: { test: string } };
    const devDependencies = { husky: '^9.1.7', pushgate: '^0.1.0' };
    repo.write({ 'package.json': { ...rest, scripts: { test: scripts.test }, devDependencies } });
  });
}

async function openRepo(ready: (repo: TempRepo) => Promise<void> | void): Promise<TempRepo> {
  const project = makeProject({}, 'order-pricing');
  try {
    project.copy(`${EXAMPLE}/project`);
    linkPackages(project, ['husky', 'pushgate']);
    const repo = await makeRepo(project);
    await ready(repo);
    return repo;
  } catch (error) {
    project.remove();
    throw error;
  }
}

export type Play = {
  readonly env?: Env;
  readonly onOutput?: (text: string) => void;
  /** Receives the process group while the command runs, null afterwards. */
  readonly onGroup?: (pid: number | null) => void;
};

/** Makes a step's changes and its commit. */
export async function prepare(repo: TempRepo, step: Step): Promise<void> {
  for (const change of step.changes) repo.copy(`${EXAMPLE}/changes/${change}`);
  if (step.commit !== null) await repo.commit(step.commit);
}

/** Types a step's command into a shell in the project; the project's own commands are on its PATH. */
export async function type(repo: TempRepo, command: string, { env = {}, onOutput, onGroup }: Play = {}): Promise<Ended> {
  const line = `PATH="$PWD/node_modules/.bin:$PATH"; ${command}`;
  const options = { cwd: repo.dir, env: { ...repo.env, ...env }, detached: true };
  const { child, ended } = start('sh', ['-c', line], onOutput ? { ...options, onOutput } : options);
  onGroup?.(child.pid ?? null);
  try {
    return await ended;
  } finally {
    onGroup?.(null);
  }
}

/** What is wrong with how a step ended; null when it ended as the story has it. */
export async function wrongWith(repo: TempRepo, step: Step, ended: Ended, output: string): Promise<string | null> {
  if (ended.code !== step.exitCode) return `it ended with ${ended.code ?? ended.signal}, not with ${step.exitCode}`;
  if (!step.shows.test(output)) return `its output does not show ${step.shows}`;
  if (step.arrives === null) return null;
  const head = (await repo.git('rev-parse', 'HEAD')).stdout;
  const arrived = (await repo.git('--git-dir', repo.remote, 'rev-parse', '--verify', '--quiet', 'main')).stdout === head;
  if (arrived === step.arrives) return null;
  return arrived ? 'the remote has the commit' : 'the remote does not have the commit';
}
