import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Diagnosis, fault, warning } from '../../model/diagnosis.ts';
import { readText } from '../../system/files.ts';
import type { Io } from '../../system/io.ts';
import { ignoresScripts } from '../setup/ignored-scripts.ts';
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

/** That installs leave out the `prepare` script, which switches the hooks on in a new clone. */
export function ignoredScripts(scene: Scene, env: Env): Diagnosis[] {
  const from = ignoresScripts(scene, env);
  if (from === null) return [];
  const says = `Installs run no scripts (ignore-scripts in ${from}), so they do not switch the hooks on.`;
  return [warning('hook', says, 'npm run prepare   after each first install, or ignore-scripts=false in the .npmrc of the project')];
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
