import { join } from 'node:path';
import type { Test, TestRun } from '../model/test-run.ts';
import { now } from '../system/clock.ts';
import { readText, writeOwnText } from '../system/files.ts';
import { packRun, unpackRun } from './packed-run.ts';
import { isRecord } from './shape.ts';

/** A run of this checkout, without coverage and without failure texts, and when it ended (ISO 8601, UTC). */
export type LastRun = { readonly at: string; readonly run: TestRun };

const FORMAT = 3;

/** Keeps the tests and times of a run. Returns a warning when they could not be written; never throws. */
export async function saveLastRun(dir: string, run: TestRun): Promise<string | null> {
  try {
    const head = JSON.stringify({ format: FORMAT, at: now().toISOString() });
    await writeOwnText(pathIn(dir), [head, ...packRun(outline(run))].join('\n'));
    return null;
  } catch (error) {
    return `The tests of this run could not be kept for pushgate allow: ${(error as Error).message}`;
  }
}

/** The run kept last; null when there is none, when it cannot be read, or when another version of pushgate wrote it. Never throws. */
export function loadLastRun(dir: string): LastRun | null {
  try {
    const [head = '', ...lines] = (readText(pathIn(dir)) ?? 'null').split('\n');
    const kept: unknown = JSON.parse(head);
    if (!isRecord(kept) || kept['format'] !== FORMAT || typeof kept['at'] !== 'string') return null;
    return { at: kept['at'], run: unpackRun(lines) };
  } catch {
    return null;
  }
}

function pathIn(dir: string): string {
  return join(dir, 'last-run.json');
}

/** Neither coverage nor what failed how; why a test was slow holds for the code as it was. */
function outline(run: TestRun): TestRun {
  const files = run.files.map((file) => (file.tests.some(isLonger) ? { ...file, tests: file.tests.map(outlineOfTest) } : file));
  return { ...run, files, coverage: null, lost: [] };
}

const isLonger = (test: Test): boolean => test.failure !== null || test.explanation !== undefined;

function outlineOfTest(test: Test): Test {
  if (!isLonger(test)) return test;
  const { explanation: _explanation, ...rest } = test;
  return { ...rest, failure: null };
}
