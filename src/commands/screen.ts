import { relative } from 'node:path';
import type { LoadedConfig } from '../model/config.ts';
import type { Verdict } from '../model/finding.ts';
import type { Gate } from '../model/policy.ts';
import type { Progress } from '../model/progress.ts';
import { renderAudit, type Audited } from '../report/audit.ts';
import { renderAuditHtml } from '../report/audit/html.ts';
import { renderAuditJson } from '../report/audit/json.ts';
import { coloursFor, wantsColour } from '../report/colours.ts';
import { contextOf, whereIsIn, type Context } from '../report/context.ts';
import { renderJson, renderJsonError } from '../report/json.ts';
import { renderExplained, renderExplainedJson, type Explained } from '../report/explain.ts';
import { renderAnnotations } from '../report/github.ts';
import { heartbeatText, liveText } from '../report/progress.ts';
import { renderError, renderVerdict, type Screen as Look } from '../report/terminal.ts';
import { ago, clean } from '../report/units.ts';
import type { SuitePlan } from '../runners/plan.ts';
import type { Stamp } from '../store/stamps.ts';
import { now } from '../system/clock.ts';
import { canAnimate, openLiveLine } from '../system/live-line.ts';
import type { Io, Output } from '../system/io.ts';
import { setUpAbove, type Project } from './project.ts';

/** Flags that decide how results look. */
export type ScreenOptions = {
  readonly json?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  /** `--color` or `--no-color`; undefined leaves it to the environment. */
  readonly color?: boolean | undefined;
  /** Lists every file that ran again with its reason, not only the first. */
  readonly why?: boolean | undefined;
  /** Tells what was understood of the test script only when the run did not pass: it is the same every time. */
  readonly brief?: boolean | undefined;
  /** What to do once a failure is mended, for the last line. */
  readonly again?: string | undefined;
};

/** Where a command shows what it does and what came of it: results on stdout, progress and warnings on stderr. */
export type Screen = {
  readonly onProgress: (progress: Progress) => void;
  /** Keeps a sentence that changes no verdict until there is one. */
  readonly onNotice: (text: string) => void;
  /** What to call while something else than the suite's one run goes on: says what it is instead of counting files. */
  readonly phase: (text: string) => (progress: Progress) => void;
  readonly show: (verdict: Verdict, warnings: readonly string[]) => void;
  readonly showAudit: (audited: Audited, warnings: readonly string[]) => void;
  /** The audit as an HTML page. */
  readonly auditPage: (audited: Audited) => string;
  readonly showExplained: (explained: Explained) => void;
  /** Ends the live line; called also when there is no verdict. */
  readonly close: () => void;
};

const HEARTBEAT_MS = 15_000;
const AGAIN = 'run pushgate check again';

export function lookOf(io: Pick<Io, 'env'>, options: ScreenOptions, output: Output): Look {
  const colour = wantsColour({ flag: options.color ?? null, env: io.env, isTTY: output.isTTY });
  return { colours: coloursFor(colour), detail: options.quiet === true ? 'quiet' : options.verbose === true ? 'verbose' : 'normal' };
}

/** Opens the screen of a command that runs the suite. */
export async function openScreen(
  io: Io,
  options: ScreenOptions,
  suite: { project: Project; plan: SuitePlan; gates: readonly Gate[] },
): Promise<Screen> {
  const context = contextFor(io, options, suite);
  const { budgetMs } = suite.project.policy.suite;
  const silent = options.quiet === true || options.verbose === true;
  const live = silent ? null : await openLiveLine(io.stderr, { animate: canAnimate(io.stderr, io.env), heartbeatMs: HEARTBEAT_MS });
  const notices = new Set<string>();
  const { GITHUB_ACTIONS: isGithub, GITHUB_WORKSPACE: workspace } = io.env;
  const folder = workspace === undefined ? '' : relative(workspace, suite.project.root);
  const annotations = (verdict: Verdict): string =>
    isGithub === 'true' && options.quiet !== true
      ? renderAnnotations(verdict, context, folder === '' || folder.startsWith('..') ? '' : `${folder}/`)
      : '';
  const print = (warnings: readonly string[], json: () => string, words: () => string): void => {
    live?.done();
    for (const warning of [...notices, ...warnings]) io.stderr.write(`! ${clean(warning)}\n`);
    io.stdout.write(options.json === true ? json() : words());
  };
  return {
    onProgress: (progress) => live?.update(liveText(progress, budgetMs, io.stderr.columns), heartbeatText(progress, budgetMs)),
    // Of a suite that ran twice, once.
    onNotice: (text) => void notices.add(text),
    phase: (text) => (progress) => {
      const line = `${text}, ${Math.round(progress.elapsedMs / 1_000)} s`;
      live?.update(line, line);
    },
    close: () => live?.done(),
    show: (verdict, warnings) =>
      print(
        warnings,
        () => renderJson(verdict, context),
        () => renderVerdict(verdict, context, lookOf(io, options, io.stdout)) + annotations(verdict),
      ),
    showAudit: (audited, warnings) =>
      print(
        warnings,
        () => renderAuditJson(audited, context),
        () => renderAudit(audited, context, lookOf(io, options, io.stdout)),
      ),
    auditPage: (audited) => renderAuditHtml(audited, context),
    showExplained: (explained) =>
      print(
        [],
        () => renderExplainedJson(explained, context),
        () => renderExplained(explained, context, lookOf(io, options, io.stdout)),
      ),
  };
}

function contextFor(
  io: Io,
  options: ScreenOptions,
  { project, plan, gates }: { project: Project; plan: SuitePlan; gates: readonly Gate[] },
): Context {
  return contextOf({
    policy: project.policy,
    gates,
    whereIs: whereIsIn(project.loaded),
    testCommand: (file) => testCommand(plan, file),
    again: options.again ?? AGAIN,
    why: options.why === true,
    preface: [...(project.loaded.file === null ? [defaultsNote(project.root)] : []), ...(options.brief === true ? [] : plan.notes)],
    prefaceOfFailure: options.brief === true ? plan.notes : [],
    isSetUp: project.loaded.file !== null,
    cores: io.cores,
  });
}

function defaultsNote(root: string): string {
  const above = setUpAbove(root);
  if (above === null) return 'No pushgate.jsonc: the defaults hold. pushgate config   prints them.';
  return `No pushgate.jsonc here: the defaults hold. ${above} has one, and a push from there is judged by that.`;
}

/** How the tests of one file are started by hand: with the flags of the step that runs it. */
function testCommand({ steps }: SuitePlan, file: string): string {
  const ofNode = steps.filter((step) => step.kind === 'node-test' || step.kind === 'node-script');
  const step = ofNode.find((each) => each.kind === 'node-test' && each.files.some((name) => file.endsWith(name))) ?? ofNode[0];
  return ['node', ...(step?.nodeArgs ?? []), '--test'].join(' ');
}

/** Shows a pass that was reached before on exactly the same, in place of a new run. */
export function showStamped(io: Io, options: ScreenOptions, stamp: Stamp, loaded: LoadedConfig): void {
  const verified = ago(now().getTime() - Date.parse(stamp.at));
  const context = contextOf({ policy: stamp.policy, whereIs: whereIsIn(loaded), verified, cores: io.cores });
  io.stdout.write(
    options.json === true ? renderJson(stamp.verdict, context) : renderVerdict(stamp.verdict, context, lookOf(io, options, io.stdout)),
  );
}

/** Shows an end without a verdict: as JSON on stdout when that was asked for, else in words on stderr. */
export function showError(io: Io, options: ScreenOptions, error: unknown): void {
  if (options.json === true) io.stdout.write(renderJsonError(error));
  else io.stderr.write(renderError(error, options.again ?? AGAIN, lookOf(io, options, io.stderr)));
}
