import type { LookedAt } from '../../insight/spending.ts';
import type { Test } from '../../model/test-run.ts';
import type { Context } from '../context.ts';
import { explanationOf } from '../explanation.ts';
import { finite, jsonText } from '../json-text.ts';
import { reportOf } from '../json.ts';
import type { Audited } from './audited.ts';

/** An audit as JSON text: the report of its last run, with the audit beside it. Times in ms. */
export function renderAuditJson(audited: Audited, context: Context): string {
  const { audit, spread, spending, looked, trials, verdict } = audited;
  const { suite, known, slowestTests, ...rest } = audit;
  const explained = new Map((looked ?? []).map((each) => [each.test, each]));
  return jsonText({
    ...reportOf(verdict, context),
    audit: {
      ...rest,
      suite: { ...suite, marginPct: finite(spread?.marginPct ?? null) },
      slowestTests: slowestTests.map(({ test, durationMs, known: listed }) => ({
        ...named(test),
        durationMs: finite(durationMs),
        known: listed,
        ...causeOf(explained.get(test)),
      })),
      known: known.map(({ entry, durationMs }) => ({
        ...named(entry),
        durationMs: finite(durationMs),
        ceilingMs: entry.ceilingMs,
      })),
      spending: {
        ...spending,
        filesMs: finite(spending.filesMs),
        testsMs: finite(spending.testsMs),
        rows: spending.rows.map(({ on, durationMs }) => ({ on, durationMs: finite(durationMs) })),
      },
      trials,
      ...steadinessOf(audited),
    },
  });
}

function steadinessOf({ steadiness }: Audited): object {
  const { changing, unsteady, memory, flicker } = steadiness;
  return {
    changing: changing.map(({ test, outcomes }) => ({ ...named(test), outcomes })),
    unsteady: unsteady.map(({ test, ...times }) => ({ ...named(test), ...times })),
    memory,
    flicker: flicker === null ? null : flicker.map(({ file, lines }) => ({ file, lines })),
  };
}

function named({ file, name, line }: Pick<Test, 'file' | 'name' | 'line'>): object {
  return { file, name, line };
}

function causeOf(looked: LookedAt | undefined): object {
  if (looked === undefined) return { cause: null, spent: null };
  const { cause, spent } = explanationOf(looked.explanation);
  return { cause, spent };
}
