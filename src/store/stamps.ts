import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../model/finding.ts';
import type { Policy } from '../model/policy.ts';
import { now } from '../system/clock.ts';
import { readText, writeOwnText } from '../system/files.ts';
import { packRun, unpackRun } from './packed-run.ts';
import { isRecord } from './shape.ts';

/** A passed verdict, remembered for exactly what it was reached on. `at` is ISO 8601, UTC. */
export type Stamp = { readonly at: string; readonly verdict: Verdict; readonly policy: Policy };

const FORMAT = 3;
const KEPT = 20;

/** Remembers a pass under a key that names everything it depends on. Returns a warning when that failed; never throws. */
export async function saveStamp(dir: string, key: string, passed: Pick<Stamp, 'verdict' | 'policy'>): Promise<string | null> {
  try {
    const { run, ...verdict } = passed.verdict;
    const head = JSON.stringify({ format: FORMAT, key, at: now().toISOString(), policy: passed.policy, verdict });
    await writeOwnText(pathOf(dir, key), [head, ...packRun({ ...run, mode: 'stamped' })].join('\n'));
    dropOldest(join(dir, 'stamps'));
    return null;
  } catch (error) {
    return `This verdict could not be kept: ${(error as Error).message}`;
  }
}

/** The pass remembered under a key; null when there is none. `warnings` say why what is there cannot be trusted: then there is none. Never throws. */
export function findStamp(dir: string, key: string): { stamp: Stamp | null; warnings: readonly string[] } {
  const path = pathOf(dir, key);
  try {
    const text = readText(path);
    if (text === null) return { stamp: null, warnings: [] };
    const [head = '', ...lines] = text.split('\n');
    const kept: unknown = JSON.parse(head);
    const stamp = isRecord(kept) && kept['format'] === FORMAT && kept['key'] === key ? unpackStamp(kept, lines) : null;
    return { stamp, warnings: stamp === null ? [`The pass kept in ${path} is none; it does not count.`] : [] };
  } catch (error) {
    return { stamp: null, warnings: [`The pass kept in ${path} cannot be read (${(error as Error).message}); it does not count.`] };
  }
}

function pathOf(dir: string, key: string): string {
  return join(dir, 'stamps', `${key}.json`);
}

/** Only a pass is ever kept: anything else under a key was not written by us. */
function unpackStamp(value: Readonly<Record<string, unknown>>, lines: readonly string[]): Stamp | null {
  const { at, policy, verdict } = value;
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at)) || !isRecord(policy) || !isRecord(verdict)) return null;
  if (verdict['exitCode'] !== 0 || !Array.isArray(verdict['findings'])) return null;
  return { at, policy: policy as unknown as Policy, verdict: { ...(verdict as unknown as Verdict), run: unpackRun(lines) } };
}

function dropOldest(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  for (const { path } of files.toSorted((a, b) => b.at - a.at).slice(KEPT)) rmSync(path, { force: true });
}
