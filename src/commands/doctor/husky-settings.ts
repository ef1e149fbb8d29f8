import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Diagnosis, fault, warning } from '../../model/diagnosis.ts';
import { readText } from '../../system/files.ts';
import type { Io } from '../../system/io.ts';
import type { Scene } from '../setup/scene.ts';

type Env = Io['env'];

const OFF = /^\s*(?:export\s+)?HUSKY=(["']?)0\1\s*(?:$|[;#&])/m;

/** The two switches that turn husky's hooks off for a person: a variable, and a file that every hook reads first. */
export function switchedOff(env: Env): Diagnosis[] {
  const path = join(env['XDG_CONFIG_HOME'] || join(homeOf(env), '.config'), 'husky', 'init.sh');
  return [
    ...(env['HUSKY'] === '0'
      ? [fault('hook', 'HUSKY=0 is set: husky leaves every hook out.', 'unset HUSKY   and take it out of the shell profile')]
      : []),
    ...(OFF.test(read(path)) ? [fault('hook', `HUSKY=0 is set in ${path}: husky leaves every hook out.`, 'Take that line out.')] : []),
  ];
}

/** Whether installs leave out the `prepare` script, which switches the hooks on in a new clone. */
export function ignoredScripts({ root, checkout }: Scene, env: Env): Diagnosis[] {
  const fromEnv = Object.entries(env).find(([name]) => name.toLowerCase() === 'npm_config_ignore_scripts');
  const files = [join(root, '.npmrc'), join(checkout.top, '.npmrc'), env['NPM_CONFIG_USERCONFIG'] || join(homeOf(env), '.npmrc')];
  const settings = [{ from: fromEnv?.[0] ?? '', value: fromEnv?.[1] }, ...files.map((from) => ({ from, value: ignoresIn(read(from)) }))];
  const first = settings.find(({ value }) => value !== undefined && value !== '');
  if (first?.value !== 'true') return [];
  const says = `Installs run no scripts (ignore-scripts in ${first.from}), so they do not switch the hooks on.`;
  return [warning('hook', says, 'npm run prepare   after each first install, or ignore-scripts=false in the .npmrc of the project')];
}

function ignoresIn(npmrc: string): string | undefined {
  const match = /^\s*ignore-scripts\s*(?:=\s*"?(\w+)"?\s*)?$/m.exec(npmrc);
  return match ? (match[1] ?? 'true') : undefined;
}

function homeOf(env: Env): string {
  return env['HOME'] || homedir();
}

/** A file of the person's that may be anything, or nothing. */
function read(path: string): string {
  try {
    return readText(path) ?? '';
  } catch {
    return '';
  }
}
