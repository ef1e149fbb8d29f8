import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { readText } from '../../../system/files.ts';
import { importedRunner } from './known-tools.ts';
import { defaultTestFiles, listFiles, type FileRules } from './test-files.ts';

const SPECIFIER = /(?:from\s*|import\s*|import\s*\(\s*|require(?:\.resolve)?\s*\(\s*)['"]([^'"\n]+)['"]/g;
const NODE_TEST = /['"`]node:test(?:\/[\w/]+)?['"`]/;
const STARTS_TESTS = /--test\b|\bborp\b/;
const ENDINGS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '/index.js', '/index.mjs', '/index.cjs', '/index.ts'];
const MOST_FILES = 500;

/** What a script that `node` runs is, as far as its text and that of the local files it imports tell. */
export type ScriptNature =
  /** Uses node:test in its own process. */
  | { readonly kind: 'tests'; readonly testFiles: readonly string[] }
  /** Starts node:test in processes of its own making. */
  | { readonly kind: 'starts-tests' }
  | { readonly kind: 'other-runner'; readonly name: string }
  | { readonly kind: 'no-tests' };

/** Reads a script (absolute) and what it imports. Test files are absolute, the script first. */
export function natureOf(script: string, rules: FileRules): ScriptNature {
  const entry = resolveFile(script);
  if (entry === null) return { kind: 'no-tests' };
  const texts = reachable(entry);
  const all = [...texts.values()];
  if (all.some((text) => STARTS_TESTS.test(text) && /child_process|execa|spawn|\$`/.test(text)) || all.some(callsRun))
    return { kind: 'starts-tests' };
  if (all.some((text) => NODE_TEST.test(text))) return { kind: 'tests', testFiles: testFilesOf(entry, texts, rules) };
  const below = loadsByName(texts.get(entry) ?? '') ? usersBelow(dirname(entry), rules) : [];
  if (below.length > 0) return { kind: 'tests', testFiles: [entry, ...below.filter((file) => file !== entry)] };
  const other = all.map(importedRunner).find((name) => name !== null);
  return other === undefined || other === null ? { kind: 'no-tests' } : { kind: 'other-runner', name: other };
}

/** Whether a file is a script in any language that starts node:test tests. */
export function mentionsTests(text: string): boolean {
  return /\bnode\b[^\n]*--test\b|\bborp\b|node:test|\btsx\b[^\n]*--test\b/.test(text);
}

/** `run()` of node:test starts a process for each file. */
function callsRun(text: string): boolean {
  return /\{[^}]*\brun\b[^}]*\}\s*(?:from\s*|=\s*(?:await\s+)?(?:require|import)\s*\(\s*)['"]node:test['"]/.test(text);
}

/** A script that finds the files it loads by listing folders. */
function loadsByName(text: string): boolean {
  return /\b(?:readdir|glob|opendir|fast-glob|globby)/.test(text) && /\b(?:import|require)\s*\(/.test(text);
}

/** The text of a file and of the local files it imports, at any depth. */
function reachable(entry: string): Map<string, string> {
  const texts = new Map<string, string>();
  const waiting = [entry];
  for (let file = waiting.shift(); file !== undefined && texts.size < MOST_FILES; file = waiting.shift()) {
    if (texts.has(file)) continue;
    const text = readText(file) ?? '';
    texts.set(file, text);
    for (const [, specifier] of text.matchAll(SPECIFIER)) {
      const found = specifier?.startsWith('.') === true ? resolveFile(join(dirname(file), specifier)) : null;
      if (found !== null && !texts.has(found)) waiting.push(found);
    }
  }
  return texts;
}

function resolveFile(path: string): string | null {
  const candidates = [...ENDINGS.map((ending) => path + ending), path.replace(/\.([cm]?)js$/, '.$1ts')];
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile()) ?? null;
}

function testFilesOf(entry: string, texts: ReadonlyMap<string, string>, rules: FileRules): string[] {
  const folder = dirname(entry);
  const named = new Set(defaultTestFiles(folder, rules).map((file) => join(folder, file)));
  const imported = [...texts].filter(([file, text]) => file !== entry && (NODE_TEST.test(text) || named.has(file))).map(([file]) => file);
  return [...new Set([entry, ...imported, ...usersBelow(folder, rules)])];
}

/** Files below a folder that import node:test. */
function usersBelow(folder: string, rules: FileRules): string[] {
  const ending = rules.typescript ? /\.[cm]?[jt]sx?$/ : /\.[cm]?jsx?$/;
  return listFiles(folder, false)
    .filter((file) => ending.test(file))
    .map((file) => join(folder, file))
    .filter((file) => NODE_TEST.test(readText(file) ?? ''));
}

/** A path relative to a folder, with forward slashes. */
export function relativeTo(folder: string, path: string): string {
  return relative(resolve(folder), path).split(sep).join('/');
}
