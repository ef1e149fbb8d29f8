import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Flake } from '../model/checkpoint.ts';
import { readText, writeOwnText } from '../system/files.ts';
import { hasShape, type Shape } from './shape.ts';

const KEPT = 500;
/** The file is cut back to `KEPT` only now and then: a rewrite can lose what another process appends at that moment. */
const CUT_AT = 2 * KEPT;
/** A longer title is no title: it is not noted, so that the file stays small whatever tests are called. */
const LONGEST_NAME = 1_000;

/** Notes the flakes that a run confirmed. Returns a warning when that failed; never throws. */
export async function appendFlakes(dir: string, flakes: readonly Flake[]): Promise<string | null> {
  const lines = flakes.filter(isShort).map((flake) => JSON.stringify({ format: 1, ...flake }));
  if (lines.length === 0) return null;
  try {
    await mkdir(dir, { recursive: true });
    // A line break on both sides: a line that was torn by a crash before cannot swallow this one. One write, so that appends never mix.
    await appendFile(pathIn(dir), `\n${lines.join('\n')}\n`);
    const all = linesOf(dir);
    if (all.length > CUT_AT) await writeOwnText(pathIn(dir), `${all.slice(-KEPT).join('\n')}\n`);
    return null;
  } catch (error) {
    return `A flaky test could not be noted: ${(error as Error).message}`;
  }
}

/** The flakes that earlier runs confirmed, the oldest first; none where they cannot be read. Never throws. */
export function loadFlakes(dir: string): Flake[] {
  try {
    return linesOf(dir).flatMap((line) => parse(line) ?? []);
  } catch {
    return [];
  }
}

function pathIn(dir: string): string {
  return join(dir, 'flakes.jsonl');
}

function linesOf(dir: string): string[] {
  return (readText(pathIn(dir)) ?? '').split('\n').filter((line) => line !== '');
}

function isShort({ file, name }: Flake): boolean {
  return file.length + name.length <= LONGEST_NAME;
}

const FLAKE: Shape<Flake> = { file: 'string', name: 'string', at: 'string' };

/** Null for a torn line, and for one that another version wrote. */
function parse(line: string): Flake | null {
  try {
    const { format, file, name, at } = JSON.parse(line) as Flake & { format: unknown };
    const flake = { file, name, at };
    return format === 1 && hasShape(flake, FLAKE) && !Number.isNaN(Date.parse(at)) ? flake : null;
  } catch {
    return null;
  }
}
