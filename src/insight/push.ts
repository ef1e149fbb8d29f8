import { EXIT, usageError } from '../model/error.ts';
import type { Input } from '../model/inputs.ts';

/** One line of what git hands to a pre-push hook. */
export type PushedRef = { readonly localRef: string; readonly localOid: string; readonly remoteRef: string; readonly remoteOid: string };

/** Reads the lines from the right: a local ref such as `HEAD^{/some text}` holds spaces. Lines of another shape are refused. */
export function parsePushedRefs(text: string): PushedRef[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const match = /^(.*) ([0-9a-f]{40,64}) (\S+) ([0-9a-f]{40,64})$/.exec(line);
      if (!match) throw usageError(`git handed the pre-push hook a line that cannot be read: ${line}`);
      const [, localRef = '', localOid = '', remoteRef = '', remoteOid = ''] = match;
      return { localRef, localOid, remoteRef, remoteOid };
    });
}

/** Whether an object name stands for nothing, in repositories of either hash. */
export function isZero(oid: string): boolean {
  return /^0+$/.test(oid);
}

/** The updates that are judged: branches of the remote that get a new tip. Tags, notes and deletions are not. */
export function branchUpdates(refs: readonly PushedRef[]): PushedRef[] {
  return refs.filter((ref) => ref.remoteRef.startsWith('refs/heads/') && !isZero(ref.localOid));
}

/** A path that differs between two commits, relative to the repository's top, and whether only one of them has it. */
export type ChangedPath = { readonly path: string; readonly isNewOrGone: boolean };

/**
 * Whether one of the inputs of test files may have another state where a path differs. Inputs that stand for all files do not count: any
 * change at all would.
 */
export function mayDependOn(inputs: ReadonlySet<Input>, { path, isNewOrGone }: ChangedPath): boolean {
  const has = (...wanted: Input[]): boolean => wanted.some((input) => inputs.has(input));
  if (has(`file ${path}`, `absent ${path}`)) return true;
  const folders = path.split('/').map((_, i, names) => names.slice(0, i).join('/'));
  if (folders.some((folder) => has(`under ${folder}`))) return true;
  return (
    isNewOrGone &&
    (has(`stem ${path}`, `stem ${path.replace(/\.[^./]*$/, '')}`) || folders.some((folder) => has(`names ${folder}`, `absent ${folder}`)))
  );
}

/** Whether git reaches a remote over SSH, and so holds one connection open while a hook runs. The address itself may hold a secret. */
export function isSsh(url: string): boolean {
  if (/^(?:git\+)?ssh(?:\+git)?:\/\//i.test(url)) return true;
  // `host:path` without a slash before the colon; one letter before it is a drive.
  return !url.includes('://') && /^[^/\\:]{2,}:/.test(url);
}

const SEVERITY: readonly number[] = [EXIT.passed, EXIT.failed, EXIT.unproven, EXIT.usage, EXIT.bug];

/** The exit code that stands for several: a failure outweighs a pass, missing evidence a failure, what cannot be used both. */
export function worstExit(codes: readonly number[]): number {
  const rank = (code: number): number => (SEVERITY.includes(code) ? SEVERITY.indexOf(code) : SEVERITY.length);
  return codes.reduce<number>((worst, code) => (rank(code) > rank(worst) ? code : worst), EXIT.passed);
}
