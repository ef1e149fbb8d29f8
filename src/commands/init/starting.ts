import { join } from 'node:path';
import { DEFAULTS } from '../../config/defaults.ts';
import { addEntry, emptyAllowlist } from '../../config/known-slow-edit.ts';
import { startingConfig, startingTriggers } from '../../config/starting-config.ts';
import { matcher } from '../../formats/globs.ts';
import { globAbove, sourcesThatRan, startingFloorPct, startingTimeMs } from '../../insight/starting-policy.ts';
import { holds, METRICS, totalOf, type Count, type Coverage } from '../../model/coverage.ts';
import type { Policy } from '../../model/policy.ts';
import { limitPct, pct, plural, seconds, wholeSeconds } from '../../report/units.ts';
import { today } from '../../system/clock.ts';
import { defaultCeilingMs } from '../allow/allowlist.ts';
import type { Scene } from '../setup/scene.ts';
import { changeOf, textOf, type FileChange } from './changes.ts';
import type { Measured } from './measured.ts';

/** Configuration and allowlist as a project starts with them, and the lines covered in what the configuration includes. */
export type Starting = { readonly changes: readonly FileChange[]; readonly covered: Count };

/** Writes down what holds today, so that it holds from now on. */
export async function startingFiles(scene: Scene, measured: Measured): Promise<Starting> {
  const sources = await sourcesOf(scene, measured);
  const changes = [...configChange(scene, measured, sources), ...allowlistChange(scene.root, measured)];
  return { changes, covered: totalOf(sources.coverage, 'lines') };
}

/** What of the measured files is a source, and the globs that say so; null when those of the configuration in force do. */
type Sources = { readonly coverage: Coverage; readonly include: readonly string[] | null };

async function sourcesOf(scene: Scene, { project, run }: Measured): Promise<Sources> {
  const all: Coverage = run.coverage ?? { files: [] };
  const everything = project.policy.coverage.include.includes('**') && isLeftOpen(project, 'coverage.include');
  if (!everything) return { coverage: all, include: null };
  const files = await ownFiles(scene);
  const include = sourcesThatRan(all, (file) => files.has(file));
  if (include === null) return { coverage: all, include };
  return { coverage: { files: all.files.filter(({ file }) => matcher(include)(file)) }, include };
}

function isLeftOpen({ loaded }: Measured['project'], key: string): boolean {
  return loaded.origins.get(key)?.kind === 'default';
}

function configChange(scene: Scene, { project, plan, run, skipsWithoutReason }: Measured, sources: Sources): FileChange[] {
  const { include } = sources;
  const { coverage, suite } = project.policy;
  const floor = floorOf(sources.coverage, coverage, isLeftOpen(project, 'coverage.floor'));
  const files = sources.coverage.files.map(({ file }) => file);
  const budgetMs = startingTimeMs(run.wallMs, suite.budgetMs);
  // A warning in every push is one that nobody reads.
  const idealMs = Math.min(budgetMs, startingTimeMs(run.wallMs, suite.idealMs));
  const text = startingConfig({
    include,
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
  const kept = METRICS.every((metric) => holds(totalOf(coverage, metric), policy.floor[metric] ?? 0));
  const perFile = Object.keys(policy.perFile).length > 0;
  const lines = totalOf(coverage, 'lines');
  if ((!isOpen && kept) || perFile || lines.total === 0) return null;
  return { pct: startingFloorPct(lines), held: pct(lines) };
}

function originOf({ loaded }: Measured['project']): string | null {
  const origin = ['coverage.floor', 'coverage.perFile']
    .map((key) => loaded.origins.get(key))
    .find((each) => each?.kind === 'coverage-tool');
  return origin?.kind === 'coverage-tool' ? origin.from : null;
}

/** The files that are the project's own: known to git, or new and not ignored. Relative to the root. */
async function ownFiles({ root, checkout }: Scene): Promise<Set<string>> {
  const listed = await checkout.repository.git('-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  return new Set((listed ?? '').split('\0'));
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
