import { readFileSync } from 'node:fs';

/** The version in pushgate's own package.json; the file lies one folder up from the sources and two from what is built. */
export function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (name === 'pushgate' && found !== undefined) return found;
    } catch {
      // Not there: the other layout.
    }
  }
  return 'unknown';
}
