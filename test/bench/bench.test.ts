import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { projectOf } from '../runners/v8/torture.ts';
import { generate, sizeOf } from './generate.ts';
import { goalsOf } from './goals.ts';
import { measureRecorded, record } from './recorded.ts';

const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, NODE_V8_COVERAGE: ___, ...env } = process.env;

test('a small synthetic project: every metric equals c8; no time is asserted', async (t) => {
  const dir = projectOf(t, {});
  const root = join(dir, 'project');
  mkdirSync(root);
  generate(root, sizeOf(3));
  const bench = { root, node: process.execPath, env };
  const raw = join(dir, 'raw');
  await record(bench, raw);
  const recorded = await measureRecorded(bench, raw, 1);
  assert.equal(recorded.metrics, 4 * (sizeOf(3).modules + 1));
  assert.equal(recorded.equal, recorded.metrics);
  assert.ok(recorded.c8.cpuS > 0 && recorded.ours.cpuS > 0 && recorded.rawMb > 1);
});

const cost = (cpuS: number) => ({ cpuS, wallS: cpuS, rssMb: 100, stdout: '' });

test('a noisy machine judges no few per cent, a small project no goal of a large one', () => {
  const recorded = {
    rawFiles: 9,
    rawMb: 9,
    c8: { cpuS: 1, rssMb: 500 },
    ours: { cpuS: 0.6, rssMb: 90, tailS: 0.2, slopeMb: 0.05 },
    metrics: 4,
    equal: 4,
  };
  const verdicts = (testFiles: number, noise: number) => {
    const suite = { bare: cost(10), gate: cost(11), c8: cost(12), noise, gatePeakRawMb: 3 };
    const goals = goalsOf({ testFiles, recorded, suite, speeds: { scanMbPerS: 399, mergeMsPer1000: 10 }, start: 2 });
    return goals.map(({ id, verdict }) => `${id} ${verdict}`);
  };
  const rest = ['G5 true', 'G6 true', 'G9 true', 'G10 true', ' false', ' true'];
  assert.deepEqual(verdicts(200, 1.1), ['G1 null', 'G2 false', 'G3 true', 'G4 true', 'G5 null', ...rest]);
  assert.deepEqual(verdicts(1000, 1.11), ['G1 false', 'G2 false', 'G3 null', 'G4 null', 'G5 false', ...rest]);
});
