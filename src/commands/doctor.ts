import type { Diagnosis } from '../model/diagnosis.ts';
import { fault } from '../model/diagnosis.ts';
import { PushgateError } from '../model/error.ts';
import { exitCodeOf, renderDiagnoses, renderDiagnosesJson } from '../report/diagnoses.ts';
import { checkoutOf } from '../system/hooks-folder.ts';
import type { Io } from '../system/io.ts';
import { openRepository } from '../system/repository.ts';
import { hookDiagnoses } from './doctor/hooks.ts';
import { projectDiagnoses } from './doctor/project.ts';
import { surroundingDiagnoses } from './doctor/surroundings.ts';
import { commandDiagnoses, gitDiagnosis, nodeDiagnosis } from './doctor/tools.ts';
import { findRoot } from './project.ts';
import { lookOf, type ScreenOptions } from './screen.ts';
import { sceneOf, type Scene } from './setup/scene.ts';

/**
 * Looks for whatever keeps a push from being judged: tools, hooks, configuration, tests, store, remotes. Nothing is run and nothing changed.
 * Returns 1 when something is in the way, else 0.
 */
export async function doctor(io: Io, options: Pick<ScreenOptions, 'json' | 'color'>): Promise<number> {
  const diagnoses = await diagnose(io);
  io.stdout.write(
    options.json === true ? renderDiagnosesJson(diagnoses) : renderDiagnoses(diagnoses, lookOf(io, options, io.stdout).colours),
  );
  return exitCodeOf(diagnoses);
}

async function diagnose(io: Io): Promise<Diagnosis[]> {
  const tools = [nodeDiagnosis(io.nodeVersion), await gitDiagnosis(io)];
  let scene: Scene | null;
  try {
    scene = await openScene(io);
  } catch (error) {
    if (!(error instanceof PushgateError)) throw error;
    return [...tools, fault('project', error.message, ...error.advice)];
  }
  if (scene === null) {
    const none = fault('repository', 'This is not the work tree of a git repository.', 'git init   makes one');
    return [...tools, none, ...(await projectDiagnoses(null, io))];
  }
  return [
    ...tools,
    ...(await hookDiagnoses(scene, io)),
    ...commandDiagnoses(scene, io),
    ...(await projectDiagnoses(scene, io)),
    ...(await surroundingDiagnoses(scene)),
  ];
}

async function openScene(io: Io): Promise<Scene | null> {
  const root = findRoot(io.cwd);
  const repository = await openRepository(root, io.env);
  const checkout = repository && (await checkoutOf(repository));
  return checkout && sceneOf(root, checkout);
}
