import type { Past } from '../model/checkpoint.ts';
import { EXIT } from '../model/error.ts';
import type { Finding, Verdict } from '../model/finding.ts';
import type { Gate, Policy } from '../model/policy.ts';
import { isWholeFile, testsOf } from '../model/test-run.ts';
import type { TestRun, Unproven } from '../model/test-run.ts';
import { judgeBudget } from './budget.ts';
import { judgeCoverage } from './coverage.ts';
import { judgeFailed, judgeHygiene } from './hygiene.ts';
import { judgeKnownSlow } from './known-slow.ts';
import type { KnownSlowContext } from './known-slow.ts';
import { inOrder } from './order.ts';
import { judgeSlow, timedTests } from './slow.ts';

/** Under what circumstances a run is judged: the gates asked for, the day, whether this is CI, whether stale entries are tolerated. */
export type JudgeContext = KnownSlowContext & { readonly gates: readonly Gate[] };

/**
 * Holds a run against every limit of the policy. Pure: the same run, policy, past and context give the same verdict, whatever order files
 * finished in. All findings are reported, in the order of their codes; failed tests and missing evidence count whatever gates were asked for.
 */
export function judge(run: TestRun, policy: Policy, past: Past, context: JudgeContext): Verdict {
  const asked = new Set(context.gates);
  const coverage = asked.has('coverage') ? judgeCoverage(run, policy.coverage, past) : { findings: [], unproven: [] };
  const findings = inOrder([
    ...coverage.findings,
    ...(asked.has('suite') ? judgeBudget(run, policy) : []),
    ...(asked.has('slow') ? slowFindings(run, policy, context) : []),
    ...judgeFailed(run),
    ...(asked.has('tests') ? judgeHygiene(run, policy, past) : []),
    ...(past.loosened ?? []),
  ]);
  const unproven = [...run.unproven, ...nothingRan(run), ...coverage.unproven];
  return { ...outcomeOf(findings, unproven), run, findings, unproven };
}

/** A verdict that stands from earlier, with what is loosened against what it is compared with now. */
export function withLoosened(verdict: Verdict, { loosened = [] }: Past): Verdict {
  return { ...verdict, findings: inOrder([...verdict.findings.filter(({ code }) => code !== 'policy-loosened'), ...loosened]) };
}

function slowFindings(run: TestRun, policy: Policy, context: JudgeContext): Finding[] {
  const timed = timedTests(run, policy.limits.clock);
  return [...judgeSlow(timed, policy), ...judgeKnownSlow(run, timed, policy, context)];
}

/** A run in which no test ran shows nothing. Node lets a file without tests pass as one test named after the file: that is none. */
function nothingRan(run: TestRun): Unproven[] {
  if (run.unproven.length > 0) return [];
  const ran = testsOf(run).some((test) => {
    if (isWholeFile(test)) return test.outcome === 'failed';
    return test.outcome !== 'skipped' && test.outcome !== 'todo';
  });
  return ran ? [] : [{ kind: 'no-tests', files: run.files.length }];
}

function outcomeOf(findings: readonly Finding[], unproven: readonly Unproven[]): Pick<Verdict, 'outcome' | 'exitCode'> {
  const has = (severity: Finding['severity']) => findings.some((finding) => finding.severity === severity);
  if (unproven.length > 0) return { outcome: 'error', exitCode: EXIT.unproven };
  if (has('error')) return { outcome: 'fail', exitCode: EXIT.failed };
  return { outcome: has('warning') ? 'warn' : 'pass', exitCode: EXIT.passed };
}
