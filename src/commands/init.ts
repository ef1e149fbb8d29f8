import { join, relative } from 'node:path';
import { EXIT, stoppedError, usageError } from '../model/error.ts';
import { type Count } from '../model/coverage.ts';
import { testsOf } from '../model/test-run.ts';
import { table } from '../report/tables.ts';
import { clean, pct, plural, seconds } from '../report/units.ts';
import { checkoutOf } from '../system/hooks-folder.ts';
import type { Io } from '../system/io.ts';
import { openRepository } from '../system/repository.ts';
import { attributesChange } from './init/attributes.ts';
import { diffOf, writeChanges, type FileChange } from './init/changes.ts';
import { hookPlan, type HookKind, type HookPlan } from './init/hooks.ts';
import { measureStart, type Measured } from './init/measured.ts';
import { otherScripts, packageChange } from './init/package-json.ts';
import { startingFiles } from './init/starting.ts';
import { findRoot, openProject } from './project.ts';
import { lookOf, type ScreenOptions } from './screen.ts';
import { ignoresScripts } from './setup/ignored-scripts.ts';
import { sceneOf, stepsToRun, type Scene } from './setup/scene.ts';

export type InitOptions = Omit<ScreenOptions, 'json'> & {
  /** Asks nothing. */
  readonly yes?: boolean | undefined;
  /** Prints the differences and writes nothing. */
  readonly dryRun?: boolean | undefined;
  readonly hooks?: HookKind | undefined;
};

/**
 * Sets pushgate up: runs the suite once and writes a policy that holds what holds today, the hooks, and what package.json needs. What is
 * there stays; a second run changes nothing. Returns the exit code; a suite that fails or proves nothing sets nothing up.
 */
export async function init(io: Io, options: InitOptions): Promise<number> {
  const scene = await openScene(io);
  const hooks = hookPlan(scene, options.hooks ?? null);
  const setUp = openProject(io, {}).loaded.file;
  const started = setUp === null ? await measureStart(io, { ...options, again: 'run pushgate init again' }, options.dryRun !== true) : null;
  if (started !== null && 'exitCode' in started) {
    io.stderr.write('Nothing was written: pushgate is set up on a suite that passes.\n');
    return started.exitCode;
  }
  const start = started === null ? null : await startingFiles(scene, started);
  const changes = [...(start?.changes ?? []), ...hooks.changes, ...packageChange(scene, hooks.husky), ...attributesChanges(scene, hooks)];
  io.stdout.write(
    started === null || start === null ? `${clean(setUp ?? '')} is there and stays as it is.\n` : measuredLine(started, start.covered),
  );
  for (const note of started?.plan.notes ?? []) io.stdout.write(`ℹ ${clean(note, 500)}\n`);
  for (const note of start?.notes ?? []) io.stdout.write(`! ${clean(note, 1_000)}\n`);
  if (options.dryRun === true) return dryRun(io, scene, changes, hooks);
  if (changes.length > 0 && !(await agreed(io, options, scene, changes))) return EXIT.passed;
  await writeChanges(changes);
  show(io, options, scene, changes, hooks);
  return EXIT.passed;
}

async function openScene(io: Io): Promise<Scene> {
  const root = findRoot(io.cwd);
  const repository = await openRepository(root, io.env);
  const checkout = repository && (await checkoutOf(repository));
  if (!checkout)
    throw usageError('This is not the work tree of a git repository; without git there is no push to hold.', 'git init   makes one');
  return sceneOf(root, checkout);
}

/** Two branches' additions to the allowlist merge by themselves; hooks keep the line ends that `sh` reads. */
function attributesChanges({ root, checkout }: Scene, { husky }: HookPlan): FileChange[] {
  const own = join(root, '.gitattributes');
  const ofHooks = husky && join(checkout.top, husky.dir, '..', '.gitattributes');
  const hookLines = husky ? [`${husky.dir.split('/').at(-1)}/* text eol=lf`] : [];
  const lines = ['known-slow.jsonc merge=union'];
  if (ofHooks === null || ofHooks === own) return attributesChange(own, [...lines, ...hookLines]);
  return [...attributesChange(own, lines), ...attributesChange(ofHooks, hookLines)];
}

function measuredLine({ run, slow, project }: Measured, covered: Count): string {
  const many = slow.length === 0 ? '' : `, ${plural(slow.length, 'test')} over ${seconds(project.policy.slow.limitMs, 0)}`;
  return `✔ ${plural(testsOf(run).length, 'test')} in ${seconds(run.wallMs)}, coverage ${pct(covered)} of lines${many}.\n`;
}

function dryRun(io: Io, { checkout }: Scene, changes: readonly FileChange[], { byHand }: HookPlan): number {
  io.stdout.write(changes.length === 0 ? '\nNothing would change.\n' : `\n${diffOf(changes, checkout.top)}`);
  for (const line of byHand) io.stdout.write(`${clean(line, 1_000)}\n`);
  io.stderr.write('Nothing was written: this was a dry run.\n');
  return EXIT.passed;
}

/** Asks on a terminal, and only there. */
async function agreed(io: Io, options: InitOptions, scene: Scene, changes: readonly FileChange[]): Promise<boolean> {
  if (options.yes === true || io.ask === undefined) return true;
  io.stdout.write(`\n${changeRows(scene, changes)}\n`);
  const answer = await io.ask('Write these files? [Y/n] ');
  if (io.signal.aborted) throw stoppedError(io.signal.reason, 'nothing was written');
  if (answer !== null && /^(?:y|yes)?$/i.test(answer.trim())) return true;
  io.stdout.write('Nothing was written.\n');
  return false;
}

function changeRows({ root }: Scene, changes: readonly FileChange[]): string {
  const rows = changes.map(({ path, before, says }) => [
    before === null ? 'create' : 'change',
    clean(relative(root, path).replaceAll('\\', '/')),
    clean(says),
  ]);
  return table([{ header: '' }, { header: '' }, { header: '' }], rows)
    .map((row) => `  ${row}\n`)
    .join('');
}

function show(io: Io, options: InitOptions, scene: Scene, changes: readonly FileChange[], hooks: HookPlan): void {
  const { green, cyan } = lookOf(io, options, io.stdout).colours;
  // Lines to add by hand are indented.
  const waits = hooks.byHand.some((line) => line.startsWith(' '));
  const none = waits ? 'Nothing was changed.' : 'Everything was set up already: nothing was changed.';
  const rows = changes.length === 0 ? `${none}\n` : changeRows(scene, changes);
  const byHand = [...hooks.byHand, ...otherScripts(scene)].map((line) =>
    line.startsWith(' ') ? clean(line, 2_000) : `! ${clean(line, 2_000)}`,
  );
  // package.json may say more than when the scene was read.
  const steps = stepsToRun(sceneOf(scene.root, scene.checkout), hooks.husky, ignoresScripts(scene, io.env) === null);
  const last = [...(changes.length > 0 ? ['Commit these files.'] : []), 'npx pushgate doctor   says whether the hooks are active'];
  const arrows = [...steps, ...last].map((line) => `  ${cyan('→')} ${clean(line, 500)}`);
  const parts = [rows.trimEnd(), ...(byHand.length > 0 ? [byHand.join('\n')] : []), arrows.join('\n')];
  const ready = changes.length === 0 ? [] : [`${green('✔')} pushgate is set up.`];
  const done = waits ? ['! git push does not start pushgate until what is shown above is added.'] : ready;
  io.stdout.write(`\n${[...parts, ...done].filter((part) => part !== '').join('\n\n')}\n`);
}
