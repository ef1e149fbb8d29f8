import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withWorkers } from '../../src/runners/node-test/with-workers.ts';
import type { Step, SuitePlan } from '../../src/runners/plan.ts';

const where = { cwd: '/project', env: {} };

function plan(...steps: readonly Step[]): SuitePlan {
  const made: SuitePlan = {
    from: 'scripts.test in package.json',
    command: 'node --test',
    steps,
    notes: [],
    coverageTool: null,
    testFiles: [],
    afterSetup: async () => made,
  };
  return made;
}

const nodeTest = (...nodeArgs: readonly string[]): Step => ({
  kind: 'node-test',
  nodeArgs,
  files: ['a.test.js'],
  reporterArgs: [],
  ...where,
});
const argsOf = (changed: SuitePlan | null): unknown =>
  changed?.steps.map((step) => (step.kind === 'node-test' ? step.nodeArgs : step.kind));

test('the number of workers takes the place of the one that is there', async () => {
  const build: Step = { kind: 'setup', command: 'make', ...where };
  const steps = [
    build,
    nodeTest(),
    nodeTest('--import', 'tsx', '--test-concurrency=4'),
    nodeTest('--test-concurrency', '4', '--no-warnings'),
  ];
  const wanted = [
    'setup',
    ['--test-concurrency=2'],
    ['--import', 'tsx', '--test-concurrency=2'],
    ['--no-warnings', '--test-concurrency=2'],
  ];
  const changed = withWorkers(plan(...steps), 2);
  assert.deepEqual(argsOf(changed), wanted);
  assert.deepEqual(argsOf((await changed?.afterSetup()) ?? null), wanted);
});

test('where files share a process, or a command runs as it is, there is no number to set', () => {
  const observed: Step = { kind: 'observed', command: 'make test', ...where };
  assert.equal(withWorkers(plan(observed, nodeTest('--test-isolation=none')), 2), null);
});
