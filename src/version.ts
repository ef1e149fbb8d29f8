import { readFileSync } from 'node:fs';

/** The version in pushgate's own package.json. */
export function version(): string {
  try {
    const { name, version: found } = JSON.parse(ownFile('package.json') ?? '{}') as { name?: string; version?: string };
    return name === 'pushgate' && found !== undefined ? found : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** A file at the root of pushgate's own package: one folder up from the sources and two from what is built. Null when it is not there. */
export function ownFile(name: string): string | null {
  for (const up of ['../', '../../']) {
    try {
      return readFileSync(new URL(`${up}${name}`, import.meta.url), 'utf8');
    } catch {
      // Not there: the other layout.
    }
  }
  return null;
}
