import { dirname, join } from 'node:path';
import { applyCoverageTool } from '../config/coverage-tool.ts';
import { loadConfig } from '../config/load.ts';
import { policyOf } from '../config/policy.ts';
import { loadKnownSlow } from '../config/known-slow.ts';
import type { Config, LoadedConfig } from '../model/config.ts';
import { usageError } from '../model/error.ts';
import type { Policy } from '../model/policy.ts';
import { planSuite } from '../runners/node-test/plan-suite.ts';
import type { SuitePlan } from '../runners/plan.ts';
import { exists } from '../system/files.ts';
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
  const project = openProject(io, options);
  const { run } = project.config;
  const plan = await planSuite({
    root: project.root,
    command: run.command,
    from: run.command === null ? null : `run.command in ${project.loaded.file ?? 'pushgate.jsonc'}`,
    files: run.files,
    nodeVersion: io.nodeVersion,
    env: io.env,
  });
  const loaded = plan.coverageTool === null ? project.loaded : applyCoverageTool(project.loaded, plan.coverageTool);
  return { project: projectOf(project.root, loaded), plan };
}
