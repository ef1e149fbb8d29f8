import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../model/finding.ts';
import type { Policy } from '../model/policy.ts';
import { now } from '../system/clock.ts';
import { readText, writeOwnText } from '../system/files.ts';
import { hasShape, isListOf, isRecord } from './shape.ts';

/** A passed verdict, remembered for exactly what it was reached on. `at` is ISO 8601, UTC. */
export type Stamp = { readonly at: string; readonly verdict: Verdict; readonly policy: Policy };

const FORMAT = 1;
const KEPT = 20;

/** Remembers a pass under a key that names everything it depends on. Returns a warning when that failed; never throws. */
export async function saveStamp(dir: string, key: string, passed: Pick<Stamp, 'verdict' | 'policy'>): Promise<string | null> {
  try {
    const stamp: Stamp = { at: now().toISOString(), policy: passed.policy, verdict: asStamped(passed.verdict) };
    await writeOwnText(pathOf(dir, key), JSON.stringify({ format: FORMAT, key, ...stamp }));
    dropOldest(join(dir, 'stamps'));
    return null;
  } catch (error) {
    return `This verdict could not be kept: ${(error as Error).message}`;
  }
}

/** The pass remembered under a key; null when there is none or it cannot be trusted. Never throws. */
export function findStamp(dir: string, key: string): Stamp | null {
  try {
    const kept: unknown = JSON.parse(readText(pathOf(dir, key)) ?? 'null');
    if (!isRecord(kept) || kept['format'] !== FORMAT || kept['key'] !== key || !isStamp(kept)) return null;
    return { at: kept.at, verdict: kept.verdict, policy: kept.policy };
  } catch {
    return null;
  }
}

function pathOf(dir: string, key: string): string {
  return join(dir, 'stamps', `${key}.json`);
}

/** What a later screen shows; raw coverage is large, and failure texts a pass has none of. */
function asStamped(verdict: Verdict): Verdict {
  const { run } = verdict;
  const { reasons: _why, sourceMaps: _maps, ...kept } = run;
  const files = run.files.map(({ observed: _inputs, ...file }) => ({ ...file, raw: [] }));
  return { ...verdict, run: { ...kept, mode: 'stamped', shared: [], files } };
}

/** Only a pass is ever kept: anything else under a key was not written by us. */
function isStamp(value: unknown): value is Stamp {
  if (!hasShape(value, { at: 'string' }) || !isRecord(value['policy']) || !isRecord(value['verdict'])) return false;
  const { verdict } = value;
  const { run } = verdict;
  if (verdict['exitCode'] !== 0 || Number.isNaN(Date.parse(String(value['at'])))) return false;
  return (
    Array.isArray(verdict['findings']) && isRecord(run) && isListOf(run['files'], (file) => isRecord(file) && Array.isArray(file['tests']))
  );
}

function dropOldest(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  for (const { path } of files.toSorted((a, b) => b.at - a.at).slice(KEPT)) rmSync(path, { force: true });
}
