import { dirname, posix } from 'node:path';
import { partsOf, type Input } from '../model/inputs.ts';
import { effectOfManifest, lazyImportsOf } from '../runners/node-test/observed.ts';
import { digestOf } from '../system/files.ts';
import { listRepoFiles, type RepoFiles } from '../system/repo-files.ts';
import type { Repository } from '../system/repository.ts';
import { openStates, type Remembered, type States } from '../system/states.ts';

/** The files of a repository at one moment, and the states of inputs then. */
export type Moment = {
  readonly files: RepoFiles;
  readonly states: States;
  /** All files as git would commit them. */
  readonly tree: string;
  readonly stateOf: (input: Input) => string;
};

/** Looks at a repository; null when git cannot tell. `env` holds the variables that inputs may name. */
export async function lookAt(
  repo: Repository,
  top: string,
  env: Readonly<Record<string, string | undefined>>,
  remembered: ReadonlyMap<string, Remembered>,
): Promise<Moment | null> {
  const files = await listRepoFiles(repo);
  if (files === null) return null;
  const states = openStates(top, remembered, notesOf);
  const tree = digestOf([files.index, ...files.unstaged.map((path) => `${path} ${states.under(path)}`)].join('\n'));
  const names = digestOf(files.names.toSorted().join('\n'));
  const known = new Map<Input, string>();
  const look = (input: Input): string => {
    const { kind, path } = partsOf(input);
    switch (kind) {
      case 'file':
        return states.file(path);
      case 'absent':
        return states.file(path) === 'absent' ? 'absent' : 'there';
      case 'names':
        return states.names(path);
      case 'under':
        return states.under(path);
      case 'stem':
        return states.stem(path);
      case 'env':
        return env[path] === undefined ? 'unset' : digestOf(env[path]);
      case 'filenames':
        return names;
      case 'everything':
        return tree;
    }
  };
  const stateOf = (input: Input): string => {
    const state = known.get(input) ?? look(input);
    known.set(input, state);
    return state;
  };
  return { files, states, tree, stateOf };
}

/** What of a text is remembered besides its hash: for a `package.json` a hash of the part that loaders act on, if it can be told. */
function notesOf(text: string, path: string): string[] {
  if (/\.[cm]?[jt]sx?$/.test(path)) return lazyImportsOf(text);
  const effect = posix.basename(path) === 'package.json' ? effectOfManifest(text) : null;
  return effect === null ? [] : [digestOf(effect)];
}

/** What modules ask for while they run: what is not found leaves no trace, so it has to be read in them. */
export function lazyInputsOf(inputs: readonly Input[], { states }: Moment): Input[] {
  const found = new Set<Input>();
  for (const input of inputs) {
    const { kind, path } = partsOf(input);
    if (kind !== 'file') continue;
    for (const specifier of states.notes(path)) {
      if (specifier === '*') found.add('filenames *');
      else {
        const target = posix.join(dirname(path), specifier);
        if (!target.startsWith('../') && states.file(target) === 'absent') found.add(`absent ${target}`);
      }
    }
  }
  return [...found];
}

/** Whether a process may have seen another state of an input than there is now, having begun at `sinceMs` and from `before`. */
export function hasMoved(input: Input, before: Moment, now: Moment, sinceMs: number): boolean {
  const { kind, path } = partsOf(input);
  const state = now.stateOf(input);
  if (kind === 'env') return false;
  if (kind === 'absent') return state !== 'absent';
  if (kind === 'filenames' || kind === 'everything') return before.stateOf(input) !== state;
  // A process that found nothing there says so.
  if (kind === 'file' && (state === 'absent' || state === 'dir')) return state === 'absent';
  return now.states.changedSince(kind, path, sinceMs);
}
