import { resolveConfig } from '../../config/resolve.ts';
import { loosenedBetween, type Terms } from '../../insight/loosened.ts';
import type { FindingOf } from '../../model/finding.ts';
import { clean } from '../../report/units.ts';
import type { Io } from '../../system/io.ts';
import type { Repository } from '../../system/repository.ts';
import { short } from './changes.ts';
import { termsAt } from './terms.ts';

/**
 * What is easier to hold by these terms, limits of a coverage tool included, than by those of the commit it is compared with (null for none):
 * errors where either side says so.
 */
export async function loosenedSince(
  io: Io,
  { repo, base, folder }: { repo: Repository; base: string | null; folder: string },
  terms: Terms,
): Promise<FindingOf<'policy-loosened'>[]> {
  if (base === null) return [];
  const before = await termsAt(io, repo, base, folder).catch((error: unknown) => {
    io.stderr.write(`! The policy of ${short(base)} cannot be read; the defaults stand in for it: ${clean(firstLine(error), 200)}\n`);
    const config = resolveConfig({}, true);
    return { loaded: null, config, effective: config, knownSlow: { path: '', entries: [] } };
  });
  // Before there was a policy there was none to loosen.
  if (before === null || before.loaded?.file === null) return [];
  const strict = [before, terms].some(({ config }) => config.push.loosening === 'fail');
  return loosenedBetween({ ...before, config: before.effective }, terms, strict ? 'error' : 'note');
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0] ?? '';
}
