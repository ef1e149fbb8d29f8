import { dirname, join } from 'node:path';
import { asRecord, readPackage } from '../../runners/node-test/script/packages.ts';
import { exists } from '../../system/files.ts';

/** What installs a project's packages, and how its commands are written. */
export type PackageManager = {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** Name of the lock file that was found; null for none. */
  readonly lockFile: string | null;
  readonly install: string;
  /** Whether an install runs the `prepare` script of the project itself. */
  readonly runsPrepare: boolean;
};

const LOCK_FILES = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
] as const;

/** The package manager that package.json names, else the one whose lock file lies here or in a folder above, up to `top`; else npm. */
export function packageManagerOf(root: string, top: string): PackageManager {
  for (let dir = root; ; dir = dirname(dir)) {
    const [lockFile, locks] = LOCK_FILES.find(([name]) => exists(join(dir, name))) ?? [];
    const [, named, major] = /^(npm|pnpm|yarn|bun)(?:@(\d+))?/.exec(namedIn(dir)) ?? [];
    const name = (named as PackageManager['name'] | undefined) ?? locks;
    if (name) {
      // Yarn 2 and later run the lifecycle scripts of packages, but not `prepare` of the project.
      const berry = name === 'yarn' && (Number(major ?? 1) >= 2 || exists(join(dir, '.yarnrc.yml')));
      return { name, lockFile: lockFile ?? null, install: `${name} install`, runsPrepare: !berry };
    }
    if (dir === top || dir === dirname(dir)) return { name: 'npm', lockFile: null, install: 'npm install', runsPrepare: true };
  }
}

function namedIn(dir: string): string {
  const { packageManager, devEngines } = readPackage(dir)?.json ?? {};
  const named = packageManager ?? asRecord(asRecord(devEngines)['packageManager'])['name'];
  return typeof named === 'string' ? named : '';
}
