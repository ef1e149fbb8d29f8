import type { Step, SuitePlan } from '../plan.ts';
import { isInProcess } from './command.ts';

/** The plan with another number of workers; null when none of its steps runs test files beside one another at a number that can be set. */
export function withWorkers(plan: SuitePlan, workers: number): SuitePlan | null {
  if (!plan.steps.some(canBeSet)) return null;
  return {
    ...plan,
    steps: plan.steps.map((step) => (canBeSet(step) ? { ...step, nodeArgs: [...withoutConcurrency(step.nodeArgs), flag(workers)] } : step)),
    // A build may make the tests: what there is then is run in the same way.
    afterSetup: async () => {
      const after = await plan.afterSetup();
      return withWorkers(after, workers) ?? after;
    },
  };
}

const flag = (workers: number): string => `--test-concurrency=${workers}`;

type NodeTestStep = Extract<Step, { kind: 'node-test' }>;

const canBeSet = (step: Step): step is NodeTestStep => step.kind === 'node-test' && !isInProcess(step);

function withoutConcurrency(args: readonly string[]): string[] {
  return args.filter((arg, index) => !arg.startsWith('--test-concurrency') && args[index - 1] !== '--test-concurrency');
}
