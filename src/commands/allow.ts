import { usageError } from '../model/error.ts';
import { clean, plural } from '../report/units.ts';
import type { Io } from '../system/io.ts';
import { openAllowlist } from './allow/allowlist.ts';
import { allowTest, type EntryOptions } from './allow/entry.ts';
import { listEntries } from './allow/list.ts';
import { prune } from './allow/prune.ts';
import { openProject, type ProjectOptions } from './project.ts';

export type AllowOptions = ProjectOptions &
  EntryOptions & {
    /** Title of the test, a part of it, or `file:line`; with `check`, names of staged files, which lint-staged appends. */
    readonly tests?: readonly string[] | undefined;
    readonly list?: boolean | undefined;
    readonly prune?: boolean | undefined;
    readonly dryRun?: boolean | undefined;
    readonly check?: boolean | undefined;
  };

/**
 * Accepts a slow test, or lists, prunes or validates the list of accepted ones. Returns the exit code; throws a `PushgateError` for what
 * cannot be used (2) and for a last run that proves nothing (3).
 */
export async function allow(io: Io, options: AllowOptions): Promise<number> {
  refuseMixes(options);
  const project = openProject(io, options);
  const { path, entries } = project.policy.knownSlow;
  if (options.check === true) {
    // Opening the project has read the configuration and the allowlist and thrown for whatever is wrong in them.
    io.stdout.write(`✔ ${clean(path)} is valid: ${plural(entries.length, 'entry', 'entries')}.\n`);
    return 0;
  }
  const allowlist = await openAllowlist(project);
  if (options.list === true) return listEntries(io, allowlist);
  if (options.prune === true) return prune(io, allowlist, options.dryRun === true);
  const [test = '', ...more] = options.tests ?? [];
  if (more.length > 0) throw usageError('One test at a time.', 'Put a title that holds spaces in quotes.');
  if (test.trim() !== '') return allowTest(io, allowlist, test, options);
  throw usageError(
    'No test is named.',
    'pushgate allow <title or file:line> --reason "…"   accepts one',
    'pushgate allow --list   shows those accepted',
  );
}

function refuseMixes({ tests, list, prune: prunes, check, dryRun, reason, ceiling, owner, expires }: AllowOptions): void {
  const [mode] = Object.entries({ list, prune: prunes, check }).flatMap(([name, on]) => (on === true ? [name] : []));
  if (dryRun === true && prunes !== true)
    throw usageError('--dry-run goes with --prune.', 'pushgate allow --prune --dry-run   shows what pruning would change');
  if (mode === undefined) return;
  const aboutOneTest = [reason, ceiling, owner, expires].some((value) => value !== undefined);
  const namesTest = (tests ?? []).length > 0 && mode !== 'check';
  if (aboutOneTest || namesTest)
    throw usageError(`--${mode} is about the whole list, not about one test.`, `pushgate allow --${mode}   is all it takes`);
}
