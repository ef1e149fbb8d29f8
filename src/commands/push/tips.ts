import { isZero, type PushedRef } from '../../insight/push.ts';
import { unprovenError } from '../../model/error.ts';
import type { Repository } from '../../system/repository.ts';
import { textOf } from '../../system/repository.ts';
import { short } from './changes.ts';

/** A commit that a push makes the tip of one or more branches. */
export type Tip = {
  readonly commit: string;
  readonly tree: string;
  /** Branch names on the remote. */
  readonly branches: readonly string[];
  /** What those branches point to there now; zeros for a new one. */
  readonly remoteOids: readonly string[];
};

/**
 * The distinct trees of the pushed branches, each by the first commit that has it. What git says is no commit (a blob under refs/heads) is left
 * out. Throws (exit 3) when git cannot tell what is pushed.
 */
export async function tipsOf(repo: Repository, refs: readonly PushedRef[]): Promise<Tip[]> {
  const oids = [...new Set(refs.map((ref) => ref.localOid))];
  const asked = oids.flatMap((oid) => [oid, `${oid}^{commit}`, `${oid}^{tree}`]);
  const output = await repo.run(['cat-file', '--batch-check=%(objectname) %(objecttype)'], { input: `${asked.join('\n')}\n` });
  const found = (textOf(output)?.split('\n') ?? []).map((line) => /^([0-9a-f]+) (commit|tree|blob|tag)$/.exec(line));
  const tips = new Map<string, Tip>();
  for (const [index, oid] of oids.entries()) {
    const [pushed, ofCommit, ofTree] = found.slice(index * 3, index * 3 + 3);
    const [commit, tree] = [ofCommit?.[1], ofTree?.[1]];
    if (!pushed || (pushed[2] === 'commit' && (commit === undefined || tree === undefined))) {
      throw unprovenError(`git cannot read ${short(oid)}, which is pushed.`, 'git fsck   says what is missing or damaged');
    }
    if (commit === undefined || tree === undefined) continue;
    const own = refs.filter((ref) => ref.localOid === oid);
    const known = tips.get(tree) ?? { commit, tree, branches: [], remoteOids: [] };
    tips.set(tree, {
      ...known,
      branches: [...known.branches, ...own.map((ref) => ref.remoteRef.replace(/^refs\/heads\//, ''))],
      remoteOids: [...known.remoteOids, ...own.map((ref) => ref.remoteOid)],
    });
  }
  return [...tips.values()];
}

/** Remote branches that are looked at for a merge base, the latest first. */
const BRANCHES = 200;

/**
 * The commits that a push is compared with, one for each of its branches: what the branch points to on the remote, for a new branch the
 * merge base with what is known of the remote's branches. Null where there is none, as in a shallow clone: everything counts as changed.
 */
export async function basesOf(repo: Repository, remote: string, tip: Tip): Promise<(string | null)[]> {
  const bases = await Promise.all([...new Set(tip.remoteOids)].map((oid) => baseOf(repo, remote, oid, tip.commit)));
  return [...new Set(bases)];
}

async function baseOf(repo: Repository, remote: string, remoteOid: string, commit: string): Promise<string | null> {
  if (!isZero(remoteOid)) {
    const known = await repo.git('rev-parse', '--verify', '--quiet', `${remoteOid}^{commit}`);
    if (known !== null) return known;
  }
  // A push to an address instead of a name has no branches that are known.
  if (!/^[\w.][\w./-]*$/.test(remote) || remote.includes('..')) return null;
  const listed = ['for-each-ref', '--format=%(objectname)', '--sort=-committerdate', `--count=${BRANCHES}`, `refs/remotes/${remote}/`];
  const branches = (await repo.git(...listed))?.split('\n').filter((line) => line !== '') ?? [];
  if (branches.length === 0) return null;
  return (await repo.git('merge-base', commit, ...branches))?.split('\n')[0] || null;
}
