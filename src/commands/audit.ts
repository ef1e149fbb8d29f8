import { measure } from '../engine/measure.ts';
import { repeat } from '../engine/repeat.ts';
import { judge } from '../gate/judge.ts';
import { auditOf } from '../insight/audit.ts';
import type { Verdict } from '../model/finding.ts';
import type { TestRun } from '../model/test-run.ts';
import { today } from '../system/clock.ts';
import type { Io } from '../system/io.ts';
import { isCi, suiteOf } from './check.ts';
import { openMemory } from './memory.ts';
import { openSuite, type ProjectOptions } from './project.ts';
import { openScreen, type ScreenOptions } from './screen.ts';

export type AuditOptions = ProjectOptions & ScreenOptions & { readonly repeat?: number | undefined; readonly top?: number | undefined };

const TOP = 10;

/**
 * Measures the suite bare, once or several times, and shows where its time goes. It judges nothing but what it needs to be true: failed
 * tests end it with 1, a suite that did not run to its end with 3.
 */
export async function audit(io: Io, options: AuditOptions): Promise<number> {
  const { project, plan } = await openSuite(io, options);
  const screen = await openScreen(io, options, { project, plan, gates: [] });
  const suite = suiteOf(io, options, project, plan, screen);
  const context = { gates: [], today: today(), ci: isCi(io.env), passOnUnpruned: true };
  const verdictOf = (run: TestRun): Verdict => judge(run, project.policy, { checkpoint: null }, context);
  try {
    const { runs, spread } = await repeat(options.repeat ?? 1, () => measure(suite, false));
    const verdicts = runs.map(verdictOf);
    const stopped = verdicts.find((verdict) => verdict.exitCode === 3);
    const last = stopped ?? verdicts.find((verdict) => verdict.exitCode !== 0) ?? verdicts.at(-1);
    if (last === undefined) throw new Error('an audit that ran nothing');
    const warnings = await (await openMemory(project.root)).remember(last, []);
    if (stopped) screen.show(stopped, warnings);
    else screen.showAudit({ audit: auditOf(runs, project.policy, options.top ?? TOP), spread, verdict: last }, warnings);
    return last.exitCode;
  } finally {
    screen.close();
  }
}
