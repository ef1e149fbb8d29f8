import { join } from 'node:path';
import type { Flake } from '../model/checkpoint.ts';
import { appendRecords, readRecords } from './journal.ts';
import { hasShape, type Shape } from './shape.ts';

/** A longer title is no title: it is not noted, so that the file stays small whatever tests are called. */
const LONGEST_NAME = 1_000;

const pathIn = (dir: string): string => join(dir, 'flakes.jsonl');

/** Notes the flakes that a run confirmed. Returns a warning when that failed; never throws. */
export async function appendFlakes(dir: string, flakes: readonly Flake[]): Promise<string | null> {
  const short = flakes.filter(({ file, name }) => file.length + name.length <= LONGEST_NAME);
  if (short.length === 0) return null;
  try {
    await appendRecords(pathIn(dir), short);
    return null;
  } catch (error) {
    return `A flaky test could not be noted: ${(error as Error).message}`;
  }
}

/** The flakes that earlier runs confirmed, the oldest first; none where they cannot be read. Never throws. */
export function loadFlakes(dir: string): Flake[] {
  return readRecords(pathIn(dir), flakeIn);
}

const FLAKE: Shape<Flake> = { file: 'string', name: 'string', at: 'string' };

function flakeIn(record: unknown): Flake | null {
  if (!hasShape<Flake>(record, FLAKE)) return null;
  const { file, name, at } = record as Flake;
  return Number.isNaN(Date.parse(at)) ? null : { file, name, at };
}
