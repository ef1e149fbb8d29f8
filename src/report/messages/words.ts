import { isWholeFile } from '../../model/test-run.ts';
import type { Context } from '../context.ts';
import { clean, shellWord } from '../units.ts';

/** A finding, or a piece of missing evidence, in words: already cleaned, without colour, indentation or arrows. */
export type Words = {
  /** One sentence: the measured value, then the limit. */
  readonly headline: string;
  /** The distance in a unit one can act on, and the place. */
  readonly distance: readonly string[];
  /** Lines of a table or labelled lines, aligned. */
  readonly evidence: readonly string[];
  /** At most three next steps: making the code better before raising a limit. */
  readonly advice: readonly string[];
  /** Where the limit is set, a whole sentence; null when there is none. */
  readonly limit: string | null;
  readonly file: string | null;
  /** 1-based; null when unknown. */
  readonly line: number | null;
  /** Measured value and limit, in per cent or ms; null when the finding has none. */
  readonly actual: number | null;
  readonly allowed: number | null;
};

const EMPTY: Words = {
  headline: '',
  distance: [],
  evidence: [],
  advice: [],
  limit: null,
  file: null,
  line: null,
  actual: null,
  allowed: null,
};

/** Words with what is not said left empty. */
export function words(parts: Partial<Words> & Pick<Words, 'headline'>): Words {
  return { ...EMPTY, ...parts };
}

export const MOST_ROWS = 5;

/** The first rows, and how many were left out. */
export function firstRows<Item>(items: readonly Item[]): { rows: readonly Item[]; more: readonly string[] } {
  const left = items.length - MOST_ROWS;
  return { rows: items.slice(0, MOST_ROWS), more: left > 0 ? [`… and ${left} more`] : [] };
}

type Place = { readonly file: string; readonly name: string; readonly line: number };

/** `test/a.test.ts:31`, without the line when it is unknown. */
export function placeOf(test: Pick<Place, 'file' | 'line'>): string {
  return test.line > 0 ? `${clean(test.file)}:${test.line}` : clean(test.file);
}

/** `test/a.test.ts:31  retry > gives up`. */
export function locationOf(test: Place): string {
  return isWholeFile(test) ? clean(test.file) : `${placeOf(test)}  ${clean(test.name)}`;
}

/** The command that runs a test alone where its name can say so, else its file; and what it does. */
export function runAlone(test: Place & { readonly enclosing?: string | null }, context: Context): string {
  const command = clean(context.testCommand(test.file));
  const file = shellWord(clean(test.file.startsWith('-') ? `./${test.file}` : test.file));
  const name = test.enclosing ?? test.name;
  // A name with escapes or an end that was cut off would not match itself.
  if (isWholeFile(test) || name === '' || clean(name) !== name) return `${command} ${file}   runs its file alone`;
  const whole = name === test.name ? 'runs it alone' : 'runs it with the test around it';
  return `${command} --test-name-pattern=${shellWord(patternOf(name))} ${file}   ${whole}`;
}

/** A pattern every version matches: some against the test's own title, some against the titles around it as well. */
function patternOf(name: string): string {
  const titles = name.split(' > ');
  const own = (titles.at(-1) ?? '').replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return titles.length > 1 ? `${own}$` : `^${own}$`;
}

/** `Limit: slow.limit in pushgate.jsonc.` */
export function limitLine(context: Context, key: string): string {
  return `Limit: ${clean(context.whereIs(key))}.`;
}
