import { EXIT, unprovenError } from '../../model/error.ts';
import type { Verdict } from '../../model/finding.ts';
import { ALL_GATES } from '../../model/policy.ts';
import { testsOf } from '../../model/test-run.ts';
import { clean } from '../../report/units.ts';
import type { Io, Output } from '../../system/io.ts';
import type { Repository } from '../../system/repository.ts';
import { judgeSuite, type CheckOptions, type Occasion } from '../check.ts';
import { readCheckout } from './checkout.ts';
import type { Pushed } from './judge-commit.ts';
import { openPlace, whyPrivate, type Place, type Wanted } from './place.ts';

/** The files of a work tree changed while they were judged in place of a commit. */
class WorkTreeChanged extends Error {}

type How = { readonly options: CheckOptions; readonly occasion: Occasion };

/** In the work tree when that is the commit before and after, else in a private copy. */
export async function judgeSomewhere(io: Io, repo: Repository, pushed: Pushed, how: How): Promise<number> {
  const { config } = pushed.terms;
  try {
    return await judgeAt(io, repo, { commit: pushed.commit, folder: pushed.folder, config }, { pushed, ...how });
  } catch (error) {
    if (!(error instanceof WorkTreeChanged)) throw error;
    if (config.push.isolate === 'never') {
      throw unprovenError(
        `The work tree changed while the suite ran: ${error.message}.`,
        'Leave the files alone until the push is through.',
      );
    }
    io.stderr.write(`ℹ The work tree changed while the suite ran (${clean(error.message)}): judging again, apart from it.\n`);
    const apart = { ...config, push: { ...config.push, isolate: 'always' as const } };
    return judgeAt(io, repo, { commit: pushed.commit, folder: pushed.folder, config: apart }, { pushed, ...how });
  }
}

async function judgeAt(io: Io, repo: Repository, wanted: Wanted, { pushed, options, occasion }: How & { pushed: Pushed }): Promise<number> {
  const place = await openPlace(io, repo, wanted);
  try {
    if (place.privateFor !== null) io.stderr.write(`ℹ Judging ${pushed.name} in a private copy: ${clean(place.privateFor, 200)}.\n`);
    let told: Told = { builds: false, texts: [] };
    const settle: Occasion['settle'] = async (verdict, suite) => {
      told = { builds: suite.plan.steps.some((step) => step.kind === 'setup'), texts: failuresIn(verdict) };
      if (place.privateFor === null) await demandUnchanged(repo, wanted);
      return occasion.settle(verdict, suite);
    };
    const exitCode = await judgeSuite(seenFrom(io, place, wanted.folder), { ...options, gates: ALL_GATES }, { ...occasion, settle });
    if (exitCode !== EXIT.passed) adviseOnIgnored(io, place, wanted, told);
    return exitCode;
  } finally {
    place.close();
  }
}

/** What is printed names the user's files: the copy's are of no use to whoever has to mend something. */
function seenFrom(io: Io, place: Place, folder: string): Io {
  if (place.top === null || place.privateFor === null) return { ...io, cwd: place.root };
  const copy = folder === '' ? place.root : place.root.slice(0, -folder.length - 1);
  const { top } = place;
  const named = (output: Output): Output => ({
    write: (text) => output.write(text.replaceAll(copy, () => top)),
    isTTY: output.isTTY,
    get columns() {
      return output.columns;
    },
  });
  return { ...io, cwd: place.root, stdout: named(io.stdout), stderr: named(io.stderr) };
}

async function demandUnchanged(repo: Repository, wanted: Wanted): Promise<void> {
  // What tests leave in ignored files is theirs; what they ran on was read before.
  const checkout = await readCheckout(repo, wanted.folder, []);
  const why = await whyPrivate(repo, wanted, checkout);
  if (why !== null) throw new WorkTreeChanged(why);
}

/** Of a suite that did not pass: whether it builds something itself, and what its failures say. */
type Told = { readonly builds: boolean; readonly texts: readonly string[] };

function failuresIn({ run, unproven }: Verdict): string[] {
  const outputs = unproven.map((each) => ('output' in each ? each.output : ''));
  return [...testsOf(run).map(({ failure }) => failure ?? ''), ...outputs].filter((text) => text !== '');
}

/**
 * A suite that fails only for want of a build that git ignores fails in any clone; the person has to be told which it may be. What the
 * suite builds itself is there, unless something was looked for in vain.
 */
function adviseOnIgnored(io: Io, { ignored }: Place, { config }: Wanted, { builds, texts }: Told): void {
  const missed = ignored.filter((path) => texts.some((text) => text.includes(`/${path}`)));
  const paths = missed.length > 0 ? missed : builds ? [] : ignored;
  if (paths.length === 0 || config.push.prepare !== null) return;
  const named = paths.slice(0, 3).map((path) => clean(path, 60));
  const list = `${named.join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;
  const [head, need] =
    missed.length > 0
      ? [`What failed names ${list}, which is not in the private copy: git ignores it.`, 'Name']
      : [`Not in the private copy, for git ignores it: ${list}.`, 'If the tests need it, name'];
  io.stderr.write(`ℹ ${head}\n  → ${need} what makes it:  "push": { "prepare": "npm run build" } in pushgate.jsonc\n`);
}
