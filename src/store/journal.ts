import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readText, writeOwnText } from '../system/files.ts';

const KEPT = 500;
/** A file is cut back to `KEPT` lines only now and then: a rewrite can lose what another process appends at that moment. */
const CUT_AT = 2 * KEPT;

/** Adds records to a file of one a line, of which the last are kept. Throws what the file system does. */
export async function appendRecords(path: string, records: readonly object[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // A line break on both sides: a line that was torn by a crash before cannot swallow this one. One write, so that appends never mix.
  await appendFile(path, `\n${records.map((record) => JSON.stringify({ format: 1, ...record })).join('\n')}\n`);
  const lines = linesOf(path);
  if (lines.length > CUT_AT) await writeOwnText(path, `${lines.slice(-KEPT).join('\n')}\n`);
}

/** The records of a file, the oldest first; `read` gives null for one that makes no sense. None where the file cannot be read; never throws. */
export function readRecords<Item>(path: string, read: (record: unknown) => Item | null): Item[] {
  try {
    return linesOf(path).flatMap((line) => parsed(line, read) ?? []);
  } catch {
    return [];
  }
}

/** Null for a torn line, and for one that another version wrote. */
function parsed<Item>(line: string, read: (record: unknown) => Item | null): Item | null {
  try {
    const { format, ...record } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    return format === 1 ? read(record) : null;
  } catch {
    return null;
  }
}

function linesOf(path: string): string[] {
  return (readText(path) ?? '').split('\n').filter((line) => line !== '');
}
