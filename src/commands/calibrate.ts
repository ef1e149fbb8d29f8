import { slowerThan } from '../insight/calibration.ts';
import type { Past } from '../model/checkpoint.ts';
import type { Verdict } from '../model/finding.ts';
import type { Machine, Pace } from '../model/machine.ts';
import type { Io } from '../system/io.ts';
import { machineLoad } from '../system/load.ts';

/** Measures the machine before and after what is in between. */
export type Calibration = { readonly after: () => Promise<Machine> };

/** Whether a verdict misses a limit of time, which the machine may have to do with. */
export function missesTime(verdict: Verdict): boolean {
  const codes = ['new-slow-test', 'known-slow-over-ceiling', 'suite-budget'];
  return verdict.findings.some(({ code, severity }) => severity === 'error' && codes.includes(code));
}

/** Begins to measure how much slower than the reference the machine is: a quarter of a second here, and another one at the end. */
export async function openCalibration(io: Io, { reference = null }: Past): Promise<Calibration> {
  const load = machineLoad();
  const before = reference === null ? null : await pace();
  return {
    after: async () => {
      const paces = [before, reference === null ? null : await pace()].filter((each) => each !== null);
      // Without both sides nothing is known of what was between.
      return { ...load, slower: paces.length < 2 ? null : slowerThan(reference, paces, io.nodeVersion) };
    },
  };
}

/** Null where it cannot be measured: that costs a word, never a verdict. */
async function pace(): Promise<Pace | null> {
  try {
    const { measurePace } = await import('../engine/reference.ts');
    return await measurePace();
  } catch {
    return null;
  }
}
