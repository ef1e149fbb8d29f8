import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { matcher } from '../../../formats/globs.ts';
import { readPackage } from './packages.ts';

/** The folders of npm workspaces, all or those named by folder or package name; absolute, in npm's order. */
export function workspaceDirs(root: string, wanted: readonly string[] | 'all'): string[] {
  const globs = (readPackage(root)?.workspaces ?? []).map((glob) => glob.replace(/^\.\//, '').replace(/\/+$/, ''));
  const dirs = globs.flatMap((glob) => foldersLike(root, glob));
  return [...new Set(dirs)].filter((dir) => wanted === 'all' || wanted.some((name) => isNamed(root, dir, name)));
}

function isNamed(root: string, dir: string, name: string): boolean {
  const path = relative(root, dir).split(sep).join('/');
  const plain = name.replace(/^\.\//, '').replace(/\/+$/, '');
  return path === plain || path.startsWith(`${plain}/`) || readPackage(dir)?.json['name'] === name;
}

function foldersLike(root: string, glob: string): string[] {
  if (!/[*?[{]/.test(glob)) return existsSync(join(root, glob, 'package.json')) ? [join(root, glob)] : [];
  const matches = matcher([glob]);
  const found: string[] = [];
  const visit = (path: string, depth: number): void => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (matches(child) && existsSync(join(root, child, 'package.json'))) found.push(join(root, child));
      if (depth > 1 || glob.includes('**')) visit(child, depth - 1);
    }
  };
  visit('', glob.split('/').length);
  return found.toSorted();
}
