import { join } from 'node:path';

import type { Attempt, FileRun, Test, TestRun } from '../model/test-run.ts';
import { now } from '../system/clock.ts';
import { readText, writeOwnText } from '../system/files.ts';
import { isListOf, isRecord, type Shape, hasShape } from './shape.ts';

/** A run of this checkout, without coverage and without failure texts, and when it ended (ISO 8601, UTC). */
export type LastRun = { readonly at: string; readonly run: TestRun };

const FORMAT = 1;

/** Keeps the tests and times of a run. Returns a warning when they could not be written; never throws. */
export async function saveLastRun(dir: string, run: TestRun): Promise<string | null> {
  try {
    await writeOwnText(pathIn(dir), JSON.stringify({ format: FORMAT, at: now().toISOString(), run: withoutCoverage(run) }));
    return null;
  } catch (error) {
    return `The tests of this run could not be kept for pushgate allow: ${(error as Error).message}`;
  }
}

/** The run kept last; null when there is none, when it cannot be read, or when another version of pushgate wrote it. Never throws. */
export function loadLastRun(dir: string): LastRun | null {
  try {
    const kept: unknown = JSON.parse(readText(pathIn(dir)) ?? 'null');
    if (!isRecord(kept) || kept['format'] !== FORMAT || typeof kept['at'] !== 'string' || !isRun(kept['run'])) return null;
    return { at: kept['at'], run: kept['run'] };
  } catch {
    return null;
  }
}

function pathIn(dir: string): string {
  return join(dir, 'last-run.json');
}

function withoutCoverage(run: TestRun): TestRun {
  const { reasons: _why, sourceMaps: _maps, ...kept } = run;
  const files = run.files.map(({ observed: _inputs, ...file }) => ({
    ...file,
    raw: [],
    // Why a test was slow holds for the code as it was.
    tests: file.tests.map(({ explanation: _explanation, ...test }) => ({ ...test, failure: null })),
  }));
  return { ...kept, files, shared: [], coverage: null, lost: [] };
}

const RUN: Shape<TestRun> = { wallMs: 'number', workers: 'number', mode: 'string' };
const FILE: Shape<FileRun> = { file: 'string', durationMs: 'number' };
const TEST: Shape<Test> = { file: 'string', name: 'string', line: 'number', outcome: 'string', durationMs: 'number', subtestsMs: 'number' };
const ATTEMPT: Shape<Attempt> = { outcome: 'string', durationMs: 'number', alone: 'boolean', instrumented: 'boolean' };

function isRun(value: unknown): value is TestRun {
  return hasShape(value, RUN) && Array.isArray(value['unproven']) && isListOf(value['files'], isFile);
}

function isFile(value: unknown): boolean {
  return hasShape(value, FILE) && isListOf(value['tests'], isTest);
}

function isTest(value: unknown): boolean {
  return hasShape(value, TEST) && isListOf(value['attempts'], (attempt) => hasShape(attempt, ATTEMPT));
}
