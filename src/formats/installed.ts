/** Packages by their place (`node_modules/a`) as npm's lock file and its note on the installation list them. */
type Packages = ReadonlyMap<string, { readonly version: unknown; readonly link: boolean; readonly optional: boolean }>;

/**
 * Whether what npm installed (`node_modules/.package-lock.json`) is what a lock file asks for: the same version at every place. Optional
 * packages may be missing. Null when one of the two cannot be read so: an old lock file lists no places.
 */
export function isInstalled(lock: string, note: string): boolean | null {
  const [asked, installed] = [packagesOf(lock), packagesOf(note)];
  if (asked === null || installed === null) return null;
  return [...asked].every(([place, { version, link, optional }]) => {
    const found = installed.get(place);
    if (found === undefined) return optional;
    return found.link === link && (link || found.version === version);
  });
}

function packagesOf(text: string): Packages | null {
  try {
    const { packages } = JSON.parse(text) as { packages?: Record<string, Record<string, unknown>> };
    if (typeof packages !== 'object' || packages === null) return null;
    // The root, and the folders that links lead to, are no places in node_modules.
    const places = Object.entries(packages).filter(([place]) => /(?:^|\/)node_modules\//.test(place));
    return new Map(
      places.map(([place, { version, link, optional, devOptional, peer }]) => [
        place,
        { version, link: link === true, optional: [optional, devOptional, peer].includes(true) },
      ]),
    );
  } catch {
    return null;
  }
}

/**
 * Whether what pnpm installed (`node_modules/.pnpm/lock.yaml`) is listed in a lock file, every package with its version; what only the lock file
 * lists may be for another platform. Null when one of the two lists none.
 */
export function isInstalledByPnpm(lock: string, note: string): boolean | null {
  const [asked, installed] = [pnpmPackages(lock), pnpmPackages(note)];
  return asked.size === 0 || installed.size === 0 ? null : [...installed].every((each) => asked.has(each));
}

/** The keys of `packages:`, such as `lib@1.0.0`; quotes and a leading slash are a matter of the version of the file. */
function pnpmPackages(text: string): Set<string> {
  const section = /^packages:\s*\n((?:\s*\n|[ \t].*\n?)*)/m.exec(text.replaceAll('\r\n', '\n'))?.[1] ?? '';
  return new Set([...section.matchAll(/^ {2}(\S.*):\s*$/gm)].map(([, key = '']) => key.replace(/^(['"])(.*)\1$/, '$2').replace(/^\//, '')));
}

/** The packages that a `package.json` asks for, in one form; null when it cannot be read. */
export function askedPackages(text: string | null): string | null {
  try {
    const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(text ?? '{}') as Record<string, object>;
    const asked = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    return JSON.stringify(asked.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  } catch {
    return null;
  }
}
