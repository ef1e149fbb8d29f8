import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { MAIN } from './cli.ts';
import { PACKAGE } from './package.ts';
import type { Env } from './child-env.ts';
import { runCommand, type Ended } from './processes.ts';

/** Files by path relative to the project; objects are written as JSON, null leaves a file out. */
export type Files = Readonly<Record<string, string | object | null>>;

/** A project in a temporary folder of its own. */
export type TempProject = {
  /** The project's root. */
  readonly dir: string;
  /** What its commands use as TMPDIR: whatever is left here was left behind. */
  readonly temp: string;
  readonly env: Env;
  readonly write: (files: Files) => void;
  readonly read: (path: string) => string;
  /** Copies a folder's contents over the project. */
  readonly copy: (from: string) => void;
  readonly remove: () => void;
};

/** Makes an empty project; `name` is its folder's, to try odd ones. The caller removes it. */
export function makeProject(files: Files = {}, name = 'project'): TempProject {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'pushgate-test-')));
  const dir = join(home, name);
  const temp = join(home, 'tmp');
  for (const each of [dir, temp]) mkdirSync(each, { recursive: true });
  const write = (more: Files): void => {
    for (const [path, content] of Object.entries(more)) {
      if (content === null) continue;
      const full = join(dir, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
    }
  };
  write(files);
  return {
    dir,
    temp,
    env: { TMPDIR: temp, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_CACHE_HOME: join(home, '.cache') },
    write,
    read: (path) => readFileSync(join(dir, path), 'utf8'),
    copy: (from) => cpSync(from, dir, { recursive: true }),
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** An empty or filled project that is removed when the test is over. */
export function projectFor(t: Pick<TestContext, 'after'>, files: Files = {}, name?: string): TempProject {
  const project = makeProject(files, name);
  t.after(project.remove);
  return project;
}

/** What pushgate left in the project's temporary folder. */
export function leftovers(project: TempProject): string[] {
  return readdirSync(project.temp).filter((name) => name.startsWith('pushgate-'));
}

/** A project that is a git repository with a bare remote. */
export type TempRepo = TempProject & {
  readonly remote: string;
  /** Runs git in the project; its hooks run as they would for a person. */
  readonly git: (...args: string[]) => Promise<Ended>;
  /** Commits everything there is. */
  readonly commit: (message: string) => Promise<void>;
};

const settingsFor = (remote: string): string => `[user]
\tname = Example
\temail = example@localhost
[commit]
\tgpgsign = false
[push]
\tdefault = current
[remote "origin"]
\turl = ${remote}
\tfetch = +refs/heads/*:refs/remotes/origin/*
[gc]
\tauto = 0
[maintenance]
\tauto = false
[receive]
\tautogc = false
`;

/** Turns a project into a repository on `main` with a bare remote `origin`. Identity and signing are set in it alone. */
export async function makeRepo(project: TempProject): Promise<TempRepo> {
  const remote = join(dirname(project.dir), 'remote.git');
  const git = (...args: string[]): Promise<Ended> => runCommand('git', args, { cwd: project.dir, env: project.env });
  const must = async (...args: string[]): Promise<void> => {
    const ended = await git(...args);
    if (ended.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`);
  };
  // What the settings say is written into the file: a git for each of them would take longer than most of what is tested with them.
  await Promise.all([must('init', '--quiet', '-b', 'main'), must('init', '--quiet', '--template=', '--bare', '-b', 'main', remote)]);
  appendFileSync(join(project.dir, '.git/config'), settingsFor(remote));
  const commit = async (message: string): Promise<void> => {
    await must('add', '--all');
    await must('commit', '--quiet', '--no-verify', '-m', message);
  };
  return { ...project, remote, git, commit };
}

/**
 * Puts packages into a project's node_modules without a network: links to those of this package. `pushgate` is this package itself, its
 * command an executable as npm would have made it.
 */
export function linkPackages(project: TempProject, names: readonly string[]): void {
  const modules = join(project.dir, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  for (const name of names) {
    const target = name === 'pushgate' ? PACKAGE : join(PACKAGE, 'node_modules', name);
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(target, join(modules, name));
    if (name === 'pushgate') linkCommand(project, name, MAIN);
    else for (const [command, script] of Object.entries(commandsOf(target))) linkCommand(project, command, join(target, script));
  }
}

function commandsOf(folder: string): Record<string, string> {
  const { name, bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    bin?: string | Record<string, string>;
  };
  return typeof bin === 'string' ? { [name]: bin } : bin;
}

/** An executable that starts a script with the Node of the PATH: built files have no executable bit before npm sets it. */
export function linkCommand(project: TempProject, name: string, script: string): void {
  const path = join(project.dir, 'node_modules', '.bin', name);
  writeFileSync(path, `#!/bin/sh\nexec node "${script}" "$@"\n`);
  chmodSync(path, 0o755);
}

/** What husky wrote when it was first run here: the same for every project. */
let husky: string | null = null;

/** Installs husky's hooks as its `prepare` script does: by husky itself the first time, then as it did. */
export async function installHusky(project: TempProject): Promise<void> {
  const own = join(project.dir, '.husky/_');
  if (husky !== null) {
    cpSync(husky, own, { recursive: true });
    appendFileSync(join(project.dir, '.git/config'), '[core]\n\thooksPath = .husky/_\n');
    return;
  }
  const ended = await runCommand(join(project.dir, 'node_modules', '.bin', 'husky'), [], { cwd: project.dir, env: project.env });
  if (ended.code !== 0 || ended.stdout !== '') throw new Error(`husky: ${ended.stdout}${ended.stderr}`);
  husky = mkdtempSync(join(tmpdir(), 'pushgate-test-'));
  process.once('exit', () => rmSync(husky ?? '', { recursive: true, force: true }));
  cpSync(own, husky, { recursive: true });
}
