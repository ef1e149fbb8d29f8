import type { LoadedConfig, Origin } from '../model/config.ts';
import type { Machine } from '../model/machine.ts';
import { ALL_GATES, type Gate, type Policy } from '../model/policy.ts';
import type { TestRun } from '../model/test-run.ts';

/** What the words of a verdict need to know besides the verdict. */
export type Context = {
  readonly policy: Policy;
  readonly gates: readonly Gate[];
  /** Where a limit is set, for the middle of a sentence: `coverage.floor in pushgate.jsonc`. */
  readonly whereIs: (key: string) => string;
  /** How the tests of a file are started, up to the file: `node --import tsx --test`. */
  readonly testCommand: (file: string) => string;
  /** What to do once it is fixed: `run pushgate check again`, `push again`. */
  readonly again: string;
  /** Whether every test file that ran again is listed with its reason, or only the first. */
  readonly why: boolean;
  /** One sentence each, shown first: the defaults used, what was understood of the test script. */
  readonly preface: readonly string[];
  /** The same, but not with a pass. */
  readonly prefaceOfFailure: readonly string[];
  /** Whether the project has a configuration; else the defaults hold. */
  readonly isSetUp: boolean;
  /** How long ago an equal run passed, when that is what is shown instead of a new one: `4 minutes ago`. */
  readonly verified: string | null;
  /** Processors the suite could use; null when unknown. */
  readonly cores: number | null;
  /** The machine around the confirmation of a missed time limit; null when none was. The renderers fill it in. */
  readonly machine: Machine | null;
  /** How many suspects of the run were too many to run again; the renderers fill it in. */
  readonly unconfirmed: TestRun['unconfirmed'];
};

/** The context of the words about one run. */
export function inRun(context: Context, run: TestRun): Context {
  return { ...context, machine: run.machine ?? null, unconfirmed: run.unconfirmed };
}

/** A context with its usual parts: the caller gives the policy and what it knows better. */
export function contextOf(parts: Pick<Context, 'policy' | 'whereIs'> & Partial<Context>): Context {
  return {
    gates: ALL_GATES,
    testCommand: () => 'node --test',
    again: 'run pushgate check again',
    why: false,
    preface: [],
    isSetUp: true,
    prefaceOfFailure: [],
    verified: null,
    cores: null,
    machine: null,
    unconfirmed: { slow: 0, failed: 0 },
    ...parts,
  };
}

/** Says where each limit of a loaded configuration is set. */
export function whereIsIn(loaded: Pick<LoadedConfig, 'file' | 'origins'>): (key: string) => string {
  const file = loaded.file ?? 'pushgate.jsonc';
  const inside = (key: string): string => (file.endsWith('package.json') ? `pushgate.${key}` : key);
  return (key) => {
    const origin = originOf(loaded.origins, key);
    switch (origin.kind) {
      case 'default':
        return `${inside(key)}, a default; set it in ${file}`;
      case 'coverage-tool':
        return `${key}, taken from ${origin.from}`;
      case 'file':
        return `${inside(key)} in ${origin.file}`;
    }
  };
}

/** The origin of a key, of a value inside it (`coverage.floor.lines`) or of the value it stands in. */
function originOf(origins: LoadedConfig['origins'], key: string): Origin {
  const exact = origins.get(key);
  if (exact) return exact;
  for (const [name, origin] of origins) {
    if (origin.kind !== 'default' && name.startsWith(`${key}.`)) return origin;
  }
  const parent = key.slice(0, Math.max(0, key.lastIndexOf('.')));
  return origins.get(parent) ?? { kind: 'default' };
}
