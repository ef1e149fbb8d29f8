import { formatDuration } from '../formats/duration.ts';
import { matcher } from '../formats/globs.ts';
import { quote } from '../formats/jsonc.ts';
import { DEFAULTS } from './defaults.ts';

/** What a first configuration says; null where the default holds. */
export type StartingConfig = {
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[] | null;
  /** The floor in per cent of lines, and what was held when it was set, as it is shown. */
  readonly floor: { readonly pct: number; readonly held: string } | null;
  /** Where limits come from that are taken over, such as `c8 in scripts.test`. */
  readonly floorFrom: string | null;
  /** What the suite needed, as it is shown, and the limits in ms that leave room for it; null where the default does. */
  readonly suite: { readonly needed: string; readonly budgetMs: number | null; readonly idealMs: number | null };
  /** How many skipped or todo tests have no reason. */
  readonly skipsWithoutReason: number;
  readonly triggers: readonly string[] | null;
};

/** The text of a first `pushgate.jsonc`: only what differs from the defaults, and why. */
export function startingConfig(start: StartingConfig): string {
  const sections = [coverageLines(start), suiteLines(start), testLines(start), pushLines(start)].filter((lines) => lines.length > 0);
  return [
    '{',
    `  "$schema": ${quote('./node_modules/pushgate/dist/schema/config.json')},`,
    '  // Only what differs from the defaults stands here.  pushgate config   prints every setting and where it comes from.',
    ...sections.flat().map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}

function coverageLines({ include, exclude, floor, floorFrom }: StartingConfig): string[] {
  const note = floorFrom === null ? [] : [`// The limits of coverage are those of ${oneLine(floorFrom)}.`];
  const lines = [
    ...(include === null
      ? []
      : ['// There is no src folder: these are the sources of which the tests ran something.', `"include": ${list(include)},`]),
    ...(exclude === null
      ? []
      : [
          '// What was left out already, and what no test loads: made by a build, or not counted so far.',
          ...listLines('exclude', exclude),
        ]),
    ...(floor === null
      ? []
      : [
          `// ${floor.held} of lines ran when this was written; half a point less leaves room for runs that differ. Raise it as coverage grows.`,
          `"floor": ${floor.pct},`,
        ]),
  ];
  return lines.length === 0 ? note : [...note, '"coverage": {', ...lines.map((line) => `  ${line}`), '},'];
}

function suiteLines({ suite: { needed, budgetMs, idealMs } }: StartingConfig): string[] {
  const limits = [
    ...(budgetMs === null ? [] : [`"budget": ${quote(formatDuration(budgetMs))}`]),
    ...(idealMs === null ? [] : [`"ideal": ${quote(formatDuration(idealMs))}`]),
  ];
  if (limits.length === 0) return [];
  const [what, usual] = budgetMs === null ? ['needs no warning', DEFAULTS.idealMs] : ['is allowed', DEFAULTS.budgetMs];
  return [
    `// The suite took ${needed}; up to a fifth more ${what} until it fits into the default of ${formatDuration(usual)}.`,
    `"suite": { ${limits.join(', ')} },`,
  ];
}

function testLines({ skipsWithoutReason: skips }: StartingConfig): string[] {
  if (skips === 0) return [];
  const [have, say] = skips === 1 ? ['1 skipped or todo test has', 'it says'] : [`${skips} skipped or todo tests have`, 'they say'];
  return [`// ${have} no reason: remove this line once ${say} why.`, '"tests": { "skipNeedsReason": false },'];
}

function pushLines({ triggers }: StartingConfig): string[] {
  if (triggers === null) return [];
  return [
    '// A push that changes none of these, and nothing that tests were seen to read, is not judged.',
    `"push": { "triggers": ${list(triggers)} },`,
  ];
}

const WIDE = 120;

/** A list on one line, or where that is wide one glob a line. */
function listLines(key: string, globs: readonly string[]): string[] {
  const line = `${quote(key)}: ${list(globs)},`;
  return line.length <= WIDE ? [line] : [`${quote(key)}: [`, ...globs.map((glob) => `  ${quote(glob)},`), '],'];
}

function list(globs: readonly string[]): string {
  return `[${globs.map(quote).join(', ')}]`;
}

/** Names come from files: no line break of theirs ends a comment. */
function oneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** What a push has to be judged for: globs of sources and tests, the lock file, and the files known today that the globs are for. */
export type Judged = {
  /** The globs that hold when none are written. */
  readonly usual: readonly string[];
  readonly sources: readonly string[];
  readonly tests: readonly string[];
  readonly lockFile: string | null;
  readonly files: readonly string[];
};

/** The files that make a push worth judging, where the usual globs miss some of them; null where those will do. */
export function startingTriggers({ usual, sources, tests, lockFile, files }: Judged): string[] | null {
  const lockFiles = lockFile === null ? [] : [lockFile];
  const isUsual = matcher(usual);
  const missed = [...files, ...lockFiles].filter((file) => !isUsual(file));
  if (missed.length === 0) return null;
  const globs = [...sources, ...tests, ...lockFiles].filter((glob) => missed.some(matcher([glob])));
  return [...new Set([...usual, ...globs])];
}
