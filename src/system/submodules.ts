import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runGit, withoutGitVariables } from './git.ts';
import { textOf, type Repository } from './repository.ts';

/**
 * Fills the submodules of a private copy from the repositories that the user's checkout has of them. `git submodule update` would fetch
 * from the network and write into the shared configuration. A submodule that the user has not fetched stays empty, as it is there.
 */
export async function fillSubmodules(repo: Repository, dir: string, commit: string): Promise<void> {
  if (!existsSync(join(repo.commonDir, 'modules')) || !existsSync(join(dir, '.gitmodules'))) return;
  const run = async (cwd: string, ...args: string[]): Promise<string | null> => {
    return textOf(await runGit(['-c', 'core.hooksPath=/dev/null', ...args], { cwd, env: withoutGitVariables(process.env) }));
  };
  await fill({ run, dir, modules: join(repo.commonDir, 'modules'), links: await linksOf(repo, commit) });
}

type Run = (cwd: string, ...args: string[]) => Promise<string | null>;
type Link = { readonly path: string; readonly oid: string };

async function linksOf(repo: Repository, commit: string): Promise<Link[]> {
  return parseLinks(await repo.git('ls-tree', '-r', '-z', commit));
}

function parseLinks(tree: string | null): Link[] {
  return (tree ?? '').split('\0').flatMap((entry) => {
    const match = /^160000 commit ([0-9a-f]+)\t(.*)$/s.exec(entry);
    return match ? [{ oid: match[1] ?? '', path: match[2] ?? '' }] : [];
  });
}

async function fill(at: { run: Run; dir: string; modules: string; links: readonly Link[] }): Promise<void> {
  const { run, dir, modules, links } = at;
  const names = await namesByPath(run, dir);
  for (const { path, oid } of links) {
    const module = join(modules, names.get(path) ?? path);
    const target = join(dir, path);
    if (!existsSync(join(module, 'HEAD')) || isFilled(target)) continue;
    // oxlint-disable no-await-in-loop -- one submodule after the other
    const cloned = await run(dir, 'clone', '--quiet', '--shared', '--no-checkout', '--template=', '--', module, target);
    const checkedOut = cloned === null ? null : await run(target, 'checkout', '--quiet', '--detach', oid);
    if (checkedOut === null)
      throw new Error(`The submodule ${path} could not be checked out at ${oid.slice(0, 7)}; git submodule update may help.`);
    await fill({ run, dir: target, modules: join(module, 'modules'), links: parseLinks(await run(target, 'ls-tree', '-r', '-z', 'HEAD')) });
    // oxlint-enable no-await-in-loop
  }
}

function isFilled(target: string): boolean {
  return existsSync(target) && readdirSync(target).length > 0;
}

/** Path to name, as `.gitmodules` has them; by default they are the same. */
async function namesByPath(run: Run, dir: string): Promise<Map<string, string>> {
  const text = await run(dir, 'config', '--file', join(dir, '.gitmodules'), '-z', '--get-regexp', '^submodule\\..*\\.path$');
  const pairs = (text ?? '').split('\0').flatMap((line): [string, string][] => {
    const [key = '', path] = line.split('\n');
    return path === undefined ? [] : [[path, key.replace(/^submodule\./, '').replace(/\.path$/, '')]];
  });
  return new Map(pairs);
}
