import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { calibratedMs, calibratedSuiteMs, isSlow, slowerThan } from '../../src/insight/calibration.ts';
import type { Machine, Slower } from '../../src/model/machine.ts';
import type { Test } from '../../src/model/test-run.ts';
import { explained } from '../../src/insight/cause.ts';
import { aRun, aTest, aTrace, anAloneAttempt, anAttempt } from '../support/builders.ts';

const reference = { roundMs: 0.5, nodeVersion: '20.20.2' };

function factor(...paces: [wallMs: number, leastMs: number][]): Slower | null {
  return slowerThan(
    reference,
    paces.map(([wallMs, leastMs]) => ({ wallMs, leastMs })),
    '20.20.2',
  );
}

describe('the factor of a machine', () => {
  test('is what the rounds on both sides show', () => {
    assert.deepEqual(factor([1, 0.5], [4, 0.75]), { wall: 2, cpu: 1 });
    assert.deepEqual(factor([4, 1], [2, 1]), { wall: 4, cpu: 2 });
  });

  test('is never below 1, and small differences are none', () => {
    assert.deepEqual(factor([0.2, 0.2]), { wall: 1, cpu: 1 });
    assert.deepEqual(factor([0.57, 0.55]), { wall: 1, cpu: 1 });
    assert.deepEqual(factor([0.5, 0.8]), { wall: 1, cpu: 1 });
  });

  test('is unknown without a reference, of another Node, and when nothing was measured', () => {
    assert.equal(slowerThan(null, [{ wallMs: 1, leastMs: 1 }], '20.20.2'), null);
    assert.equal(slowerThan(reference, [{ wallMs: 1, leastMs: 1 }], '22.0.0'), null);
    assert.equal(factor(), null);
  });
});

function machine(slower: Slower | null, load = 1): Machine {
  return { cores: 2, load, slower };
}

test('a machine is worth a word when it is slower, or busy where nothing else is known', () => {
  assert.equal(isSlow(machine({ wall: 1.8, cpu: 1 })), true);
  assert.equal(isSlow(machine({ wall: 1, cpu: 1 }, 9)), false);
  assert.equal(isSlow(machine(null, 3)), false);
  assert.equal(isSlow(machine(null, 3.1)), true);
});

/** A test tried alone: its time, and time and processor time of the run it was in, 200 ms of start-up included. */
function tried(durationMs: number, cpuMs: number, startMs = 200): Test {
  const within = { wallMs: durationMs + startMs, cpuMs };
  return aTest({ durationMs, attempts: [anAttempt({ durationMs }), anAloneAttempt({ durationMs, within })] });
}

const twice = machine({ wall: 2, cpu: 1 });

describe('the time of a test on the reference', () => {
  test('halves where it only computes, on a machine that gives it half of its time', () => {
    assert.equal(calibratedMs(tried(4_000, 2_100), twice), 2_000);
  });

  test('is the same where it only waits', () => {
    assert.equal(calibratedMs(tried(4_000, 100), twice), 4_000);
  });

  test('loses only what its computing was delayed', () => {
    assert.equal(calibratedMs(tried(5_000, 1_100), twice), 4_000);
  });

  test('is no shorter than its processor time: a factor that is wrong forgives nothing to what computed all the time', () => {
    assert.equal(calibratedMs(tried(13_000, 13_200), machine({ wall: 8, cpu: 1 })) > 12_900, true);
  });

  test('is no shorter than what the test was seen to wait on timers', () => {
    const waits = { ...tried(4_000, 2_100), explanation: explained(aTrace({ timers: 3_500 }, { wallMs: 4_000 }), null) };
    assert.equal(calibratedMs(waits, twice), 3_500);
    assert.equal(calibratedMs({ ...waits, explanation: explained(aTrace({ timers: 9_000 }, { wallMs: 9_100 }), null) }, twice), 4_000);
  });

  test('follows a processor that is slower itself', () => {
    assert.equal(Math.round(calibratedMs(tried(4_000, 4_200), machine({ wall: 2, cpu: 2 }))), 2_000);
  });

  test('is that of here without a machine, a reference, or a count of processor time', () => {
    assert.equal(calibratedMs(tried(4_000, 2_100), undefined), 4_000);
    assert.equal(calibratedMs(tried(4_000, 2_100), machine(null)), 4_000);
    assert.equal(calibratedMs(aTest({ attempts: [anAloneAttempt({ durationMs: 4_000 })] }), twice), 4_000);
  });

  test('is never longer than here, never less than a sixth, and a number', () => {
    for (const wall of [1.2, 3, 90, 1e9])
      for (const cpuMs of [0, 50, 900, 1e6]) {
        const ms = calibratedMs(tried(1_000, cpuMs), machine({ wall, cpu: 1 }));
        assert.ok(ms <= 1_000 && ms >= 166, `${wall} ${cpuMs}: ${ms}`);
      }
  });
});

test('the suite computes on several processors at once', () => {
  const run = aRun(undefined, { wallMs: 100_000, cpuMs: 100_000, workers: 2, machine: twice });
  assert.equal(calibratedSuiteMs(run), 50_000);
  assert.equal(calibratedSuiteMs({ ...run, cpuMs: 20_000 }), 90_000);
  assert.equal(calibratedSuiteMs({ ...run, cpuMs: null }), 100_000);
  assert.equal(calibratedSuiteMs({ ...run, cpuMs: null, bareWallMs: 80_000, bareCpuMs: 40_000 }), 60_000);
});
