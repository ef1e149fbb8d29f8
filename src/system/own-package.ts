import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A path in pushgate's own package, whose root is two folders up from the sources and from a bundle, and three from what `tsc` makes. */
export function ownPath(path: string): string {
  const up = existsSync(new URL('../../package.json', import.meta.url)) ? '../../' : '../../../';
  return fileURLToPath(new URL(`${up}${path}`, import.meta.url));
}
