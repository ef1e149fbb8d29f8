import { join } from 'node:path';
import { setEntry } from '../../formats/package-edit.ts';
import { usageError } from '../../model/error.ts';
import { version } from '../../version.ts';
import { dependsOn, folderBelow, installsHusky, type Husky, type Scene } from '../setup/scene.ts';
import { changeOf, textOf, type FileChange } from './changes.ts';

const SCRIPTS = { check: 'pushgate check', 'audit:perf': 'pushgate audit' } as const;
const HUSKY_VERSION = '^9.1.7';

type Entry = readonly [section: string, key: string, value: string];

/** What package.json has to say besides what it does: scripts, packages, and what switches husky's hooks on after an install. */
export function packageChange(scene: Scene, husky: Husky | null): FileChange[] {
  const path = join(scene.root, 'package.json');
  const text = textOf(path);
  if (text === null) throw usageError('There is no package.json here.', 'npm init   makes one');
  const entries = [...scriptEntries(scene), ...(husky === null ? [] : switchOn(scene, husky)), ...packageEntries(scene, husky)];
  // A byte order mark is no part of the JSON.
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const after = entries.reduce((edited, [section, key, value]) => setEntry(edited, section, key, value), text.slice(mark.length));
  return changeOf(path, mark + after, entries.map(([section, key]) => `${section}.${key}`).join(', '));
}

function scriptEntries({ root, packages }: Scene): Entry[] {
  const own = packages.find(({ dir }) => dir === root);
  return Object.entries(SCRIPTS).flatMap(([name, command]) =>
    own?.scripts.has(name) === true ? [] : [['scripts', name, command] as const],
  );
}

/** Scripts by our names that do something else; they stay, and what ours would have done is said. */
export function otherScripts({ root, packages }: Scene): string[] {
  const own = packages.find(({ dir }) => dir === root);
  return Object.entries(SCRIPTS)
    .filter(([name]) => own?.scripts.get(name)?.includes('pushgate') === false)
    .map(([name, command]) => `scripts.${name} of package.json is another and stays: npx ${command} does what it would have done.`);
}

function packageEntries({ packages }: Scene, husky: Husky | null): Entry[] {
  const wanted = [...(husky === null ? [] : [['husky', HUSKY_VERSION] as const]), ['pushgate', `^${version()}`] as const];
  return wanted
    .filter(([name]) => !packages.some((each) => dependsOn(each, name) || each.json['name'] === name))
    .map(([name, range]) => ['devDependencies', name, range] as const);
}

/**
 * Starts husky after an install, behind what is started there already. Production installs leave husky out (`--omit=dev`), and that must not
 * break them.
 */
function switchOn({ root, folder, packages, manager }: Scene, husky: Husky): Entry[] {
  const own = packages.find(({ dir }) => dir === root);
  if (!own || packages.some(installsHusky)) return [];
  const name = manager.runsPrepare || own.json['private'] !== true ? 'prepare' : 'postinstall';
  const start = startOf(folder, husky);
  const before = own.scripts.get(name)?.trim() ?? '';
  return [['scripts', name, before === '' ? start : `${before} && (${start})`]];
}

/** Husky wants to be started at the top of the checkout, and to be told where its folder is when it is another one. */
function startOf(folder: string, { dir }: Husky): string {
  if (folder !== '') return `cd ${'../'.repeat(folder.split('/').length).slice(0, -1)} && husky ${dir} || true`;
  return dir === folderBelow(folder, '.husky') ? 'husky || true' : `husky ${dir} || true`;
}
