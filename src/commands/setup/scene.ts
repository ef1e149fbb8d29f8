import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { asRecord, readPackage, type Package } from '../../runners/node-test/script/packages.ts';
import { exists } from '../../system/files.ts';
import type { Checkout } from '../../system/hooks-folder.ts';
import { packageManagerOf, type PackageManager } from './package-manager.ts';

/** A project in its checkout, as far as its hooks are concerned. */
export type Scene = {
  /** Absolute, links resolved, as git names it. */
  readonly root: string;
  /** The project's folder below the top of the checkout, with forward slashes; empty when it is the top. */
  readonly folder: string;
  readonly checkout: Checkout;
  /** The package.json of the project, and that of the top folder when it is another one. */
  readonly packages: readonly Package[];
  readonly manager: PackageManager;
};

export function sceneOf(cwd: string, checkout: Checkout): Scene {
  const root = realpathSync(cwd);
  const { top } = checkout;
  return {
    root,
    folder: relative(top, root).replaceAll('\\', '/'),
    checkout,
    packages: [...new Set([root, top])].flatMap((dir) => readPackage(dir) ?? []),
    manager: packageManagerOf(root, top),
  };
}

/** Whether a package.json asks for a package. */
export function dependsOn({ json }: Package, name: string): boolean {
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].some((kind) =>
    Object.hasOwn(asRecord(json[kind]), name),
  );
}

/** Husky's hooks: in which folder of the checkout they lie, and from which folder git starts them. */
export type Husky = {
  /** Relative to the top of the checkout, with forward slashes: `.husky`. */
  readonly dir: string;
  /** Whether `core.hooksPath` names it, so that git starts its hooks where they are installed. */
  readonly named: boolean;
  /** Up to version 8 git starts the files themselves; since 9 it starts stubs in `_` that put the packages' commands on the PATH. */
  readonly stubs: boolean;
};

/** Husky in this checkout; null when there is no trace of it. */
export function huskyOf({ root, folder, checkout, packages }: Scene): Husky | null {
  const { hooksPath, hooksDir, top } = checkout;
  const path = relative(top, hooksDir).replaceAll('\\', '/');
  if (hooksPath !== null && basename(path) === '_' && !path.startsWith('..')) return { dir: dirname(path), named: true, stubs: true };
  if (hooksPath !== null && basename(path) === '.husky') return { dir: path, named: true, stubs: false };
  const used = packages.some((each) => dependsOn(each, 'husky') || installsHusky(each));
  const dir = [...new Set(['.husky', folderBelow(folder, '.husky')])].findLast((each) => exists(join(top, each)));
  if (!used && dir === undefined) return null;
  const ofTop = packages.some((each) => each.dir === top && top !== root && (dependsOn(each, 'husky') || installsHusky(each)));
  return { dir: dir ?? (ofTop ? '.husky' : folderBelow(folder, '.husky')), named: false, stubs: true };
}

/** Whether a script that runs after an install starts husky. */
export function installsHusky({ scripts }: Package): boolean {
  return ['prepare', 'postinstall', 'install', 'postprepare'].some((name) => /\bhusky\b/.test(scripts.get(name) ?? ''));
}

export function folderBelow(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/**
 * What is left to do until the hooks run, as commands with what they do: packages to install, and husky to switch on; null without it.
 * `scripts`: whether an install runs the scripts of the project.
 */
export function stepsToRun({ root, checkout, packages, manager }: Scene, husky: Husky | null, scripts: boolean): string[] {
  const dirs = [root, checkout.top];
  const missing = [...(husky === null ? [] : ['husky']), 'pushgate'].filter(
    (name) => !dirs.some((dir) => exists(join(dir, 'node_modules', name))) && !packages.some(({ json }) => json['name'] === name),
  );
  const off = husky !== null && !(husky.named && (!husky.stubs || exists(join(checkout.top, husky.dir, '_'))));
  const prepares = packages.some((each) => /\bhusky\b/.test(each.scripts.get('prepare') ?? ''));
  const byItself = off && prepares && scripts && manager.runsPrepare && missing.length > 0;
  const install = `${manager.install}   installs ${missing.join(' and ')}${byItself ? ', and switches the hooks on' : ''}`;
  const start = prepares ? `${manager.name} run prepare` : `node_modules/.bin/husky${husky?.dir === '.husky' ? '' : ` ${husky?.dir}`}`;
  return [...(missing.length > 0 ? [install] : []), ...(off && !byItself ? [`${start}   switches the hooks on`] : [])];
}
