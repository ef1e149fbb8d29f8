import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Checkpoint } from '../model/checkpoint.ts';
import { METRICS, type Count } from '../model/coverage.ts';
import type { Reference } from '../model/machine.ts';
import { readText, writeOwnText } from '../system/files.ts';
import { hasShape, isRecord, type Shape } from './shape.ts';

const KEPT = 500;
/** The file is cut back to `KEPT` only now and then: a rewrite can lose what another process appends at that moment. */
const CUT_AT = 2 * KEPT;

/** Notes a run that passed. Returns a warning when that failed; never throws. */
export async function appendCheckpoint(dir: string, checkpoint: Checkpoint): Promise<string | null> {
  try {
    await mkdir(dir, { recursive: true });
    // A line break on both sides: a line that was torn by a crash before cannot swallow this one. One write, so that appends never mix.
    await appendFile(pathIn(dir), `\n${JSON.stringify({ format: 1, ...checkpoint })}\n`);
    await cutBack(dir);
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
  const byCommit = new Map(readAll(dir).map((checkpoint) => [checkpoint.commit, checkpoint]));
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
  return readAll(dir).findLast(({ reference }) => reference?.nodeVersion === nodeVersion)?.reference ?? null;
}

function pathIn(dir: string): string {
  return join(dir, 'checkpoints.jsonl');
}

function linesOf(dir: string): string[] {
  return (readText(pathIn(dir)) ?? '').split('\n').filter((line) => line !== '');
}

function readAll(dir: string): Checkpoint[] {
  try {
    return linesOf(dir).flatMap((line) => parse(line) ?? []);
  } catch {
    return [];
  }
}

async function cutBack(dir: string): Promise<void> {
  const lines = linesOf(dir);
  if (lines.length > CUT_AT) await writeOwnText(pathIn(dir), `${lines.slice(-KEPT).join('\n')}\n`);
}

const CHECKPOINT: Shape<Checkpoint> = { commit: 'string', at: 'string', wallMs: 'number', tests: 'number' };
const COUNT: Shape<Count> = { covered: 'number', total: 'number' };

/** Null for a torn line, and for one that another version wrote. */
function parse(line: string): Checkpoint | null {
  try {
    const { format, ...checkpoint } = JSON.parse(line) as Checkpoint & { format: unknown };
    return format === 1 && isCheckpoint(checkpoint) ? withReadReference(checkpoint) : null;
  } catch {
    return null;
  }
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (!hasShape(value, CHECKPOINT)) return false;
  const { coverage } = value;
  return coverage === null || (isRecord(coverage) && METRICS.every((metric) => hasShape(coverage[metric], COUNT)));
}

const REFERENCE: Shape<Reference> = { roundMs: 'number', nodeVersion: 'string' };

/** Checkpoints of before there were references have none; one that makes no sense is dropped, the rest of the checkpoint holds. */
function withReadReference({ reference, ...checkpoint }: Checkpoint): Checkpoint {
  return hasShape(reference, REFERENCE) && reference.roundMs > 0 ? { ...checkpoint, reference } : checkpoint;
}
