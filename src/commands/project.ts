import { dirname, join, relative } from 'node:path';
import { applyCoverageTool } from '../config/coverage-tool.ts';
import { loadConfig } from '../config/load.ts';
import { policyOf } from '../config/policy.ts';
import { loadKnownSlow } from '../config/known-slow.ts';
import type { Config, LoadedConfig } from '../model/config.ts';
import { PushgateError, usageError } from '../model/error.ts';
import type { Policy } from '../model/policy.ts';
import { planSuite } from '../runners/node-test/plan-suite.ts';
import type { SuitePlan } from '../runners/plan.ts';
import { exists, readText } from '../system/files.ts';
import type { Io } from '../system/io.ts';

/** A project as a command finds it: its root, its configuration with every default, its allowlist as part of the policy. */
export type Project = {
  readonly root: string;
  readonly loaded: LoadedConfig;
  readonly config: Config;
  readonly policy: Policy;
};

/** Flags that every command of a project takes. */
export type ProjectOptions = { readonly config?: string | undefined };

/** The nearest folder upwards that has a `pushgate.jsonc` or a `package.json`. */
export function findRoot(cwd: string): string {
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (['pushgate.jsonc', 'package.json'].some((name) => exists(join(dir, name)))) return dir;
    if (dir === dirname(dir)) break;
  }
  throw usageError('No package.json here or in any folder above.', 'Run pushgate inside the project whose tests it should hold.');
}

/** The nearest folder above a project without a `pushgate.jsonc` that has one, as a path from there, no further up than the repository's top. */
export function setUpAbove(root: string): string | null {
  for (let dir = root; !exists(join(dir, '.git')) && dir !== dirname(dir);) {
    dir = dirname(dir);
    if (exists(join(dir, 'pushgate.jsonc'))) return relative(root, dir);
  }
  return null;
}

/** Loads configuration and allowlist; what is wrong in them ends the command (exit 2). */
export function openProject(io: Io, options: ProjectOptions): Project {
  const root = findRoot(io.cwd);
  return projectOf(root, loadConfig(root, options.config));
}

function projectOf(root: string, loaded: LoadedConfig): Project {
  const { config } = loaded;
  return { root, loaded, config, policy: policyOf(config, loadKnownSlow(root, config.slow.allowlist)) };
}

/** A project together with what was understood of its test script; limits of a c8 or nyc in it fill in what the configuration leaves open. */
export async function openSuite(io: Io, options: ProjectOptions): Promise<{ project: Project; plan: SuitePlan }> {
  const { root, loaded } = openProject(io, options);
  const plan = await planOf(io, root, loaded).catch((error: unknown) => {
    const above = loaded.file === null ? setUpAbove(root) : null;
    if (above === null || !(error instanceof PushgateError)) throw error;
    throw new PushgateError(error.exitCode, error.message, [`cd ${above}   pushgate is set up there`, ...error.advice]);
  });
  return { project: projectOf(root, applyCoverageTool(loaded, plan.coverageTool)), plan };
}

function planOf(io: Io, root: string, { config: { run }, file }: LoadedConfig): Promise<SuitePlan> {
  return planSuite({
    root,
    command: run.command,
    from: run.command === null ? null : `run.command in ${file ?? 'pushgate.jsonc'}`,
    files: run.files,
    nodeVersion: io.nodeVersion,
    env: io.env,
  });
}

/** The limits that hold in a project, with those of a c8 or nyc in its test script; its script is read only where one may be in it. */
export async function effectiveConfig(io: Io, root: string, loaded: LoadedConfig): Promise<Config> {
  if (!/\b(?:c8|nyc)\b/.test(`${loaded.config.run.command ?? ''} ${readText(join(root, 'package.json')) ?? ''}`)) return loaded.config;
  try {
    return applyCoverageTool(loaded, (await planOf(io, root, loaded)).coverageTool).config;
  } catch {
    // A script that cannot be understood says so when it is to run.
    return loaded.config;
  }
}
