import { relative, resolve } from 'node:path';

import { nearest } from '../../formats/did-you-mean.ts';
import { type PushgateError, usageError } from '../../model/error.ts';
import { fastestMs, isWholeFile, testKey, testsOf, type Test } from '../../model/test-run.ts';
import { clean } from '../../report/units.ts';
import type { Allowlist } from './allowlist.ts';

/** A test that an entry can be about. Tests that share file and name are one, since an entry cannot tell them apart. */
export type Candidate = {
  readonly file: string;
  readonly name: string;
  /** Where it is defined; empty when only the allowlist knows it. */
  readonly lines: readonly number[];
  /** Its own time in the last run, the slowest of those that share its name; null when it did not run. */
  readonly measuredMs: number | null;
  /** The allowlist names it. */
  readonly known: boolean;
};

/** The tests of the last run, and those that only the allowlist names. */
export function candidatesOf({ last, entries }: Pick<Allowlist, 'last' | 'entries'>): Candidate[] {
  const byKey = new Map<string, Candidate>();
  for (const { file, name } of entries) byKey.set(testKey({ file, name }), { file, name, lines: [], measuredMs: null, known: true });
  for (const test of last ? testsOf(last.run) : []) {
    if (!isWholeFile(test)) byKey.set(testKey(test), joined(byKey.get(testKey(test)), test));
  }
  return [...byKey.values()];
}

function joined(known: Candidate | undefined, test: Test): Candidate {
  const measured = [known?.measuredMs ?? null, test.outcome === 'skipped' ? null : fastestMs(test)].filter((ms) => ms !== null);
  const lines = [...new Set([...(known?.lines ?? []), test.line])];
  const measuredMs = measured.length > 0 ? Math.max(...measured) : null;
  return { file: test.file, name: test.name, lines, measuredMs, known: known?.known ?? false };
}

/** How a user names a test: its title or a part of it, or `file:line`; `cwd` and `root` are absolute. */
export type Target = {
  readonly text: string;
  readonly cwd: string;
  readonly root: string;
  readonly hasLastRun: boolean;
  /** Which of several tests on one line a message of the gate is about: those over the slow limit. */
  readonly isSlow: (candidate: Candidate) => boolean;
};

/**
 * The one test that is meant. What says most counts first: `file:line` (of several tests there the slow one), then the full title path, the last title, a part of the path, the
 * file. Throws a usage error that lists the tests when several are meant, or what is near when none is.
 */
export function findTest(candidates: readonly Candidate[], target: Target): Candidate {
  const place = placeIn(target);
  const wanted = target.text;
  const lower = wanted.toLowerCase();
  const isThere = (one: Candidate): boolean => place.line !== null && one.file === place.file && one.lines.includes(place.line);
  const slow = candidates.filter((one) => isThere(one) && target.isSlow(one));
  const unaccepted = slow.filter((one) => !one.known);
  const tiers: ((one: Candidate) => boolean)[] = [
    (one) => one === onlyOne(unaccepted),
    (one) => one === onlyOne(slow),
    isThere,
    // A title with control characters is shown escaped, so that is how it is typed.
    (one) => one.name === wanted || clean(one.name) === wanted,
    (one) => one.name.endsWith(` > ${wanted}`) || clean(one.name).endsWith(` > ${wanted}`),
    (one) => lower.trim() !== '' && one.name.toLowerCase().includes(lower),
    (one) => place.line === null && one.file === place.file,
  ];
  for (const tier of tiers) {
    const found = candidates.filter(tier);
    if (found.length > 1) throw ambiguous(wanted, found);
    if (found[0]) return found[0];
  }
  throw notFound(candidates, target, place);
}

function onlyOne(found: readonly Candidate[]): Candidate | null {
  return found.length === 1 ? (found[0] ?? null) : null;
}

type Place = { readonly file: string; readonly line: number | null };

/** Files are named as from where the user stands, tests know them as from the root. */
function placeIn({ text, cwd, root }: Target): Place {
  const [, file = text, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(text) ?? [];
  return { file: relative(root, resolve(cwd, file)).replaceAll('\\', '/'), line: line === undefined ? null : Number(line) };
}

const SHOWN = 10;

function ambiguous(wanted: string, found: readonly Candidate[]): PushgateError {
  return usageError(
    `"${clean(wanted)}" names ${found.length} tests:\n${listed(found)}`,
    'Name one of them by its full title, or as file:line.',
  );
}

function notFound(candidates: readonly Candidate[], { text, hasLastRun }: Target, place: Place): PushgateError {
  if (!hasLastRun)
    return usageError('There is no last run to find the test in.', 'pushgate check   runs the suite; then repeat this command');
  const shown = clean(text);
  const inFile = candidates.filter((one) => one.file === place.file && one.lines.length > 0);
  if (place.line !== null && inFile.length > 0)
    return usageError(`No test starts at ${shown}. In this file the last run saw:\n${listed(inFile)}`, 'Name one of them.');
  const near = nearest(text, [...new Set(candidates.map((one) => one.name))]);
  return usageError(
    `No test of the last run is named "${shown}".`,
    ...(near === null ? [] : [`Did you mean "${clean(near)}"?`]),
    'pushgate check   runs the suite again, new tests included',
  );
}

function listed(candidates: readonly Candidate[]): string {
  const rows = candidates.slice(0, SHOWN).map((one) => `  ${placeOf(one)}  ${clean(one.name)}`);
  return [...rows, ...(candidates.length > SHOWN ? [`  … and ${candidates.length - SHOWN} more`] : [])].join('\n');
}

/** `file:line`, or the file alone when the line is unknown. */
export function placeOf({ file, lines }: Pick<Candidate, 'file' | 'lines'>): string {
  return lines[0] === undefined ? clean(file) : `${clean(file)}:${lines[0]}`;
}
