import { readFileSync } from 'node:fs';
import { ownPath } from './system/own-package.ts';

/** The version in pushgate's own package.json. */
export function version(): string {
  try {
    const { name, version: found } = JSON.parse(ownFile('package.json') ?? '{}') as { name?: string; version?: string };
    return name === 'pushgate' && found !== undefined ? found : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** A file at the root of pushgate's own package; null when it is not there. */
export function ownFile(name: string): string | null {
  try {
    return readFileSync(ownPath(name), 'utf8');
  } catch {
    return null;
  }
}
