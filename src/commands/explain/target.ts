import { relative, resolve } from 'node:path';
import { nearest } from '../../formats/did-you-mean.ts';
import { type PushgateError, usageError } from '../../model/error.ts';
import { isWholeFile, testsOf, type Test, type TestRun } from '../../model/test-run.ts';
import { locationOf } from '../../report/messages/words.ts';
import { clean } from '../../report/units.ts';
import { exists } from '../../system/files.ts';

/** What is to be run: a whole file, or one test in it; `line` picks a test once the file has run. */
export type Target = { readonly file: string; readonly test: Test | null; readonly line: number | null };

/** Where a name is looked up: the tests of the last run, if there was one, and the files below the root. */
export type Scope = { readonly cwd: string; readonly root: string; readonly last: TestRun | null };

const SHOWN = 10;

/**
 * The test or file that is meant by `file`, `file:line` (in a test, or where it begins), a full title path, a last title, or a part of the
 * path. Throws a usage error that lists the tests when several are meant, or what is near when none is.
 */
export function findTarget(text: string, scope: Scope): Target {
  const tests = scope.last === null ? [] : testsOf(scope.last).filter((test) => !isWholeFile(test));
  const named = byTitle(tests, text);
  if (named.length > 1) throw ambiguous(text, named);
  if (named[0] !== undefined) return { file: named[0].file, test: named[0], line: null };
  const place = placeIn(text, scope);
  if (place !== null) return { ...place, test: place.line === null ? null : testAt(tests, place.file, place.line) };
  const part = tests.filter((test) => text.trim() !== '' && test.name.toLowerCase().includes(text.toLowerCase()));
  if (part.length > 1) throw ambiguous(text, part);
  if (part[0] !== undefined) return { file: part[0].file, test: part[0], line: null };
  throw notFound(text, tests, scope);
}

/** Full titles first, then last titles. What is shown escaped may be typed so. */
function byTitle(tests: readonly Test[], text: string): Test[] {
  const full = tests.filter((test) => test.name === text || clean(test.name) === text);
  return full.length > 0 ? full : tests.filter((test) => test.name.endsWith(` > ${text}`) || clean(test.name).endsWith(` > ${text}`));
}

/** Files are named as from where the user stands, tests know them as from the root. Null when there is no such file. */
function placeIn(text: string, { cwd, root }: Scope): { file: string; line: number | null } | null {
  const [, named = text, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(text) ?? [];
  const path = resolve(cwd, named);
  if (!/\.[cm]?[jt]sx?$/.test(named) || !exists(path)) return null;
  return { file: relative(root, path).replaceAll('\\', '/'), line: line === undefined ? null : Number(line) };
}

/** The test that begins on a line. Files change: a line in the middle of one is looked up when the file has run. */
function testAt(tests: readonly Test[], file: string, line: number): Test | null {
  const there = tests.filter((test) => test.file === file && test.line === line);
  return there.length === 1 ? (there[0] ?? null) : null;
}

/** The test around a line among those of a file: the last that begins on it or above. */
export function testAround(tests: readonly Test[], line: number, text: string): Test {
  const above = tests.filter((test) => test.line > 0 && test.line <= line);
  const nearestLine = Math.max(...above.map((test) => test.line));
  const there = above.filter((test) => test.line === nearestLine);
  if (there.length > 1) throw ambiguous(text, there);
  if (there[0] !== undefined) return there[0];
  throw usageError(`No test begins on or above ${clean(text)}. The tests of this file:\n${listed(tests)}`, 'Name one of them.');
}

function ambiguous(text: string, tests: readonly Test[]): PushgateError {
  return usageError(
    `"${clean(text)}" names ${tests.length} tests:\n${listed(tests)}`,
    'Name one of them by its full title, or as file:line.',
  );
}

function notFound(text: string, tests: readonly Test[], { last }: Scope): PushgateError {
  const near = nearest(text, [...new Set(tests.flatMap((test) => [test.name, test.name.split(' > ').at(-1) ?? '', test.file]))]);
  const hints = near === null ? [] : [`Did you mean "${clean(near)}"?`];
  if (last === null)
    return usageError(
      `There is no file "${clean(text)}", and no last run to find a test of that name in.`,
      'pushgate check   runs the suite; or name a test file',
    );
  return usageError(`No test of the last run is named "${clean(text)}", and there is no such file.`, ...hints);
}

function listed(tests: readonly Test[]): string {
  const rows = tests.slice(0, SHOWN).map((test) => `  ${locationOf(test)}`);
  return [...rows, ...(tests.length > SHOWN ? [`  … and ${tests.length - SHOWN} more`] : [])].join('\n');
}
