import { parseDuration } from '../formats/duration.ts';
import { nodeAt, positionAt, readJsonc } from '../formats/jsonc.ts';
import type { KnownSlow, KnownSlowEntry } from '../model/known-slow.ts';
import { testKey } from '../model/test-run.ts';
import { checkedKnownSlow } from './checked.ts';
import { displayPath, readOrExplain } from './load.ts';

/**
 * Reads the allowlist at `path`, relative to `root`; a missing file is an empty list. Of several entries for one test (two branches that
 * added it) the one with the lowest ceiling is kept. Throws a usage error with file, line and column for whatever is wrong in it.
 */
export function loadKnownSlow(root: string, path: string): KnownSlow {
  const text = readOrExplain(root, path);
  const shown = displayPath(root, path);
  return { path: shown, entries: text === null ? [] : strictest(parseKnownSlow(text, shown)) };
}

/** All entries of an allowlist's text, duplicates included, in file order. */
export function parseKnownSlow(text: string, file: string): KnownSlowEntry[] {
  const document = readJsonc(text, file);
  return checkedKnownSlow(document).tests.map((entry, index) => ({
    file: entry.file,
    name: entry.name,
    reason: entry.reason,
    ceilingMs: parseDuration(entry.ceiling) ?? 0,
    owner: entry.owner ?? null,
    expires: entry.expires ?? null,
    added: entry.added ?? null,
    line: positionAt(text, nodeAt(document.root, ['tests', index])?.offset ?? 0).line,
  }));
}

/** The entries that count: of several for one test the one that allows least. */
export function strictest(entries: readonly KnownSlowEntry[]): KnownSlowEntry[] {
  const kept = new Map<string, KnownSlowEntry>();
  for (const entry of entries) {
    const other = kept.get(testKey(entry));
    if (!other || isStricter(entry, other)) kept.set(testKey(entry), entry);
  }
  return [...kept.values()].toSorted((left, right) => left.line - right.line);
}

/** Whether an entry allows less than another: the lower ceiling, and of equal ones the earlier last day. */
function isStricter(entry: KnownSlowEntry, other: KnownSlowEntry): boolean {
  if (entry.ceilingMs !== other.ceilingMs) return entry.ceilingMs < other.ceilingMs;
  return (entry.expires ?? '9999-12-31') < (other.expires ?? '9999-12-31');
}
