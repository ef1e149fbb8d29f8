import { suiteOf } from '../../src/commands/check.ts';
import { openSuite } from '../../src/commands/project.ts';
import { measure } from '../../src/engine/measure.ts';
import { judge } from '../../src/gate/judge.ts';
import type { Verdict } from '../../src/model/finding.ts';
import { ALL_GATES } from '../../src/model/policy.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { childEnv } from './child-env.ts';
import { anIo } from './io.ts';
import type { TempProject } from './repo.ts';

/**
 * Runs a project's suite for real, under coverage, and judges it as measured: what `pushgate check` does before it confirms, stores and
 * prints, without a process and a start of its own for each.
 */
export async function measured(project: TempProject): Promise<{ run: TestRun; verdict: Verdict }> {
  const io = anIo(project.dir, { env: childEnv(project.env) });
  const suite = await openSuite(io, {});
  const run = await measure(suiteOf(io, {}, suite.project, suite.plan, { onProgress: () => {}, onNotice: () => {} }), true);
  const context = { gates: ALL_GATES, today: '2026-11-21', ci: false, passOnUnpruned: false };
  return { run, verdict: judge(run, suite.project.policy, { checkpoint: null, changes: null }, context) };
}
