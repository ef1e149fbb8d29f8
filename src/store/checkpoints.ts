import { join } from 'node:path';
import type { Checkpoint } from '../model/checkpoint.ts';
import { METRICS, type Count } from '../model/coverage.ts';
import type { Reference } from '../model/machine.ts';
import { appendRecords, readRecords } from './journal.ts';
import { hasShape, isRecord, type Shape } from './shape.ts';

const pathIn = (dir: string): string => join(dir, 'checkpoints.jsonl');

/** Notes a run that passed. Returns a warning when that failed; never throws. */
export async function appendCheckpoint(dir: string, checkpoint: Checkpoint): Promise<string | null> {
  try {
    await appendRecords(pathIn(dir), [checkpoint]);
    return null;
  } catch (error) {
    return `This run could not be noted as a checkpoint: ${(error as Error).message}`;
  }
}

/**
 * The checkpoint on the nearest of `commits` (HEAD first, then its ancestors), the latest one when a commit has several; null when there is
 * none or the file cannot be read. Never throws.
 */
export function findCheckpoint(dir: string, commits: readonly string[]): Checkpoint | null {
  const byCommit = new Map(readRecords(pathIn(dir), checkpointIn).map((checkpoint) => [checkpoint.commit, checkpoint]));
  for (const commit of commits) {
    const found = byCommit.get(commit);
    if (found) return found;
  }
  return null;
}

/**
 * The latest reference that any pass left for a version of Node, on whatever commit: it tells of the machine, not of the sources. Null when
 * there is none or the file cannot be read. Never throws.
 */
export function findReference(dir: string, nodeVersion: string): Reference | null {
  const all = readRecords(pathIn(dir), checkpointIn);
  return all.findLast(({ reference }) => reference?.nodeVersion === nodeVersion)?.reference ?? null;
}

const CHECKPOINT: Shape<Checkpoint> = { commit: 'string', at: 'string', wallMs: 'number', tests: 'number' };
const COUNT: Shape<Count> = { covered: 'number', total: 'number' };
const REFERENCE: Shape<Reference> = { roundMs: 'number', nodeVersion: 'string' };

function checkpointIn(record: unknown): Checkpoint | null {
  return isCheckpoint(record) ? withReadReference(record) : null;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (!hasShape(value, CHECKPOINT)) return false;
  const { coverage } = value;
  return coverage === null || (isRecord(coverage) && METRICS.every((metric) => hasShape(coverage[metric], COUNT)));
}

/** Checkpoints of before there were references have none; one that makes no sense is dropped, the rest of the checkpoint holds. */
function withReadReference({ reference, ...checkpoint }: Checkpoint): Checkpoint {
  return hasShape(reference, REFERENCE) && reference.roundMs > 0 ? { ...checkpoint, reference } : checkpoint;
}
