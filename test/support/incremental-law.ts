import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runJson, type Report } from './cli.ts';
import { chanceOf, edit, FLAVOURS, writeProject } from './edits.ts';
import { runCommand } from './processes.ts';
import { linkPackages, makeProject, type TempProject } from './repo.ts';

/** How often the law was tried, and how many test files an incremental run took over, of how many. */
export type Held = { readonly runs: number; readonly reused: number; readonly files: number };

/**
 * Edits a generated project again and again: after each edit, the incremental run of one copy has to be the full run of another one, in
 * tests, outcomes and every counter of every source. Throws with seed and edits where it is not.
 */
export async function holdLaw(seed: number, edits: number, env: Readonly<Record<string, string>> = {}): Promise<Held> {
  const chance = chanceOf(seed);
  const [kept, fresh] = [await aRepo(), await aRepo()];
  let held: Held = { runs: 0, reused: 0, files: 0 };
  try {
    const flavour = FLAVOURS[seed % FLAVOURS.length] ?? 'plain';
    writeProject(kept.dir, chance, flavour);
    if (flavour !== 'plain') linkPackages(kept, ['tsx', 'esbuild']);
    const done: string[][] = [];
    for (let step = 0; step <= edits; step += 1) {
      if (step > 0) done.push(edit(kept.dir, chance));
      mirror(kept.dir, fresh.dir);
      // oxlint-disable-next-line no-await-in-loop -- one edit after the other
      const [incremental, full] = await Promise.all([
        runJson(['check', '--no-stamp'], { cwd: kept.dir, env: { ...kept.env, ...env } }),
        runJson(['check', '--full', '--no-stamp'], { cwd: fresh.dir, env: { ...fresh.env, ...env } }),
      ]);
      assert.deepEqual(comparable(incremental.report), comparable(full.report), `seed ${seed} (${flavour}), edits ${JSON.stringify(done)}`);
      const { files = 0, reusedFiles = 0 } = incremental.report.run;
      held = { runs: held.runs + 1, reused: held.reused + reusedFiles, files: held.files + files };
    }
    return held;
  } finally {
    for (const each of [kept, fresh]) each.remove();
  }
}

async function aRepo(): Promise<TempProject> {
  const project = makeProject();
  await runCommand('git', ['init', '--quiet'], { cwd: project.dir, env: project.env });
  return project;
}

/** Makes one folder hold what the other holds, git's own folder aside. */
function mirror(from: string, to: string): void {
  for (const name of readdirSync(to)) if (name !== '.git') rmSync(join(to, name), { recursive: true });
  for (const name of readdirSync(from)) if (name !== '.git') cpSync(join(from, name), join(to, name), { recursive: true });
}

/** What has to be equal; times are not, and files may have finished in another order. */
function comparable(report: Report): unknown {
  const tests = report.tests.map(({ file, name, line, outcome }) => `${file}:${line} ${name} ${outcome}`).toSorted();
  return {
    exitCode: report.exitCode,
    error: report.error?.reasons,
    tests,
    coverage: report.coverage,
    codes: report.findings.map(({ code }) => code),
  };
}
