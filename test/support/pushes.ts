import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MAIN } from './cli.ts';
import { runCommand, type Ended } from './processes.ts';
import { aProject } from './projects.ts';
import { makeRepo, type Files, type TempRepo } from './repo.ts';

/** A repository whose pre-push hook is the built pushgate, with a cache folder of its own. */
export type PushRepo = TempRepo & {
  readonly cache: string;
  /** What git names of a revision; throws when there is none. */
  readonly oid: (revision: string) => Promise<string>;
  /** Everything that a push must leave as it was: refs, HEAD, index, stash, configuration, files. */
  readonly fingerprint: () => Promise<string>;
};

/** A small project that passes, committed on `main`, and never pushed. */
export async function aPushRepo(t: Pick<TestContext, 'after'>, change: Files = {}): Promise<PushRepo> {
  const project = aProject(t, { '.gitignore': 'node_modules/\nignored*\n', ...change });
  const cache = join(project.dir, '../cache');
  const repo = await makeRepo({ ...project, env: { ...project.env, XDG_CACHE_HOME: cache } });
  installHook(join(repo.dir, '.git'));
  await repo.commit('Add sums');
  return {
    ...repo,
    cache,
    oid: async (revision) => {
      const { code, stdout } = await repo.git('rev-parse', '--verify', revision);
      if (code !== 0) throw new Error(`no ${revision}`);
      return stdout.trim();
    },
    fingerprint: () => fingerprintOf(repo),
  };
}

/** Makes pushgate the pre-push hook of a repository; husky is tried elsewhere. */
export function installHook(gitDir: string): void {
  const hook = join(gitDir, 'hooks/pre-push');
  mkdirSync(join(gitDir, 'hooks'), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" hook pre-push "$@"\n`);
  chmodSync(hook, 0o755);
}

async function fingerprintOf(repo: TempRepo): Promise<string> {
  const refs = await repo.git(
    '--no-optional-locks',
    'for-each-ref',
    '--format=%(refname) %(objectname)',
    'refs/heads',
    'refs/tags',
    'refs/notes',
  );
  const gitDir = join(repo.dir, '.git');
  const bytes = ['index', 'config', 'HEAD', 'logs/HEAD', 'refs/stash', 'logs/refs/stash']
    .map((name) => join(gitDir, name))
    .filter(existsSync);
  const files = readdirSync(repo.dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !`${entry.parentPath}/`.includes('/.git/'))
    .map((entry) => join(entry.parentPath, entry.name));
  const hashes = [...bytes, ...files.toSorted()].map((file) => `${file} ${createHash('sha1').update(readFileSync(file)).digest('hex')}`);
  return [refs.stdout, ...hashes].join('\n');
}

/** How many verdicts a push showed, from a run or from memory. */
export function runsIn(ended: Ended): number {
  return [...ended.stderr.matchAll(/^(?:✔ (?:already verified [^:]*: )?\d+ tests? in|Measured: )/gm)].length;
}

/** Runs a pre-push hook by hand, with what git would hand to it on its standard input. */
export function runHook(repo: TempRepo, input: string, remote = 'origin'): Promise<Ended> {
  const file = join(repo.temp, 'pushed-refs');
  writeFileSync(file, input);
  const command = '"$2" "$3" hook pre-push "$4" "$4" <"$1"';
  return runCommand('sh', ['-c', command, 'sh', file, process.execPath, MAIN, remote], { cwd: repo.dir, env: repo.env });
}
