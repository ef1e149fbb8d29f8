import type { RawSlice } from '../../../model/test-run.ts';
import { type FunctionCount, functionsOf } from './functions.ts';

/** One script's coverage as c8 reads it. */
export type ScriptCount = { readonly scriptId: string; readonly url: string; readonly functions: readonly FunctionCount[] };

/**
 * The fewest scripts whose n-way merge equals that of every copy. Merging is linear in the counts, so equal copies become one with their
 * counts added up; but it treats one script otherwise than several (it keeps functions of equal range apart, and the kind of coverage), so
 * of several copies two are left. The merge itself stays c8's: it may be done only once, since merging what was merged gives other branches.
 */
export function distinctScripts(slices: Iterable<RawSlice>): ScriptCount[] {
  const scripts: ScriptCount[] = [];
  for (const { url, texts } of byUrl(slices)) {
    for (const [text, count] of texts) {
      if (count > 1) scripts.push({ scriptId: '0', url, functions: scaled(text, count - 1) });
      scripts.push({ scriptId: '0', url, functions: scaled(text, 1) });
    }
  }
  return scripts;
}

function byUrl(slices: Iterable<RawSlice>): { url: string; texts: Map<string, number> }[] {
  const urls = new Map<string, Map<string, number>>();
  for (const { url, text, count } of slices) {
    const texts = urls.get(url) ?? new Map<string, number>();
    urls.set(url, texts);
    texts.set(text, (texts.get(text) ?? 0) + count);
  }
  return [...urls].map(([url, texts]) => ({ url, texts }));
}

function scaled(text: string, times: number): FunctionCount[] {
  const functions = functionsOf(text);
  if (functions === null) throw new TypeError('A slice holds no V8 coverage.');
  if (times > 1) for (const { ranges } of functions) for (const range of ranges) range.count *= times;
  return functions;
}
