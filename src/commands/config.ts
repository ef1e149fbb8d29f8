import type { LoadedConfig } from '../model/config.ts';
import type { SuitePlan } from '../runners/plan.ts';
import type { Io } from '../system/io.ts';
import { settingsOf, settingsText } from './config/settings.ts';
import { suiteText } from './config/suite.ts';
import { openProject, openSuite, type ProjectOptions } from './project.ts';

export type ConfigOptions = ProjectOptions & { readonly json?: boolean | undefined };

/**
 * Prints the merged configuration with the origin of each value, and what was understood of the test script. When the script cannot be
 * understood, the configuration is printed all the same, unless JSON was asked for, before that error ends the command.
 */
export async function config(io: Io, options: ConfigOptions): Promise<number> {
  let suite: Awaited<ReturnType<typeof openSuite>>;
  try {
    suite = await openSuite(io, options);
  } catch (error) {
    if (options.json !== true) io.stdout.write(settingsText(openProject(io, options).loaded));
    throw error;
  }
  const { project, plan } = suite;
  io.stdout.write(
    options.json === true ? jsonText(project.loaded, plan) : `${settingsText(project.loaded)}\n${suiteText(plan, project.root)}`,
  );
  return 0;
}

function jsonText({ config: merged, file, origins }: LoadedConfig, plan: SuitePlan): string {
  const settings = [...settingsOf(merged)].map(([key, value]) => [key, { value, origin: origins.get(key) ?? { kind: 'default' } }]);
  return `${JSON.stringify({ schemaVersion: 1, file, settings: Object.fromEntries(settings), suite: plan }, null, 2)}\n`;
}
