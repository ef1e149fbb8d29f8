import { formatDuration } from '../formats/duration.ts';
import { applyEdits, insertAfter, insertFirst, remove, replace } from '../formats/jsonc-edit.ts';
import { type JsonNode, nodeAt, propertiesOf, quote, readJsonc, valueOf } from '../formats/jsonc.ts';
import { usageError } from '../model/error.ts';
import type { KnownSlowEntry } from '../model/known-slow.ts';

type Entry = Omit<KnownSlowEntry, 'line'>;

/** What can be changed in an entry; what is absent stays. */
export type EntryChange = Partial<Pick<Entry, 'reason' | 'ceilingMs' | 'owner' | 'expires' | 'added'>>;

/** The keys of an entry in the order in which they are written. */
const KEYS = ['file', 'name', 'reason', 'ceiling', 'owner', 'expires', 'added'];

/** The text of an allowlist without entries; `path` is where it will stand, relative to the root. */
export function emptyAllowlist(path: string): string {
  const up = '../'.repeat(path.split('/').length - 1) || './';
  return `{\n  "$schema": ${quote(`${up}node_modules/pushgate/dist/schema/known-slow.json`)},\n  "tests": [\n  ],\n}\n`;
}

/** Adds an entry, sorted by file and name, on a line of its own. Comments and everything else stay as they are. */
export function addEntry(text: string, entry: Entry): string {
  const list = entriesNode(text);
  const entries = list.children ?? [];
  const next = entries.findIndex((node) => comesAfter(node, entry));
  const before = entries[(next === -1 ? entries.length : next) - 1];
  const item = lineOf(entry);
  // Behind its predecessor rather than before its successor: the comments above an entry belong to that entry.
  return applyEdits(text, before ? insertAfter(text, before, item, true) : insertFirst(text, list, item));
}

/** Changes the entry at an index of the list; keys it does not have yet are put in their place. */
export function changeEntry(text: string, index: number, change: EntryChange): string {
  return writtenOf(change).reduce((edited, [key, value]) => setKey(edited, index, key, value), text);
}

/** Takes out the entries at these indexes of the list, with their lines. */
export function removeEntries(text: string, indexes: readonly number[]): string {
  const entries = entriesNode(text).children ?? [];
  const gone = [...new Set(indexes)].flatMap((index) => entries[index] ?? []);
  return applyEdits(
    text,
    gone.map((node) => remove(text, node)),
  );
}

function setKey(text: string, index: number, key: string, value: string): string {
  const node = entriesNode(text).children?.[index];
  const properties = node ? propertiesOf(node) : [];
  const present = properties.find((property) => property.key === key);
  if (present) return applyEdits(text, [replace(present.value, quote(value))]);
  const earlier = properties.findLast((property) => KEYS.indexOf(property.key) < KEYS.indexOf(key));
  if (!earlier) throw new RangeError(`the allowlist has no entry ${index}`);
  return applyEdits(text, insertAfter(text, earlier.node, `${quote(key)}: ${quote(value)}`, false));
}

function entriesNode(text: string): JsonNode {
  const list = nodeAt(readJsonc(text, 'the allowlist').root, ['tests']);
  if (list?.type !== 'array') throw usageError('The allowlist has no list "tests".', 'pushgate allow --check   says what is wrong');
  return list;
}

function comesAfter(node: JsonNode, entry: Entry): boolean {
  const { file, name } = valueOf(node) as Entry;
  return file === entry.file ? name > entry.name : file > entry.file;
}

function lineOf(entry: Entry): string {
  const keys = [['file', entry.file], ['name', entry.name], ...writtenOf(entry)] as const;
  return `{ ${keys.map(([key, value]) => `${quote(key)}: ${quote(value)}`).join(', ')} }`;
}

/** The changeable keys as they are written; absent ones left out. */
function writtenOf({ reason, ceilingMs, owner, expires, added }: EntryChange): (readonly [key: string, value: string])[] {
  const ceiling = ceilingMs === undefined ? null : formatDuration(ceilingMs);
  const written = { reason, ceiling, owner, expires, added };
  return Object.entries(written).flatMap(([key, value]) => (value == null ? [] : [[key, value] as const]));
}
