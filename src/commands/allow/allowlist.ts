import { join } from 'node:path';

import { emptyAllowlist } from '../../config/known-slow-edit.ts';
import { parseKnownSlow, strictest } from '../../config/known-slow.ts';
import { judgeKnownSlow } from '../../gate/known-slow.ts';
import { timedTests } from '../../gate/slow.ts';
import type { FindingOf } from '../../model/finding.ts';
import type { KnownSlowEntry } from '../../model/known-slow.ts';
import type { Policy } from '../../model/policy.ts';
import { type LastRun, loadLastRun } from '../../store/last-run.ts';
import { storeDirs } from '../../store/store-dir.ts';
import { today } from '../../system/clock.ts';
import { readText, writeText } from '../../system/files.ts';
import type { Project } from '../project.ts';

/** The allowlist as the commands that look after it see it. */
export type Allowlist = {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
  /** All entries in file order, several for one test included. */
  readonly all: readonly KnownSlowEntry[];
  /** Those of `all` that count. */
  readonly entries: readonly KnownSlowEntry[];
  readonly policy: Policy;
  readonly root: string;
  readonly last: LastRun | null;
  /** YYYY-MM-DD, UTC. */
  readonly today: string;
};

/** Reads the allowlist of a project and the last run of its checkout. */
export async function openAllowlist({ root, policy }: Project): Promise<Allowlist> {
  const { path } = policy.knownSlow;
  const dirs = await storeDirs(root);
  const text = readText(join(root, path)) ?? emptyAllowlist(path);
  const all = parseKnownSlow(text, path);
  return { path, text, all, entries: strictest(all), policy, root, last: loadLastRun(dirs.worktree), today: today() };
}

/** Writes the allowlist's new text. */
export async function saveAllowlist({ root, path }: Allowlist, text: string): Promise<void> {
  await writeText(join(root, path), text);
}

/** The ceiling that a test gets by its time: a quarter more, in whole seconds. Both in ms. */
export function defaultCeilingMs(measuredMs: number): number {
  // A hair less, because 12,800 × 1.25 has to stay 16,000 in floating point too.
  return Math.max(1, Math.ceil((measuredMs * 1.25) / 1_000 - 1e-6)) * 1_000;
}

/** What the gate would say of these entries after the last run. */
export function judgeEntries(allowlist: Allowlist, last: LastRun, entries: readonly KnownSlowEntry[]): KnownSlowFinding[] {
  const policy = { ...allowlist.policy, knownSlow: { path: allowlist.path, entries } };
  const context = { today: allowlist.today, ci: false, passOnUnpruned: false };
  return judgeKnownSlow(last.run, timedTests(last.run), policy, context);
}

type KnownSlowFinding = FindingOf<'known-slow-over-ceiling' | 'known-slow-expired' | 'known-slow-expiring' | 'known-slow-stale'>;
