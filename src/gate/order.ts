import type { Finding, FindingCode } from '../model/finding.ts';
import type { Test } from '../model/test-run.ts';

/** Every code, in the order findings stand in a verdict. The type makes a forgotten code an error. */
const ORDER: Readonly<Record<FindingCode, number>> = {
  'coverage-floor': 1,
  'coverage-baseline': 2,
  'coverage-file': 3,
  'coverage-drop': 4,
  'coverage-changed': 5,
  'suite-budget': 6,
  'suite-ideal': 7,
  'new-slow-test': 8,
  'slow-target': 9,
  'known-slow-over-ceiling': 10,
  'known-slow-expired': 11,
  'known-slow-expiring': 12,
  'known-slow-stale': 13,
  'test-failed': 14,
  'skip-without-reason': 15,
  'flaky-test': 16,
  'policy-loosened': 17,
  'coverage-partial': 18,
};

/** The closed list of finding codes, in the order of a verdict. */
export const FINDING_CODES: readonly FindingCode[] = Object.keys(ORDER) as FindingCode[];

/** Findings in the order of their codes; those of one code stay as they are. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => ORDER[a.code] - ORDER[b.code]);
}

/** Tests by where they stand, so that a verdict does not depend on the order in which files finished. */
export function byPlace(a: Test, b: Test): number {
  return compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
