import type { Count } from '../model/coverage.ts';
import type { Difference } from '../insight/difference.ts';
import { partsOf, type Input, type Reason } from '../model/inputs.ts';
import type { TestRun } from '../model/test-run.ts';
import { clean, plural } from './units.ts';

/** How many files are listed unless all are asked for. */
const FIRST = 3;

/**
 * What an incremental run did: `2 of 120 test files ran again:` and why, file by file; `every` lists them all. Those that ran only to check
 * on what is kept are counted, and named only then. Empty where nothing was kept.
 */
export function reasonLines(run: TestRun, every: boolean): string[] {
  const { reasons } = run;
  if (reasons === undefined) return [];
  const forced = new Map([...reasons].filter(([, reason]) => reason.kind !== 'sample'));
  const sampled = reasons.size - forced.size;
  const all = plural(run.files.length, 'test file');
  if (forced.size === 0)
    return [`No test file of ${run.files.length} had to run again${sampled > 0 ? `; ${sampled} ran to check on what is kept` : ''}.`];
  const many = forced.size === run.files.length && forced.size > 1 ? `All ${all}` : `${forced.size} of ${all}`;
  const head = `${many} ran again${sampled > 0 ? `, and ${sampled} more to check on what is kept` : ''}`;
  const shared = sharedReason(forced);
  if (shared !== null && forced.size > FIRST && !every) return [`${head}: ${shared}.`];
  const listed = [...(every ? reasons : forced)].slice(0, every ? reasons.size : FIRST);
  const more = every ? 0 : forced.size - listed.length;
  const rows = listed.map(([file, reason]) => `  ${clean(file)}: ${reasonText(reason)}`);
  return [`${head}:`, ...rows, ...(more > 0 ? [`  … and ${more} more: pushgate check --why lists them.`] : [])];
}

function sharedReason(reasons: ReadonlyMap<string, Reason>): string | null {
  const texts = new Set([...reasons.values()].map(reasonText));
  return texts.size === 1 ? ([...texts][0] ?? null) : null;
}

/** Why a test file ran again, for the end of a sentence. */
function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'new':
      return 'nothing is kept of it';
    case 'key':
      return `${reason.part} changed`;
    case 'always':
      return 'run.always names it';
    case 'untracked':
      return clean(reason.why, 200);
    case 'changed':
      return changedText(reason.input);
    case 'sample':
      return 'chosen to see whether it comes out the same';
  }
}

function changedText(input: Input): string {
  const { kind, path } = partsOf(input);
  const name = clean(path, 160);
  switch (kind) {
    case 'file':
      return `${name} changed`;
    case 'absent':
      return `${name} is there now`;
    case 'names':
    case 'under':
      return `what ${name || 'the repository'} holds changed`;
    case 'stem':
      return `another file is named ${name} now`;
    case 'env':
      return `the variable ${name} changed`;
    case 'filenames':
      return 'files were added or removed, and it makes up names of modules';
    case 'everything':
      return `a file changed, and it uses ${name}, which may read any`;
  }
}

/** Says that a test file which was run only to check on it did not come out as it was kept. */
export function unlikeLines(file: string, found: Difference): string[] {
  return [
    `ℹ ${clean(file, 160)} came out otherwise, though nothing changed that it is known to depend on: ${differenceText(found)}.`,
    '  → Name what it depends on in run.inputs, or the test file in run.always, in pushgate.jsonc.',
  ];
}

/** In what an incremental run and a full one differ, for the middle of a sentence. */
export function differenceText(found: Difference): string {
  const file = clean(found.file, 160);
  if (found.kind === 'lines') return `other lines of ${file} ran`;
  if (found.kind === 'test') {
    const [before, now] = found.outcomes;
    return `${file}  ${clean(found.name, 120)} is ${before ?? 'missing'} in one and ${now ?? 'missing'} in the other`;
  }
  const text = (count: Count | null): string => (count === null ? 'not there' : `${count.covered} of ${count.total}`);
  return `${found.metric} of ${file} are ${text(found.counts[0])} in one and ${text(found.counts[1])} in the other`;
}
