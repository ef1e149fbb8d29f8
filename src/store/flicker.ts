import { join } from 'node:path';
import type { Flicker } from '../model/checkpoint.ts';
import { readText, writeOwnText } from '../system/files.ts';
import { hasShape, isListOf, isRecord, type Shape } from './shape.ts';

const FORMAT = 1;

/**
 * Notes which lines an audit saw run in some of its runs only; what was known of the files it measured gives way to that. Returns a warning
 * when it could not be written; never throws.
 */
export async function saveFlicker(dir: string, measured: ReadonlySet<string>, found: readonly Flicker[]): Promise<string | null> {
  const others = loadFlicker(dir).filter(({ file }) => !measured.has(file));
  try {
    await writeOwnText(pathIn(dir), JSON.stringify({ format: FORMAT, files: [...others, ...found] }));
    return null;
  } catch (error) {
    return `The lines that ran in some runs only could not be noted: ${(error as Error).message}`;
  }
}

/** What earlier audits saw; nothing where it cannot be read. Never throws. */
export function loadFlicker(dir: string): Flicker[] {
  try {
    const kept: unknown = JSON.parse(readText(pathIn(dir)) ?? 'null');
    if (!isRecord(kept) || kept['format'] !== FORMAT || !isListOf(kept['files'], isFlicker)) return [];
    return kept['files'] as Flicker[];
  } catch {
    return [];
  }
}

function pathIn(dir: string): string {
  return join(dir, 'flicker.json');
}

const FLICKER: Shape<Flicker> = { file: 'string', hash: 'string' };

function isFlicker(value: unknown): boolean {
  return hasShape(value, FLICKER) && isListOf(value['lines'], (range) => isListOf(range, Number.isSafeInteger));
}
