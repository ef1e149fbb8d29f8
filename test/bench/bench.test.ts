import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { MAIN } from '../support/cli.ts';
import { PACKAGE } from '../support/package.ts';
import { projectOf } from '../runners/v8/torture.ts';
import { generate, sizeOf } from './generate.ts';
import { goalsOf } from './goals.ts';
import { cost } from './measure.ts';
import { makeProject } from './project.ts';
import { measureRecorded, record } from './recorded.ts';
import { howFast, readResults, writeResult } from './results.ts';
import { rawMbIn, WAYS, type Way } from './suite.ts';

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
  assert.ok(recorded.rawMb > 1);
});

test('a suite under the gate leaves next to no raw coverage on the disk', async (t) => {
  const dir = projectOf(t, {});
  const { outside, node, env } = makeProject(dir, process.execPath, sizeOf(6));
  const temp = join(dir, 'temp');
  mkdirSync(temp);
  let peakMb = 0;
  await cost([node, MAIN, 'coverage'], {
    cwd: outside,
    env: { ...env, TMPDIR: temp },
    onSample: () => void (peakMb = Math.max(peakMb, rawMbIn(temp))),
  });
  assert.ok(peakMb > 0 && peakMb <= 20, `${peakMb} MB`);
});

const costOf = (cpuS: number) => ({ cpuS, wallS: cpuS, rssMb: 100, stdout: '' });

test('a noisy machine judges no few per cent, a small project no goal of a large one', () => {
  const recorded = {
    rawFiles: 9,
    rawMb: 9,
    c8: { cpuS: 1, rssMb: 500 },
    ours: { cpuS: 0.6, rssMb: 90, tailS: 0.2, slopeMb: 0.05 },
    metrics: 4,
    equal: 4,
  };
  const costs = {
    bare: costOf(10),
    raw: costOf(10.8),
    gate: costOf(10.5),
    plain: costOf(11),
    unkept: costOf(11),
    c8: costOf(12),
    node: costOf(11),
  };
  const edits = [
    { name: 'nothing', cpuS: 0.04, wallS: 1, affected: 0 },
    { name: 'one leaf module', cpuS: 0.5, wallS: 1, affected: 16 },
  ];
  const incremental = { fullCpuS: 10, edits, facts: 5, equal: 4 };
  const speeds = { scanMbPerS: 399, mergeMsPer1000: 10, selectMs: 1, judgeMs: 1, renderMs: 1 };
  const verdicts = (testFiles: number, noise: number) => {
    const suite = { costs, noise, peakRawMb: 3 };
    const goals = goalsOf({ node: '24.0.0', testFiles, recorded, suite, incremental, speeds, start: 2 });
    return goals.map(({ id, verdict }) => `${id} ${verdict}`);
  };
  const speed = [' false', ' true', ' true', ' true', ' true'];
  const few = [
    'G1 null',
    'G2 false',
    'G3 true',
    'G3 true',
    'G4 true',
    'G4 true',
    'G5 true',
    'G5 null',
    'G6 true',
    'G7 null',
    'G7 null',
    'G8 true',
  ];
  assert.deepEqual(verdicts(200, 1.1), [...few, 'G9 true', 'G9 false', 'G10 true', ...speed]);
  const many = [
    'G1 false',
    'G2 false',
    'G3 null',
    'G3 null',
    'G4 null',
    'G4 null',
    'G5 true',
    'G5 false',
    'G6 true',
    'G7 true',
    'G7 false',
    'G8 null',
  ];
  assert.deepEqual(verdicts(1000, 1.11), [...many, 'G9 true', 'G9 false', 'G10 true', ...speed]);
});

test('results of one size and version of Node replace each other, part by part; others stay', (t) => {
  const path = join(projectOf(t, {}), 'results.json');
  const write = (node: string, testFiles: number, parts: { start?: number; selectMs?: number }): void => {
    const { start = null, selectMs } = parts;
    const speeds = selectMs === undefined ? null : { scanMbPerS: 500, mergeMsPer1000: 5, selectMs, judgeMs: 50, renderMs: 5 };
    const figures = { node, testFiles, recorded: null, suite: null, incremental: null, speeds, start };
    writeResult(path, { machine: '2 cores', load: [0, 0], rounds: 1, figures });
  };
  write('24.1.0', 200, { start: 1.5, selectMs: 30 });
  write('20.1.0', 1000, { start: 1.6 });
  write('24.2.0', 200, { selectMs: 10 });
  write('24.2.0', 50, { start: 3 });
  const said = readResults(path).map(({ figures, goals }) => {
    const missed = goals.filter(({ verdict }) => verdict === 'missed').map(({ id }) => id);
    return [figures.node, figures.testFiles, figures.start, figures.speeds?.selectMs, missed];
  });
  assert.deepEqual(said, [
    ['20.1.0', 1000, 1.6, undefined, []],
    ['24.2.0', 50, 3, undefined, ['G10']],
    ['24.2.0', 200, 1.5, 10, []],
  ]);
});

const RESULTS = join(PACKAGE, 'bench-results.json');

test('the README says of speed what was measured last', { skip: !existsSync(RESULTS) && 'no results are committed' }, () => {
  const said = /<!-- bench -->\n([^]*?)\n<!-- \/bench -->/;
  const measured = howFast(readResults(RESULTS));
  const path = join(PACKAGE, 'README.md');
  if (process.env['UPDATE_README'] === '1') {
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(said, () => `<!-- bench -->\n${measured}\n<!-- /bench -->`),
    );
  }
  assert.equal(said.exec(readFileSync(path, 'utf8'))?.[1], measured);
});

test('what is said of speed has a row for each way to run, and the shares of a full run', () => {
  const costs = Object.fromEntries(WAYS.map((way, i) => [way, costOf(10 + i)])) as Record<Way, ReturnType<typeof costOf>>;
  const edits = [{ name: 'one test file', cpuS: 0.25, wallS: 1, affected: 1 }];
  const figures = { node: '24.1.0', testFiles: 50, recorded: null, speeds: null, start: null };
  const text = howFast([
    {
      machine: '2 cores',
      load: [0, 0],
      rounds: 3,
      figures: { ...figures, suite: { costs, noise: 1, peakRawMb: 3 }, incremental: { fullCpuS: 10, edits, facts: 1, equal: 1 } },
      goals: [],
    },
  ]);
  assert.match(text, /^\| \| Node 24\.1\.0, 50 files: CPU \| against bare \| peak memory \|$/m);
  assert.match(text, /^\| `pushgate check` \| 12\.0 s \| 1\.20 \| 100 MB \|$/m);
  assert.match(text, /^\| one test file \| 1 of 50 \| 0\.3 s \| 2\.5 % \|$/m);
  assert.equal(text.match(/^\|/gm)?.length, 2 + WAYS.length + 3);
});
