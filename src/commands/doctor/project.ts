import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnosis, fault, ok, warning } from '../../model/diagnosis.ts';
import { PushgateError } from '../../model/error.ts';
import { limitPct, plural, wholeSeconds } from '../../report/units.ts';
import type { SuitePlan } from '../../runners/plan.ts';
import { openSources } from '../../runners/node-test/v8/c8.ts';
import { today } from '../../system/clock.ts';
import { exists } from '../../system/files.ts';
import type { Io } from '../../system/io.ts';
import { openProject, openSuite, type Project } from '../project.ts';
import type { Scene } from '../setup/scene.ts';

/** Whether configuration, allowlist, test script and sources are such that a run can be judged. */
export async function projectDiagnoses(scene: Scene | null, io: Io): Promise<Diagnosis[]> {
  const project = await tried('config', () => openProject(io, {}));
  if ('state' in project) return [project];
  const suite = await tried('tests', () => openSuite(io, {}));
  // Limits of a c8 in the test script hold where the configuration says nothing; without a script that can be read there are none.
  const settings = [configDiagnosis('state' in suite ? project : suite.project), ...allowlistDiagnoses(project)];
  if ('state' in suite) return [...settings, suite];
  const sources = scene === null ? [] : [await sourcesDiagnosis(scene, suite.project, suite.plan)];
  return [...settings, suiteDiagnosis(suite.plan), ...sources];
}

/** What a check would end with before it runs anything is a fault; any other error is a bug and goes on. */
async function tried<T>(about: string, work: () => T | Promise<T>): Promise<T | Diagnosis> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PushgateError) return fault(about, error.message, ...error.advice);
    throw error;
  }
}

function configDiagnosis({ loaded, policy }: Project): Diagnosis {
  const { lines } = policy.coverage.floor;
  const floor = lines === undefined ? '' : `floor ${limitPct(lines)} of lines, `;
  const limits = `${floor}budget ${wholeSeconds(policy.suite.budgetMs)}, slow over ${wholeSeconds(policy.slow.limitMs)}`;
  if (loaded.file !== null) return ok('config', `${loaded.file}: ${limits}`);
  return warning(
    'config',
    `There is no pushgate.jsonc; the defaults hold: ${limits}.`,
    'pushgate init   writes one that holds what holds today',
  );
}

function allowlistDiagnoses({ root, policy }: Project): Diagnosis[] {
  const { path, entries } = policy.knownSlow;
  const expired = entries.filter(({ expires }) => expires !== null && expires < today());
  const gone = entries.filter(({ file }) => !exists(join(root, file)));
  const all = `${path}: ${plural(entries.length, 'accepted slow test')}`;
  return [
    ok('allowlist', entries.length === 0 && !exists(join(root, path)) ? 'No slow test is accepted.' : all),
    ...(expired.length > 0
      ? [
          warning(
            'allowlist',
            `${plural(expired.length, 'entry', 'entries')} expired, the first on line ${expired[0]?.line}.`,
            'pushgate allow --list   shows them',
          ),
        ]
      : []),
    ...(gone.length > 0
      ? [
          warning(
            'allowlist',
            `${plural(gone.length, 'entry names', 'entries name')} a file that is gone: ${gone[0]?.file}`,
            'pushgate allow --prune   drops them, after a run',
          ),
        ]
      : []),
  ];
}

function suiteDiagnosis({ steps, testFiles, from, notes }: SuitePlan): Diagnosis {
  const runs = `${plural(testFiles.length, 'test file')}, from ${from}`;
  const show = 'pushgate config   shows what was understood';
  if (steps.some(({ kind }) => kind === 'observed'))
    return warning('tests', `${runs}: it runs as it is, since how it starts its tests cannot be read from it.`, show);
  return ok('tests', notes.length > 0 ? `${runs} (${show})` : runs);
}

async function sourcesDiagnosis({ root, checkout }: Scene, { policy }: Project, { testFiles }: SuitePlan): Promise<Diagnosis> {
  const { include, exclude } = policy.coverage;
  const listed = await checkout.repository.git('-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  const real = realpathSync(root);
  const { has } = await openSources({ root: real, include, exclude, testFiles });
  const files = (listed ?? '').split('\0').filter((file) => file !== '' && has(join(real, file)));
  if (files.length > 0) return ok('sources', `${plural(files.length, 'source file')} in ${include.join(' ')}`);
  return fault(
    'sources',
    `No file of the project matches coverage.include: ${include.join(' ')}`,
    'Name the sources in pushgate.jsonc:  "coverage": { "include": ["src/**"] }',
  );
}
