import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  callsPushgate,
  hookLine,
  HOOKS,
  isShellScript,
  lineFor,
  withFormerHook,
  withHookLine,
  type HookCall,
  type HookName,
} from '../../formats/hook-script.ts';
import { usageError } from '../../model/error.ts';
import { hookManagersOf, type HookManager } from '../setup/hook-managers.ts';
import { isExecutable } from '../setup/executable.ts';
import { folderBelow, huskyOf, type Husky, type Scene } from '../setup/scene.ts';
import { changeOf, textOf, type FileChange } from './changes.ts';
import { lefthookPlan } from './lefthook.ts';

export type HookKind = 'husky' | 'lefthook' | 'git' | 'none';

/** How pushgate gets into the hooks of a checkout. */
export type HookPlan = {
  readonly changes: readonly FileChange[];
  /** Husky, when it is what starts the hooks. */
  readonly husky: Husky | null;
  /** What is left to the user: sentences, and lines to add by hand, for the screen. */
  readonly byHand: readonly string[];
};

/** Plans the hooks as asked, else by what is there: nothing that runs today may stop running. */
export function hookPlan(scene: Scene, asked: HookKind | null): HookPlan {
  const { hooksPath } = scene.checkout;
  const husky = huskyOf(scene);
  const [other] = hookManagersOf(scene);
  if (asked === 'none') return byHand([]);
  if (asked === 'lefthook' || (asked === null && other?.name === 'lefthook' && husky === null)) return lefthookPlan(scene);
  if (hooksPath !== null && husky?.named !== true) return foreignPlan(scene, hooksPath.value);
  if (asked === 'git' && husky?.named === true)
    throw usageError(
      `Git starts husky's hooks here (core.hooksPath is ${hooksPath?.value}), so .git/hooks is not used.`,
      'pushgate init --hooks husky',
    );
  if (asked === 'git') return gitPlan(scene);
  if (asked === null && husky === null && other) return otherPlan(scene, other);
  const live = liveHooks(scene);
  if (husky?.named !== true && live.length > 0) return asked === null && husky === null ? gitPlan(scene) : besideLive(scene, husky, live);
  return huskyPlan(scene, husky ?? newHusky(scene));
}

function newHusky({ folder }: Scene): Husky {
  return { dir: folderBelow(folder, '.husky'), named: false, stubs: true };
}

function byHand(lines: readonly string[]): HookPlan {
  return { changes: [], husky: null, byHand: lines };
}

function callOf({ folder, manager }: Scene, hook: HookName, onPath: boolean): HookCall {
  return { hook, folder, onPath, install: manager.install };
}

function huskyPlan(scene: Scene, husky: Husky, former: readonly string[] = []): HookPlan {
  const planned = HOOKS.map((hook) => {
    const path = join(scene.checkout.top, husky.dir, hook);
    const file = { shebang: !husky.stubs, started: !husky.stubs, former: former.includes(hook) };
    return hookFile(path, callOf(scene, hook, husky.stubs), file);
  });
  return { changes: planned.flatMap(({ changes }) => changes), husky, byHand: planned.flatMap((each) => each.byHand) };
}

/** Husky takes over from .git/hooks: its hooks start what is there. Where they call pushgate already, somebody else set them up: it is said. */
function besideLive(scene: Scene, asked: Husky | null, live: readonly string[]): HookPlan {
  const husky = asked ?? newHusky(scene);
  const path = (name: string): string => join(scene.checkout.top, husky.dir, name);
  const former = live.filter((name) => !callsPushgate(textOf(join(scene.checkout.hooksDir, name)) ?? '', scene.folder));
  const plan = huskyPlan(scene, husky, former);
  const over = 'Once husky is installed, git no longer starts .git/hooks';
  if (former.length === 0) return plan;
  if (plan.changes.length < HOOKS.length)
    return { ...plan, byHand: [`${over}: move what is in ${former.join(', ')} there to ${husky.dir}.`, ...plan.byHand] };
  const others = former.filter((name) => !HOOKS.some((hook) => hook === name));
  const changes = others.flatMap((name) => changeOf(path(name), withFormerHook(textOf(path(name)), name), `starts .git/hooks/${name}`));
  const does = former.length === 1 ? 'does' : 'do';
  const note = `${over}; ${former.map((name) => `${husky.dir}/${name}`).join(', ')} ${does}, in every clone that has one.`;
  return { ...plan, changes: [...plan.changes, ...changes], byHand: [note, ...plan.byHand] };
}

function gitPlan(scene: Scene): HookPlan {
  const planned = HOOKS.map((hook) =>
    hookFile(join(scene.checkout.hooksDir, hook), callOf(scene, hook, false), { shebang: true, started: true }),
  );
  const local = 'Hooks in .git/hooks are of this clone only; every other clone needs  pushgate init --hooks git  once.';
  const changes = planned.flatMap((each) => each.changes);
  return { changes, husky: null, byHand: [...planned.flatMap((each) => each.byHand), ...(changes.length > 0 ? [local] : [])] };
}

type HookFileKind = {
  readonly shebang: boolean;
  /** Git starts the file itself, so it is executable and may be written in any language. */
  readonly started: boolean;
  /** It starts the hook of .git/hooks too. */
  readonly former?: boolean;
};

/** One hook with pushgate's line. */
function hookFile(path: string, call: HookCall, file: HookFileKind): Pick<HookPlan, 'changes' | 'byHand'> {
  const text = textOf(path);
  if (text !== null && callsPushgate(text, call.folder)) return { changes: [], byHand: [] };
  if (text !== null && file.started && !isShellScript(text))
    return { changes: [], byHand: [`${path} is no shell script; have it start what this line does:`, `  ${hookLine(call)}`] };
  const sleeping =
    text !== null && file.started && !isExecutable(path) ? [`chmod +x ${path}   so that git starts it, with all that is in it`] : [];
  return {
    changes: changeOf(
      path,
      withHookLine(file.former === true ? withFormerHook(text, call.hook) : text, call, file.shebang),
      `calls pushgate hook ${call.hook}`,
      file.started,
    ),
    byHand: sleeping,
  };
}

/** Somebody else decided where hooks come from: nothing is changed there. */
function foreignPlan(scene: Scene, value: string): HookPlan {
  const { top, hooksDir } = scene.checkout;
  const missing = HOOKS.filter((hook) => !callsPushgate(textOf(join(hooksDir, hook)) ?? '', scene.folder));
  if (missing.length === 0) return byHand([]);
  const place = (hook: HookName): string => `${relative(top, hooksDir).startsWith('..') ? hooksDir : relative(top, hooksDir)}/${hook}`;
  const lines = missing.flatMap((hook) => addedByHand(textOf(join(hooksDir, hook)), place(hook), callOf(scene, hook, false)));
  return byHand([`Git's hooks come from ${value} (core.hooksPath), which stays as it is.`, ...lines]);
}

/** What to do to a hook that is not ours to change. */
function addedByHand(text: string | null, path: string, call: HookCall): string[] {
  if (text === null) return [`Make ${path}, executable, of these lines:`, '  #!/bin/sh', `  ${hookLine(call)}`];
  if (!isShellScript(text)) return [`${path} is no shell script; have it start what this line does:`, `  ${hookLine(call)}`];
  const { line, atHead } = lineFor(text, call);
  return [
    atHead
      ? `Add this line at the head of ${path}${text.startsWith('#!') ? ', below #!' : ''}, above what may end it or read what git hands to it:`
      : `Add this line to ${path}:`,
    `  ${line}`,
  ];
}

/** Another tool writes the hooks from a configuration of its own. */
function otherPlan(scene: Scene, other: HookManager): HookPlan {
  if (other.callsPushgate) return byHand([]);
  const line = (hook: HookName): string => {
    // Only simple-git-hooks hands on what git says is pushed; the others keep it, and without it nothing would be judged.
    return hook === 'pre-push' && other.name !== 'simple-git-hooks' ? 'pushgate check' : `pushgate hook ${hook}`;
  };
  const command = (hook: HookName): string => `(cd ${scene.folder || '.'} && node_modules/.bin/${line(hook)})`;
  return byHand([
    `The hooks here are written by ${other.name} (${other.file}); add to it:`,
    ...HOOKS.map((hook) => `  ${hook}:  ${scene.folder === '' ? `node_modules/.bin/${line(hook)}` : command(hook)}`),
  ]);
}

/** Hooks in .git/hooks that git starts today. */
function liveHooks({ checkout }: Scene): string[] {
  try {
    return readdirSync(checkout.hooksDir).filter((name) => /^[a-z-]+$/.test(name) && isExecutable(join(checkout.hooksDir, name)));
  } catch {
    return [];
  }
}
