import { join } from 'node:path';
import { DEFAULTS } from '../../config/defaults.ts';
import { addEntry, emptyAllowlist } from '../../config/known-slow-edit.ts';
import { startingConfig, startingTriggers } from '../../config/starting-config.ts';
import { globOf, globsNaming, matcher } from '../../formats/globs.ts';
import { globAbove, sourcesThatRan, startingFloorPct, startingTimeMs } from '../../insight/starting-policy.ts';
import { holds, METRICS, totalOf, wasLoaded, type Count, type Coverage, type FileCoverage } from '../../model/coverage.ts';
import type { Policy } from '../../model/policy.ts';
import { limitPct, pct, plural, seconds, wholeSeconds } from '../../report/units.ts';
import { today } from '../../system/clock.ts';
import { defaultCeilingMs } from '../allow/allowlist.ts';
import type { Scene } from '../setup/scene.ts';
import { changeOf, textOf, type FileChange } from './changes.ts';
import type { Measured } from './measured.ts';

/** Configuration and allowlist as a project starts with them, the lines covered in what is measured, and what a person has to know of it. */
export type Starting = { readonly changes: readonly FileChange[]; readonly covered: Count; readonly notes: readonly string[] };

/** Writes down what holds today, so that it holds from now on. */
export async function startingFiles(scene: Scene, measured: Measured): Promise<Starting> {
  const sources = await sourcesOf(scene, measured);
  const changes = [...configChange(scene, measured, sources), ...allowlistChange(scene.root, measured)];
  return { changes, covered: totalOf(sources.coverage, 'lines'), notes: limitNotes(measured, sources.coverage) };
}

/** What of the measured files is a source, and the globs that say so; null when those in force do. */
type Sources = { readonly coverage: Coverage; readonly include: readonly string[] | null; readonly exclude: readonly string[] | null };

/** So many files that no test loads are named at most: more is no exception but how much of the project is tested. */
const MOST_NAMED = 10;

async function sourcesOf(scene: Scene, { project, run }: Measured): Promise<Sources> {
  const { coverage: policy } = project.policy;
  const all: Coverage = run.coverage ?? { files: [] };
  const isOwn = await ownFiles(scene);
  const include = policy.include.includes('**') && isLeftOpen(project, 'coverage.include') ? sourcesThatRan(all, isOwn) : null;
  const files = include === null ? all.files : all.files.filter(({ file }) => matcher(include)(file));
  // What a build made and nothing ran; what ran may be all that there is of a source.
  const made = files.filter((each) => !isOwn(each.file) && !wasLoaded(each));
  const sources = files.filter((each) => !made.includes(each));
  const untested = sources.filter((each) => !wasLoaded(each));
  const tested = sources.filter(wasLoaded);
  // A coverage tool counts what was loaded alone, unless it is told otherwise: its limits hold for that, and stay what they are.
  const spares =
    tested.length > 0 && untested.length <= MOST_NAMED && !limitsHold({ files: sources }, policy) && limitsHold({ files: tested }, policy);
  const namesOf = (some: readonly FileCoverage[]): string[] => some.map(({ file }) => file);
  const out = [...globsNaming(namesOf(made), namesOf(sources)), ...(spares ? namesOf(untested).map(globOf) : [])];
  return { coverage: { files: spares ? tested : sources }, include, exclude: out.length === 0 ? null : [...policy.exclude, ...out] };
}

/** Whether limits that a coverage tool holds already hold for what was measured here. */
function limitsHold(coverage: Coverage, policy: Policy['coverage']): boolean {
  const { floor, perFile } = policy;
  return METRICS.every(
    (metric) =>
      holds(totalOf(coverage, metric), floor[metric] ?? 0) && coverage.files.every((file) => holds(file[metric], perFile[metric] ?? 0)),
  );
}

/** That limits of a coverage tool are not those that hold from now on. */
function limitNotes({ project }: Measured, coverage: Coverage): string[] {
  const from = originOf(project);
  if (from === null || limitsHold(coverage, project.policy.coverage)) return [];
  const { floor, perFile } = project.policy.coverage;
  if (Object.keys(perFile).length > 0) return [`Not every file holds the limits of ${from}: pushgate check says which.`];
  const missed = METRICS.filter((metric) => metric !== 'statements' && !holds(totalOf(coverage, metric), floor[metric] ?? 0));
  const figures = missed.map((metric) => `${pct(totalOf(coverage, metric))} of ${metric} (${limitPct(floor[metric] ?? 0)})`);
  const untested = coverage.files.filter((file) => !wasLoaded(file)).length;
  const why = untested === 0 ? '' : ` ${plural(untested, 'file')} that no test loads ${untested === 1 ? 'counts' : 'count'} here.`;
  return [`The limits of ${from} do not hold: ${figures.join(', ')}.${why} pushgate.jsonc starts with a floor of lines instead.`];
}

function isLeftOpen({ loaded }: Measured['project'], key: string): boolean {
  return loaded.origins.get(key)?.kind === 'default';
}

function configChange(scene: Scene, { project, plan, run, skipsWithoutReason }: Measured, sources: Sources): FileChange[] {
  const { include, exclude } = sources;
  const { coverage, suite } = project.policy;
  const floor = floorOf(sources.coverage, coverage, isLeftOpen(project, 'coverage.floor'));
  const files = sources.coverage.files.map(({ file }) => file);
  const budgetMs = startingTimeMs(run.wallMs, suite.budgetMs);
  // A warning in every push is one that nobody reads.
  const idealMs = Math.min(budgetMs, startingTimeMs(run.wallMs, suite.idealMs));
  const text = startingConfig({
    include,
    exclude,
    floor,
    floorFrom: floor === null ? originOf(project) : null,
    suite: {
      needed: seconds(run.wallMs),
      budgetMs: budgetMs === DEFAULTS.budgetMs ? null : budgetMs,
      idealMs: idealMs === DEFAULTS.idealMs ? null : idealMs,
    },
    skipsWithoutReason,
    triggers: startingTriggers({
      usual: [...project.config.push.triggers.filter((glob) => include === null || glob !== '**'), ...(include ?? [])],
      sources: include ?? (coverage.include.includes('**') ? files.map(globAbove) : coverage.include),
      tests: plan.testFiles.map(globAbove),
      lockFile: scene.manager.lockFile,
      files: [...files, ...plan.testFiles],
    }),
  });
  const floorText = floor === null ? `limits of ${originOf(project) ?? 'the defaults'}` : `floor ${limitPct(floor.pct)} of lines`;
  return changeOf(join(scene.root, 'pushgate.jsonc'), text, `${floorText}, budget ${wholeSeconds(budgetMs)}`);
}

/** The floor to write. Limits that c8 or nyc holds already stay where they are, unless they do not hold for what was measured here. */
function floorOf(coverage: Coverage, policy: Policy['coverage'], isOpen: boolean): { pct: number; held: string } | null {
  const perFile = Object.keys(policy.perFile).length > 0;
  const lines = totalOf(coverage, 'lines');
  if ((!isOpen && limitsHold(coverage, policy)) || perFile || lines.total === 0) return null;
  return { pct: startingFloorPct(lines), held: pct(lines) };
}

function originOf({ loaded }: Measured['project']): string | null {
  const origin = ['coverage.floor', 'coverage.perFile']
    .map((key) => loaded.origins.get(key))
    .find((each) => each?.kind === 'coverage-tool');
  return origin?.kind === 'coverage-tool' ? origin.from : null;
}

/** Whether a file, relative to the root, is the project's own: known to git, or new and not ignored. All are when git cannot tell. */
async function ownFiles({ root, checkout }: Scene): Promise<(file: string) => boolean> {
  const listed = await checkout.repository.git('-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  const own = new Set(listed?.split('\0'));
  return (file) => listed === null || own.has(file);
}

function allowlistChange(root: string, { project, slow }: Measured): FileChange[] {
  const { path } = project.policy.knownSlow;
  if (slow.length === 0) return [];
  const before = textOf(join(root, path)) ?? emptyAllowlist(path);
  const text = slow.reduce((edited, { test, durationMs }) => {
    const reason = `slow when pushgate was set up: ${seconds(durationMs)}`;
    const { file, name } = test;
    return addEntry(edited, { file, name, reason, ceilingMs: defaultCeilingMs(durationMs), owner: null, expires: null, added: today() });
  }, before);
  return changeOf(join(root, path), text, plural(slow.length, 'slow test'));
}
