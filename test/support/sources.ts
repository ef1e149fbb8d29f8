import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { PACKAGE } from './package.ts';

/** One source file: its path from the project root with forward slashes, and its text. */
export type Source = { readonly path: string; readonly text: string };

/** All TypeScript sources under the given folders. */
export function sourcesIn(...folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(PACKAGE, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .filter((path) => /\.[cm]?ts$/.test(path) && !path.endsWith('.d.ts'))
      .toSorted()
      .map((path) => ({ path, text: readFileSync(join(PACKAGE, path), 'utf8') })),
  );
}

/** The text without comments that stand on lines of their own. */
export function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/\*|\*)/.test(line))
    .join('\n');
}

/** The code alone: without comments on lines of their own and without texts; what a template computes stays. */
export function withoutWords(text: string): string {
  return withoutComments(text).replace(/'[^'\n]*'|"[^"\n]*"|`[^`$\n]*`/g, "''");
}

const IMPORTS = [
  /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"\n]+)['"]/gm,
  /^\s*import\s*['"]([^'"\n]+)['"]/gm,
  /\b(?:import|require)\s*\(\s*['"]([^'"\n]+)['"]/g,
];

/**
 * What a source imports, statically, dynamically, as types or by `require`: relative imports as paths from the project root (what is
 * required as `.cjs` is written as `.cts`), others as written.
 */
export function importsOf({ path, text }: Source): string[] {
  const code = withoutComments(text);
  const names = IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
  return [...new Set(names.map((name) => (name.startsWith('.') ? posix.join(posix.dirname(path), name.replace(/\.cjs$/, '.cts')) : name)))];
}

/** The package of an import: `@a/b/c` is of `@a/b`; null for relative imports and Node's own modules. */
export function packageOf(imported: string): string | null {
  if (/^(?:src|hooks|node:)/.test(imported) || imported.startsWith('.')) return null;
  return imported
    .split('/')
    .slice(0, imported.startsWith('@') ? 2 : 1)
    .join('/');
}
