import { createHash } from 'node:crypto';
import { arch, platform } from 'node:os';
import type { LoadedConfig } from '../../model/config.ts';
import type { Past } from '../../model/checkpoint.ts';
import type { KnownSlow } from '../../model/known-slow.ts';
import { today } from '../../system/clock.ts';
import { realPath } from '../../system/files.ts';
import type { Io } from '../../system/io.ts';
import { linkedPackages } from '../../system/linked-packages.ts';
import { installNotes } from '../../system/modules.ts';
import { version } from '../../version.ts';

/**
 * Variables that differ between a terminal, an npm script and a hook, or from one shell to the next, and that tests do not depend on. Every
 * other one counts: a needless run costs less than a verdict that holds no longer.
 */
const INCIDENTAL =
  /^(_|PATH|PWD|OLDPWD|SHLVL|TERM.*|COLORTERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|COLOR|EDITOR|VISUAL|PAGER|LESS.*|LS_COLORS|INIT_CWD|NODE|HUSKY.*|GIT_.*|npm_.*|PNPM_.*|SSH_.*|GPG_.*|DISPLAY|WAYLAND_.*|WINDOWID|XDG_(SESSION|RUNTIME|VTNR|SEAT).*|DBUS_.*|VSCODE_.*|TMUX.*|STY|INVOCATION_ID|JOURNAL_STREAM)$/;

/** Everything that a verdict depends on. */
export type Basis = {
  /** Tree object name of the files that are judged. */
  readonly tree: string;
  /** The project's folder in it; empty for the top. */
  readonly folder: string;
  readonly config: LoadedConfig['config'];
  readonly knownSlow: KnownSlow;
  readonly past: Past;
  readonly passOnUnpruned: boolean;
  /** The folder whose installed packages the tests use, and the last one upwards that may hold some. */
  readonly packages: { readonly from: string; readonly top: string };
};

/**
 * A name for a verdict that two runs share only when nothing that counts differs between them. What git ignores is no part of it, save for
 * the list of installed packages.
 */
export function verdictKey(io: Io, basis: Basis): string {
  const { config, knownSlow, past } = basis;
  const parts = [
    [version(), io.nodeVersion, platform(), arch()],
    [basis.tree, basis.folder],
    [config, knownSlow.entries],
    // An entry that expires tomorrow holds today.
    knownSlow.entries.some((entry) => entry.expires !== null) ? today() : null,
    basis.passOnUnpruned,
    config.coverage.maxDrop === null ? null : [past.checkpoint?.commit ?? null, past.flicker ?? []],
    // Which lines changed follows from the two ends.
    config.coverage.changed === null ? null : (past.changes?.base ?? null),
    (past.loosened ?? []).filter(({ severity }) => severity === 'error'),
    installed(basis.packages),
    variables(io.env),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function variables(env: Io['env']): [string, string | undefined][] {
  return Object.entries(env)
    .filter(([name]) => !INCIDENTAL.test(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** What package managers note of what they installed, and what links lead to. */
function installed({ from, top }: Basis['packages']): string[] {
  return [linkedPackages(realPath(from), realPath(top)), installNotes(from, top)];
}
