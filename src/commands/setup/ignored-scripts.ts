import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { readText } from '../../system/files.ts';
import type { Io } from '../../system/io.ts';
import type { Scene } from './scene.ts';

/** Where it says that installs run no scripts, `prepare` among them; null when they run. */
export function ignoresScripts({ root, checkout }: Pick<Scene, 'root' | 'checkout'>, env: Io['env']): string | null {
  const user = env['NPM_CONFIG_USERCONFIG'] || join(env['HOME'] || homedir(), '.npmrc');
  const files = [join(root, '.npmrc'), join(checkout.top, '.npmrc'), user];
  const inFiles = files.map((path) => ({ from: path === user ? path : relative(root, path), value: ignoresIn(read(path)) }));
  const fromEnv = Object.entries(env).find(([name]) => name.toLowerCase() === 'npm_config_ignore_scripts');
  const inFile = inFiles.find(({ value }) => value !== undefined);
  const [name, value] = fromEnv?.[1] ? fromEnv : [inFile?.from, inFile?.value];
  if (value !== 'true') return null;
  // npm and npx hand on in a variable what the file says, which is what can be changed.
  return inFile?.value === 'true' ? inFile.from : (name ?? null);
}

function ignoresIn(npmrc: string): string | undefined {
  const match = /^\s*ignore-scripts\s*(?:=\s*"?(\w+)"?\s*)?$/m.exec(npmrc);
  return match ? (match[1] ?? 'true') : undefined;
}

/** A file of the person's that may be anything, or nothing. */
function read(path: string): string {
  try {
    return readText(path) ?? '';
  } catch {
    return '';
  }
}
