import { resolve } from 'node:path';
import type { Repository } from './repository.ts';

/** A checkout, and where git looks for its hooks. Paths are absolute. */
export type Checkout = {
  readonly repository: Repository;
  /** The top folder. */
  readonly top: string;
  /** Whether it is a linked worktree (`git worktree add`) and not the first checkout. */
  readonly linked: boolean;
  /** `core.hooksPath` as git expands it, and the scope it is set in (`local`, `global` …); null when it is not set. */
  readonly hooksPath: { readonly value: string; readonly scope: string } | null;
  /** The folder git starts hooks from. It may not exist. */
  readonly hooksDir: string;
};

/** Where the hooks of a checkout are started from; null for a bare repository, which has nothing checked out. */
export async function checkoutOf(repository: Repository): Promise<Checkout | null> {
  const { top, gitDir, commonDir } = repository;
  if (top === null) return null;
  const setting = await repository.git('config', '--show-scope', '--type=path', '--get', 'core.hooksPath');
  const [scope = '', value = ''] = setting?.split('\t') ?? [];
  const hooksPath = value === '' ? null : { value, scope };
  const hooksDir = hooksPath === null ? resolve(commonDir, 'hooks') : resolve(top, hooksPath.value);
  return { repository, top: resolve(top), linked: resolve(gitDir) !== resolve(commonDir), hooksPath, hooksDir };
}
