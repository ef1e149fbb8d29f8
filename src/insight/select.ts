import type { FileRecord, Input, KeptRun, Reason } from '../model/inputs.ts';

/** What is to be decided: the test files there are, what all of them depend on now, and the states of inputs. */
export type Situation = {
  readonly files: readonly string[];
  readonly key: ReadonlyMap<string, string>;
  readonly stateOf: (input: Input) => string;
  /** Whether the configuration wants a test file to run every time. */
  readonly always: (file: string) => boolean;
};

/**
 * Which test files run again, and why; those that are missing come out as they are kept. Every file runs when something changed that all
 * depend on, or when nothing is kept.
 */
export function select(kept: Pick<KeptRun, 'key' | 'records'> | null, now: Situation): Map<string, Reason> {
  const part = kept === null ? null : firstDifference(kept.key, now.key);
  const reasons = new Map<string, Reason>();
  for (const file of now.files) {
    const reason = part === null ? whyAgain(kept?.records.get(file), file, now) : ({ kind: 'key', part } as const);
    if (reason !== null) reasons.set(file, reason);
  }
  return reasons;
}

function whyAgain(record: FileRecord | undefined, file: string, now: Situation): Reason | null {
  if (record === undefined) return { kind: 'new' };
  if (now.always(file)) return { kind: 'always' };
  if (record.untracked !== null) return { kind: 'untracked', why: record.untracked };
  for (const [input, state] of record.states) if (now.stateOf(input) !== state) return { kind: 'changed', input };
  return null;
}

function firstDifference(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string | null {
  for (const name of new Set([...now.keys(), ...before.keys()])) if (before.get(name) !== now.get(name)) return name;
  return null;
}

/** Some of the files that need not run, chosen by numbers in [0, 1): run all the same, they show whether that is so. */
export function sampleOf(files: readonly string[], chosen: ReadonlyMap<string, Reason>, random: readonly number[]): string[] {
  const left = files.filter((file) => !chosen.has(file));
  return random.flatMap((number) => left.splice(Math.floor(number * left.length), 1));
}
