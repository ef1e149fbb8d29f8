import { mkdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { DEFAULTS } from '../../config/defaults.ts';
import { loadKnownSlow } from '../../config/known-slow.ts';
import { loadConfig } from '../../config/load.ts';
import type { Terms } from '../../insight/loosened.ts';
import type { Config, LoadedConfig } from '../../model/config.ts';
import { COVERAGE_TOOL_FILES } from '../../runners/node-test/script/coverage-tool.ts';
import { entriesAt } from '../../system/blobs.ts';
import { writeText } from '../../system/files.ts';
import type { Io } from '../../system/io.ts';
import type { Repository } from '../../system/repository.ts';
import { makeTempDir, removeDir } from '../../system/temp.ts';
import { effectiveConfig } from '../project.ts';

/** What a commit says about what has to hold, and where it says so. */
export type CommitTerms = Terms & {
  readonly loaded: LoadedConfig;
  /** The configuration with the limits of a coverage tool in the test script. */
  readonly effective: Config;
};

const FILES = ['pushgate.jsonc', 'package.json'];
const USUAL_ALLOWLIST = DEFAULTS.allowlist;

/**
 * Reads configuration and allowlist of a commit; null when it has neither `pushgate.jsonc` nor `package.json` in the folder, and so no
 * project. They are read by the code that reads a project's, from a folder of ours: what is wrong in them is told in the same words.
 */
export async function termsAt(io: Io, repo: Repository, commit: string, folder: string): Promise<CommitTerms | null> {
  const top = makeTempDir();
  const root = join(top, folder);
  try {
    mkdirSync(root, { recursive: true });
    const copied = await copyOut(
      repo,
      commit,
      top,
      [...FILES, ...COVERAGE_TOOL_FILES, 'src', USUAL_ALLOWLIST].map((path) => posix.join(folder, path)),
    );
    if (!FILES.some((file) => copied.has(posix.join(folder, file)))) return null;
    const loaded = loadConfig(root);
    const { allowlist } = loaded.config.slow;
    if (allowlist !== USUAL_ALLOWLIST) await copyOut(repo, commit, top, [posix.join(folder, allowlist)].filter(isInside));
    const effective = await effectiveConfig(io, root, loaded);
    return { loaded, config: loaded.config, effective, knownSlow: loadKnownSlow(root, allowlist) };
  } finally {
    removeDir(top);
  }
}

const isInside = (path: string): boolean => !path.startsWith('..') && !posix.isAbsolute(path);

/** Writes what a commit has at some paths into a folder; returns the paths it has something at. */
async function copyOut(repo: Repository, commit: string, top: string, paths: readonly string[]): Promise<Set<string>> {
  const entries = await entriesAt(repo, commit, paths);
  for (const [path, entry] of entries) {
    if (entry.kind === 'folder') mkdirSync(join(top, path), { recursive: true });
    // oxlint-disable-next-line no-await-in-loop -- three small files
    else await writeText(join(top, path), entry.bytes.toString('utf8'));
  }
  return new Set(entries.keys());
}
