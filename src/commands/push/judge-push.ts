import { isSsh, worstExit, type PushedRef } from '../../insight/push.ts';
import { PushgateError, unprovenError, usageError } from '../../model/error.ts';
import { clean } from '../../report/units.ts';
import type { Io } from '../../system/io.ts';
import { openRepository, type Repository } from '../../system/repository.ts';
import { short } from './changes.ts';
import { projectFolder } from './folder.ts';
import type { Pushed } from './judge-commit.ts';
import { termsAt } from './terms.ts';
import { basesOf, tipsOf, type Tip } from './tips.ts';
import { touchedOf } from './touched.ts';

/** What git tells a hook of the remote. The address may hold a secret: it is looked at, and never printed or stored. */
export type Remote = { readonly remote: string; readonly url: string };

const OPTIONS = { again: 'push again', brief: true };

/** Judges the distinct trees that a push brings to branches, one after the other; the worst exit code is the push's. */
export async function judgePush(io: Io, remote: Remote, updates: readonly PushedRef[]): Promise<number> {
  const repo = await openRepository(io.cwd, io.env);
  if (repo === null) throw usageError('git does not find the repository that is pushed.', 'Call the hook from inside it, as git does.');
  const folder = projectFolder(repo, io.cwd);
  const tips = await tipsOf(repo, updates);
  const codes: number[] = [];
  for (const tip of tips) {
    // oxlint-disable-next-line no-await-in-loop -- suites that ran at once would slow each other down
    const code = await judgeTip(io, repo, { remote, folder, tip, several: tips.length > 1 });
    // Ctrl-C is meant for all of them.
    if (code >= 128) return code;
    codes.push(code);
  }
  return worstExit(codes);
}

type Judged = { readonly remote: Remote; readonly folder: string; readonly tip: Tip; readonly several: boolean };

/** One commit, from the question whether it concerns the suite to its exit code. */
async function judgeTip(io: Io, repo: Repository, { remote, folder, tip, several }: Judged): Promise<number> {
  const say = (text: string): void => io.stderr.write(`${text}\n`);
  const name = `${short(tip.commit)} (${clean(tip.branches.join(', '), 100)})`;
  try {
    const bases = await basesOf(repo, remote.remote, tip);
    const terms = await termsAt(io, repo, tip.commit, folder);
    if (terms === null) return await withoutProject(io, repo, folder, { name, bases, say });
    const { touched, read } = await touchedOf(repo, folder, { commit: tip.commit, bases, triggers: terms.config.push.triggers });
    if (touched.length === 0) {
      say(`ℹ Nothing that push.triggers names differs in ${name}; not judged.`);
      return 0;
    }
    if (several) say(`ℹ Judging ${name}.`);
    if (read !== null) say(`ℹ ${clean(read, 200)} differs in ${name}. push.triggers does not name it, but tests read it.`);
    const { judgeCommit } = await import('./judge-commit.ts');
    const codes: number[] = [];
    for (const base of touched) {
      if (codes.length > 0) say(`ℹ ${name} is compared with ${base === null ? 'nothing' : short(base)} too, for another of its branches.`);
      const pushed: Pushed = { commit: tip.commit, tree: tip.tree, name, folder, base, terms, isSsh: isSsh(remote.url) };
      // oxlint-disable-next-line no-await-in-loop -- the second finds what the first has left
      const code = await judgeCommit(io, repo, pushed, OPTIONS);
      if (code >= 128) return code;
      codes.push(code);
    }
    return worstExit(codes);
  } catch (error) {
    if (error instanceof PushgateError && error.exitCode >= 128) return error.exitCode;
    if (several) say(`✖ ${name}:`);
    const { endWith } = await import('../end.ts');
    return endWith(io, OPTIONS, error);
  }
}

/** A commit such as that of a page branch has no project: nothing to judge, unless there was one and it is gone. */
async function withoutProject(
  io: Io,
  repo: Repository,
  folder: string,
  { name, bases, say }: { name: string; bases: readonly (string | null)[]; say: (text: string) => void },
): Promise<number> {
  const before = await Promise.all(bases.map(async (base) => (base === null ? null : termsAt(io, repo, base, folder).catch(() => null))));
  if (before.some((terms) => terms !== null)) {
    throw unprovenError(
      `${name} has no package.json any more: there is no suite left to judge it by.`,
      'git push --no-verify   if that is meant',
    );
  }
  say(`ℹ ${name} has no package.json: nothing to judge.`);
  return 0;
}
