import { join, resolve } from 'node:path';
import { readText } from '../../../system/files.ts';

const METRIC = /^(?:lines|branches|functions|statements)$/;

/**
 * The flags that borp's own configuration (`.borp.yaml`) stands for: `files`, `reporters` and `coverage`. Reads the block style its
 * documentation shows, one value per line; what is written otherwise is not seen.
 */
export function readBorpConfig(cwd: string, named: string | undefined): string[] {
  const paths = named === undefined ? ['.borp.yaml', '.borp.yml'].map((name) => join(cwd, name)) : [resolve(cwd, named)];
  const text = paths.map((path) => readText(path)).find((found) => found !== null);
  if (text === undefined || text === null) return [];
  const flags: string[] = [];
  const files: string[] = [];
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const top = /^(\w[\w-]*):/.exec(line)?.[1];
    if (top !== undefined) section = top;
    if (top === 'coverage' && !/:\s*false\b/.test(line)) flags.push('--coverage');
    const item = /^\s*-\s+(.+?)\s*$/.exec(line)?.[1];
    const pair = /^\s+([\w-]+):\s*(\S+)/.exec(line);
    if (section === 'files' && item !== undefined) files.push(plain(item));
    if (section === 'coverage' && pair !== null) flags.push(...coverageFlag(pair[1] ?? '', pair[2] ?? ''));
  }
  return [...flags, ...files];
}

function coverageFlag(name: string, value: string): string[] {
  if (name === 'check-coverage') return value === 'true' ? ['--check-coverage'] : [];
  return METRIC.test(name) && !Number.isNaN(Number.parseInt(value, 10)) ? [`--${name}=${value}`] : [];
}

/** A YAML scalar without its quotes, or without the comment behind it. */
function plain(scalar: string): string {
  const inside = /^(['"])(.*?)\1/.exec(scalar)?.[2];
  return inside ?? scalar.replace(/\s+#.*$/, '');
}
