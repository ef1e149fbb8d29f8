/** The public API: the model, and the pure judgement of a run by a policy. The command line is `pushgate`; see the README. */
export { judge, type JudgeContext } from './gate/judge.ts';
export type { Checkpoint, Past } from './model/checkpoint.ts';
export type { Coverage, FileCoverage } from './model/coverage.ts';
export type { Finding, FindingCode, Verdict } from './model/finding.ts';
export { ALL_GATES, type Gate, type Policy } from './model/policy.ts';
export type { FileRun, Test, TestRun } from './model/test-run.ts';
