import { basename, join, relative } from 'node:path';
import { callsPushgate, hasCarriageReturns, standsInTheWay } from '../../formats/hook-script.ts';
import { type Diagnosis, fault, ok, warning } from '../../model/diagnosis.ts';
import { exists, readText } from '../../system/files.ts';
import type { Io } from '../../system/io.ts';
import { isExecutable } from '../setup/executable.ts';
import { ignoresScripts } from '../setup/ignored-scripts.ts';
import { hookManagersOf, type HookManager } from '../setup/hook-managers.ts';
import { huskyOf, stepsToRun, type Husky, type Scene } from '../setup/scene.ts';
import { ignoredScripts, switchedOff } from './husky-settings.ts';

const HOOK = 'pre-push';

/** Whether `git push` starts pushgate here, and every reason why it does not. */
export async function hookDiagnoses(scene: Scene, { env }: Io): Promise<Diagnosis[]> {
  const husky = huskyOf(scene);
  const managers = hookManagersOf(scene);
  const found = husky !== null && startedByHusky(scene, husky) ? huskyFaults(scene, husky, env) : startedFaults(scene, managers);
  const faults = found.some(({ state }) => state === 'error')
    ? found
    : [ok('hook', `git push starts pushgate, through ${placeOf(scene, husky)}.`), ...found];
  const installs = husky === null ? [] : ignoredScripts(scene, env);
  return [...faults, ...installs, ...managers.flatMap((each) => managerDiagnosis(each, husky)), ...(await aliasDiagnoses(scene))];
}

/** Husky starts the hooks, or is meant to and nothing else does. */
function startedByHusky({ checkout, folder }: Scene, husky: Husky): boolean {
  if (husky.named) return true;
  return checkout.hooksPath === null && !callsPushgate(readText(join(checkout.hooksDir, HOOK)) ?? '', folder);
}

function placeOf({ checkout }: Scene, husky: Husky | null): string {
  return husky?.named === true ? `${husky.dir}/${HOOK}` : shownPath(checkout.top, join(checkout.hooksDir, HOOK));
}

function shownPath(top: string, path: string): string {
  const inside = relative(top, path).replaceAll('\\', '/');
  return inside.startsWith('..') ? path : inside;
}

function huskyFaults(scene: Scene, husky: Husky, env: Io['env']): Diagnosis[] {
  const { checkout } = scene;
  const own = fileDiagnoses(scene, join(checkout.top, husky.dir, HOOK), !husky.stubs, false);
  return [...(husky.stubs ? stubFaults(scene, husky, env) : []), ...own, ...switchedOff(env)];
}

/** What husky installs and git ignores: the stubs that start the hooks of the branch. */
function stubFaults(scene: Scene, husky: Husky, env: Io['env']): Diagnosis[] {
  const { checkout } = scene;
  const { top, linked } = checkout;
  const dir = `${husky.dir}/_`;
  const stub = join(top, dir, HOOK);
  const install = restored(scene, husky, env);
  if (!husky.named)
    return [fault('hook', 'The hooks are not installed: core.hooksPath is not set, so git starts none of them.', ...install)];
  if (!exists(join(top, dir))) {
    const why = linked ? `This linked worktree has no ${dir}: git starts no hook in it.` : `${dir} is missing: git starts no hook.`;
    return [fault('hook', why, ...install)];
  }
  const stubText = readText(stub);
  if (stubText === null || !exists(join(top, dir, 'h')))
    return [fault('hook', `${dir}/${stubText === null ? HOOK : 'h'} is missing: git starts no hook, or one that fails.`, ...install)];
  return [
    ...(isExecutable(stub) ? [] : [fault('hook', `${dir}/${HOOK} is not executable, so git leaves it out.`, ...install)]),
    ...(hasCarriageReturns(stubText) ? [fault('hook', `${dir}/${HOOK} has Windows line ends, which sh cannot read.`, ...install)] : []),
  ];
}

/** What writes the stubs anew, also where some of them are there. */
function restored(scene: Scene, husky: Husky, env: Io['env']): string[] {
  return stepsToRun(scene, { ...husky, named: false }, ignoresScripts(scene, env) === null);
}

/** The hook that git starts without husky: from .git/hooks, or from where `core.hooksPath` leads. */
function startedFaults(scene: Scene, managers: readonly HookManager[]): Diagnosis[] {
  const { hooksDir, hooksPath, top } = scene.checkout;
  const path = join(hooksDir, HOOK);
  const text = readText(path);
  const manager = managers.find(({ callsPushgate: calls }) => calls);
  if (manager && text !== null && isExecutable(path)) return [];
  if (manager)
    return [
      fault(
        'hook',
        `${manager.file} calls pushgate, but ${manager.name} has not installed its hooks.`,
        `${INSTALLS[manager.name]}   installs them`,
      ),
    ];
  const elsewhere = hooksPath === null ? [] : [`Hooks come from ${hooksPath.value} (core.hooksPath, ${hooksPath.scope} configuration).`];
  if (text === null && hooksPath === null)
    return [fault('hook', 'No hook is set up: git push does not start pushgate.', 'pushgate init   sets it up')];
  return fileDiagnoses(scene, path, true, hooksPath !== null).map((each) =>
    each.state === 'error'
      ? {
          ...each,
          says: [each.says, ...elsewhere].join(' '),
          fixes: hooksPath === null ? each.fixes : [`pushgate init   prints the line for ${shownPath(top, path)}`, ...each.fixes.slice(1)],
        }
      : each,
  );
}

const INSTALLS: Readonly<Record<HookManager['name'], string>> = {
  lefthook: 'lefthook install',
  'simple-git-hooks': 'npx simple-git-hooks',
  'pre-commit': 'pre-commit install --hook-type pre-push',
  yorkie: 'node node_modules/yorkie/bin/install.js',
  'husky 4': 'npm rebuild husky',
};

/** What is wrong with the file of a hook. `started`: git starts the file itself, which has to be executable then. `foreign`: init leaves it alone. */
function fileDiagnoses({ checkout, folder }: Scene, path: string, started: boolean, foreign: boolean): Diagnosis[] {
  const shown = shownPath(checkout.top, path);
  const text = readText(path);
  if (text === null) {
    return [
      fault(
        'hook',
        `There is no ${shown} on this branch, and git push goes ahead without one.`,
        'pushgate init   writes it; or bring it over from a branch that has it',
      ),
    ];
  }
  const crlf = hasCarriageReturns(text)
    ? [
        fault(
          'hook',
          `${shown} has Windows line ends, which sh cannot read.`,
          `Add to .gitattributes:  ${basename(join(path, '..'))}/* text eol=lf`,
          `rm ${shown} && git checkout -- ${shown}   writes it anew`,
        ),
      ]
    : [];
  const sleeping =
    started && !isExecutable(path) ? [fault('hook', `${shown} is not executable, so git leaves it out.`, `chmod +x ${shown}`)] : [];
  return [...crlf, ...sleeping, ...lineDiagnoses(text, shown, folder, foreign)];
}

function lineDiagnoses(text: string, shown: string, folder: string, foreign: boolean): Diagnosis[] {
  if (!callsPushgate(text, folder)) return [fault('hook', `${shown} does not call pushgate.`, 'pushgate init   adds the line')];
  const inTheWay = standsInTheWay(text, HOOK, folder);
  if (inTheWay === null) return [];
  const why =
    inTheWay === 'leaves'
      ? 'may end the hook before pushgate is called'
      : 'may read what git says is pushed, and leaves pushgate nothing to judge';
  return [
    warning(
      'hook',
      `In ${shown}, something above pushgate's line ${why}.`,
      `Take the line out and run  pushgate init : it ${foreign ? 'prints one for' : 'puts one at'} the head.`,
    ),
  ];
}

function managerDiagnosis(manager: HookManager, husky: Husky | null): Diagnosis[] {
  const { name, file } = manager;
  if (manager.callsPushgate) return [ok('hook tools', `${name} starts pushgate (${file}).`)];
  if (husky === null)
    return [
      warning(
        'hook tools',
        `${name} (${file}) writes git's hooks too: its next install may replace the one that calls pushgate.`,
        `pushgate init   prints what to add to ${file}`,
      ),
    ];
  return [
    warning(
      'hook tools',
      `${name} (${file}) and husky both write git's hooks: whichever is installed last switches the other off.`,
      'Keep one of the two.',
    ),
  ];
}

/** Aliases that push past every hook. */
async function aliasDiagnoses({ checkout }: Scene): Promise<Diagnosis[]> {
  const aliases = (await checkout.repository.git('config', '--get-regexp', '^alias\\.')) ?? '';
  return aliases
    .split('\n')
    .filter((line) => /\bpush\b.*(?:--no-verify|core\.hookspath)/i.test(line))
    .map((line) =>
      warning(
        'hook',
        `git ${line.slice('alias.'.length).split(' ')[0]} is an alias that pushes past the hooks.`,
        `git config --unset ${line.split(' ')[0]}`,
      ),
    );
}
