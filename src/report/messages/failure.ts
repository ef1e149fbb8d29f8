import { cleanLines } from '../units.ts';

const MOST_LINES = 1_000;

const isFrame = (line: string): boolean => /^\s*at /.test(line);
/** Of Node itself, of a package, and of what pushgate loads into the process. */
const isForeign = (line: string): boolean => /\bnode:[\w/]+:\d+|[\\/]node_modules[\\/]/.test(line) || OURS.test(line);
const OURS = /[\\/]dist[\\/]src[\\/]runners[\\/]node-test[\\/][\w-]+\.c?js:\d+/;
/** One side of a difference, or who required what is missing. */
const isSide = (line: string): boolean => /^[+-] (?!actual - expected)/.test(line);

/** What a failure says, and the first place of the project's own in its stack. */
function readFailure(failure: string): { said: readonly string[]; frame: string | null } {
  const lines = cleanLines(failure, 'start', MOST_LINES);
  // Node shows the line that threw, and a caret: it says nothing where that is only where pushgate passes an error on.
  const thrown = lines.findIndex((line) => !isFrame(line) && OURS.test(line) && /:\d+$/.test(line));
  const kept = thrown < 0 ? lines : [...lines.slice(0, thrown), ...lines.slice(thrown + 3)];
  const said = kept.filter((line) => !isFrame(line) && !/^Node\.js v\d/.test(line));
  // Of a file that failed as a whole, where something follows that says why.
  const telling = said.length > 1 && said[0] === 'test failed' ? said.slice(1) : said;
  return { said: compared(telling), frame: kept.find((line) => isFrame(line) && !isForeign(line)) ?? null };
}

/** Where Node shows both values in full (of a loose comparison), the lines of each that the other has not, as it shows other differences. */
function compared(said: readonly string[]): readonly string[] {
  const middle = said.findIndex((line) => /^should (?:not )?loosely deep-equal$/.test(line));
  if (middle < 0) return said;
  const [actual, expected] = [said.slice(1, middle), said.slice(middle + 1)];
  const sides = [
    ...actual.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`),
    ...expected.filter((line) => !actual.includes(line)).map((line) => `- ${line}`),
  ];
  return sides.length === 0 ? said : [said[0] ?? '', ...sides];
}

/** So many lines of a failure at most: what it says, of a long comparison the sides that differ, and where it happened. */
export function failureLines(failure: string, count = 5): string[] {
  const { said, frame } = readFailure(failure);
  const room = frame === null ? count : count - 1;
  const end = frame === null ? [] : [frame];
  if (said.length <= room) return [...said, ...end];
  const [head = '', ...rest] = said;
  const sides = rest.filter(isSide);
  const shown = (sides.length > 0 ? sides : rest).slice(0, room - 1);
  // One line at least of what was expected.
  const other = sides.find((line) => line.startsWith('-'));
  if (other !== undefined && shown.length > 1 && !shown.some((line) => line.startsWith('-'))) shown.splice(-1, 1, other);
  return [head, ...shown, ...end];
}

/** A failure in one line: of a comparison the values, since what Node says before them is always the same. */
export function failureLine(failure: string): string {
  const [head = '', ...rest] = readFailure(failure).said;
  const message = head.replace(/^AssertionError \[ERR_ASSERTION\]: /, '');
  if (!/^Expected .*:$/.test(message)) return message;
  const sides = ['+', '-'].flatMap((side) => rest.find((line) => isSide(line) && line.startsWith(side)) ?? []);
  return (sides.length > 0 ? sides.join('  ') : rest[0]) ?? message;
}
