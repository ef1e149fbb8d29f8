import type { Finding, FindingCode, FindingOf } from '../model/finding.ts';
import type { Context } from './context.ts';
import { coverageChanged, coverageDrop, coverageFile, coverageFiles, coverageTotal } from './messages/coverage.ts';
import { expiry, stale, staleOnes } from './messages/known-slow.ts';
import { policyLoosened } from './messages/policy.ts';
import { coveragePartial } from './messages/processes.ts';
import { flakyTest, skipsWithoutReason, skipWithoutReason, testFailed, testsFailed } from './messages/tests.ts';
import { newSlowTest, newSlowTests, overCeiling, slowTarget, slowTargets, suiteTime } from './messages/time.ts';
import type { Words } from './messages/words.ts';

export type { Words } from './messages/words.ts';

/** Words a finding: the one place that does, for the terminal and the JSON report alike. */
export function wordsOf(finding: Finding, context: Context): Words {
  switch (finding.code) {
    case 'coverage-floor':
    case 'coverage-baseline':
      return coverageTotal(finding, context);
    case 'coverage-file':
      return coverageFile(finding, context);
    case 'coverage-drop':
      return coverageDrop(finding, context);
    case 'coverage-changed':
      return coverageChanged(finding, context);
    case 'coverage-partial':
      return coveragePartial(finding);
    case 'suite-budget':
    case 'suite-ideal':
      return suiteTime(finding, context);
    case 'new-slow-test':
      return newSlowTest(finding, context);
    case 'slow-target':
      return slowTarget(finding, context);
    case 'known-slow-over-ceiling':
      return overCeiling(finding, context);
    case 'known-slow-expired':
    case 'known-slow-expiring':
      return expiry(finding, context);
    case 'known-slow-stale':
      return stale(finding, context);
    case 'test-failed':
      return testFailed(finding, context);
    case 'skip-without-reason':
      return skipWithoutReason(finding, context);
    case 'flaky-test':
      return flakyTest(finding, context);
    case 'policy-loosened':
      return policyLoosened(finding, context);
    default:
      return finding satisfies never;
  }
}

/** Findings of one code, as they are shown: each for itself, or all in one block. */
export type Block = { readonly code: FindingCode; readonly words: Words };

const MOST_BLOCKS = 5;

/** The blocks for the findings of one code, and how many findings have none. */
export function blocksOf(findings: readonly Finding[], context: Context): { blocks: readonly Block[]; more: number } {
  const code = findings[0]?.code;
  if (code === undefined) return { blocks: [], more: 0 };
  const together = inOneBlock(code, findings, context);
  if (together) return { blocks: [{ code, words: together }], more: 0 };
  const shown = findings.slice(0, MOST_BLOCKS);
  return { blocks: shown.map((finding) => ({ code, words: wordsOf(finding, context) })), more: findings.length - shown.length };
}

/** Findings that come in masses are rows of one block; null for a code, or a number, that is told one by one. */
function inOneBlock(code: FindingCode, findings: readonly Finding[], context: Context): Words | null {
  if (findings.length < 2) return null;
  switch (code) {
    case 'coverage-file':
      return coverageFiles(only(findings, code), context);
    case 'skip-without-reason':
      return skipsWithoutReason(only(findings, code), context);
    case 'slow-target':
      return slowTargets(only(findings, code), context);
    case 'new-slow-test':
      return findings.length > MOST_BLOCKS ? newSlowTests(only(findings, code), context) : null;
    case 'test-failed': {
      const failed = only(findings, code);
      return failed.length > MOST_BLOCKS && !failed.some(({ test }) => test.onlyUnderCoverage) ? testsFailed(failed, context) : null;
    }
    case 'known-slow-stale':
      return findings.length > 2 ? staleOnes(only(findings, code)) : null;
    default:
      return null;
  }
}

function only<Code extends FindingCode>(findings: readonly Finding[], code: Code): FindingOf<Code>[] {
  return findings.filter((finding): finding is FindingOf<Code> => finding.code === code);
}
