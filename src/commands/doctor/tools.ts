import { delimiter, isAbsolute, join } from 'node:path';
import { type Diagnosis, fault, ok, warning } from '../../model/diagnosis.ts';
import { NEEDED_NODE, runsOn } from '../../model/node-version.ts';
import { runGit } from '../../system/git.ts';
import type { Io } from '../../system/io.ts';
import { isExecutable } from '../setup/executable.ts';
import { dependsOn, type Scene } from '../setup/scene.ts';

/** Whether this Node will do. */
export function nodeDiagnosis(nodeVersion: string): Diagnosis {
  if (runsOn(nodeVersion)) return ok('node', `Node ${nodeVersion}`);
  return fault('node', `Node ${nodeVersion}; pushgate needs ${NEEDED_NODE}.`, 'Install a current Node.');
}

/** The oldest git whose `rev-parse` answers with absolute paths on demand. */
const OLDEST_GIT = [2, 31] as const;

export async function gitDiagnosis({ cwd, env }: Io): Promise<Diagnosis> {
  const said = await runGit(['--version'], { cwd, env });
  const [, version = '', major, minor] = /(( \d+)\.(\d+)[.\d]*)/.exec(said.stdout.toString('utf8')) ?? [];
  if (said.code !== 0 || version === '') return fault('git', 'Git cannot be started.', 'Install git, or put it on the PATH.');
  const [oldMajor, oldMinor] = OLDEST_GIT;
  if (Number(major) > oldMajor || (Number(major) === oldMajor && Number(minor) >= oldMinor)) return ok('git', `Git${version}`);
  return fault('git', `Git${version}; pushgate needs ${oldMajor}.${oldMinor} or later.`, 'Install a current git.');
}

/** Whether a hook finds pushgate, and node to run it: what git starts has the PATH of the terminal or window the push came from. */
export function commandDiagnoses(scene: Scene, { env }: Io): Diagnosis[] {
  return [pushgateDiagnosis(scene, env), ...nodeOnPath(env), ...shadows(scene)];
}

function pushgateDiagnosis({ root, checkout, packages, manager }: Scene, env: Io['env']): Diagnosis {
  const bins = [...new Set([root, checkout.top])].map((dir) => join(dir, 'node_modules', '.bin'));
  if (bins.some((bin) => isExecutable(join(bin, 'pushgate')))) return ok('install', 'The hooks find pushgate in node_modules.');
  if (packages.some(({ json }) => json['name'] === 'pushgate')) return ok('install', 'This is pushgate itself.');
  const asked = packages.some((each) => dependsOn(each, 'pushgate'));
  const add = { npm: 'npm install --save-dev', pnpm: 'pnpm add --save-dev', yarn: 'yarn add --dev', bun: 'bun add --dev' }[manager.name];
  const fix = asked ? `${manager.install}   in ${root}` : `${add} pushgate`;
  const elsewhere = onPath(env, 'pushgate');
  if (elsewhere !== null)
    return warning('install', `pushgate is not in node_modules; the hooks start ${elsewhere}, whatever its version.`, fix);
  return fault('install', 'pushgate is not in node_modules: the hooks cannot start it.', fix);
}

function nodeOnPath(env: Io['env']): Diagnosis[] {
  if (onPath(env, 'node') !== null) return [];
  return [
    fault('install', 'node is not on the PATH: the hooks cannot start pushgate.', 'Put the folder of node on the PATH of whatever pushes.'),
  ];
}

function onPath(env: Io['env'], name: string): string | null {
  const dirs = (env['PATH'] ?? '').split(delimiter).filter((dir) => isAbsolute(dir) && !/node_modules[\\/]\.bin$/.test(dir));
  return dirs.map((dir) => join(dir, name)).find(isExecutable) ?? null;
}

/** Husky puts the commands of packages first on the PATH of a hook, so a package that has a `git` of its own stands in for git. */
function shadows({ checkout }: Scene): Diagnosis[] {
  return ['git', 'node', 'sh']
    .filter((name) => isExecutable(join(checkout.top, 'node_modules', '.bin', name)))
    .map((name) =>
      warning(
        'install',
        `A package ships a command named ${name}; in husky's hooks it stands in for ${name}.`,
        `ls -l node_modules/.bin/${name}   shows whose it is`,
      ),
    );
}
