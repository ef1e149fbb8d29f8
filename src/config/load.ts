import { statSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';

import { failWith, type JsoncDocument, type JsonNode, nodeAt, positionAt, propertiesOf, readJsonc } from '../formats/jsonc.ts';
import type { LoadedConfig, Origin } from '../model/config.ts';
import { usageError } from '../model/error.ts';
import { readText } from '../system/files.ts';
import { checkedConfig } from './checked.ts';
import { contradictions } from './combinations.ts';
import { resolveConfig } from './resolve.ts';

const FILE = 'pushgate.jsonc';

/** The dotted keys of the configuration, in the order in which it is written. */
export const CONFIG_KEYS: readonly string[] = [
  ...['command', 'files', 'timeout', 'inputs', 'always', 'env', 'trustSubprocess', 'turbo'].map((key) => `run.${key}`),
  ...['include', 'exclude', 'floor', 'baseline', 'target', 'perFile', 'overrides', 'maxDrop', 'changed'].map((key) => `coverage.${key}`),
  ...['budget', 'ideal'].map((key) => `suite.${key}`),
  ...['limit', 'target', 'allowlist'].map((key) => `slow.${key}`),
  'limits.clock',
  ...['skipNeedsReason', 'flaky'].map((key) => `tests.${key}`),
  ...['triggers', 'isolate', 'prepare', 'sshIdle', 'loosening'].map((key) => `push.${key}`),
];

type Source = { readonly document: JsoncDocument; readonly node: JsonNode };

/**
 * Reads `pushgate.jsonc` or the `pushgate` key of package.json in `root` (or `explicitPath`, relative to it) and fills in the defaults.
 * Throws a usage error with file, line and column for whatever is wrong in it.
 */
export function loadConfig(root: string, explicitPath?: string): LoadedConfig {
  const source = explicitPath === undefined ? discovered(root) : explicit(root, explicitPath);
  const user = source ? checkedConfig(source.document, source.node) : {};
  const config = resolveConfig(user, isFolder(resolve(root, 'src')));
  const origins = new Map(CONFIG_KEYS.map((key) => [key, originOf(key, source)] as const));
  const loaded = { config, file: source?.document.file ?? null, origins };
  if (source) refuseContradictions(loaded, source);
  return loaded;
}

function discovered(root: string): Source | null {
  const own = readSource(root, FILE);
  const inPackage = packageKey(root, 'package.json');
  if (own && inPackage) {
    throw usageError(
      `Both ${FILE} and the "pushgate" key of package.json (${place(inPackage)}) configure pushgate.`,
      'Keep one of the two and remove the other.',
    );
  }
  return own ?? inPackage;
}

function explicit(root: string, path: string): Source {
  const isPackage = basename(path) === 'package.json';
  const source = isPackage ? packageKey(root, path) : readSource(root, path);
  if (source) return source;
  throw usageError(
    isPackage ? `${path} has no "pushgate" key.` : `There is no configuration file ${path}.`,
    'Give the path of an existing file.',
  );
}

function packageKey(root: string, path: string): Source | null {
  const source = readSource(root, path);
  if (!source) return null;
  const properties = propertiesOf(source.node).filter(({ key }) => key === 'pushgate');
  const [first, second] = properties;
  if (!first) return null;
  const { file, text } = source.document;
  if (second) {
    const line = positionAt(text, first.node.offset).line;
    failWith(file, text, [
      { offset: second.node.offset, text: `"pushgate" stands here and on line ${line}.`, next: 'Remove one of the two.' },
    ]);
  }
  return { document: source.document, node: first.value };
}

function readSource(root: string, path: string): Source | null {
  const text = readOrExplain(root, path);
  if (text === null) return null;
  const document = readJsonc(text, displayPath(root, path));
  return { document, node: document.root };
}

/** A file's text, null when it does not exist; a file that exists and cannot be read is a usage error. */
export function readOrExplain(root: string, path: string): string | null {
  try {
    return readText(resolve(root, path));
  } catch (error) {
    throw usageError(`${displayPath(root, path)} cannot be read: ${(error as Error).message}`, 'Make it a readable file, or remove it.');
  }
}

/** A path as messages show it: relative to the root, with forward slashes. */
export function displayPath(root: string, path: string): string {
  return relative(root, resolve(root, path)).replaceAll('\\', '/');
}

function originOf(key: string, source: Source | null): Origin {
  const node = source && nodeAt(source.node, key.split('.'), true);
  if (!source || !node) return { kind: 'default' };
  return { kind: 'file', file: source.document.file, ...positionAt(source.document.text, node.offset) };
}

/** Defaults never contradict each other, so a contradiction is the user's where at least one side was written by hand. */
function refuseContradictions({ config }: LoadedConfig, { document, node }: Source): void {
  const problems = contradictions(config).map(({ key, other, text }) => {
    const at = nodeAt(node, key.split('.'), true) ?? nodeAt(node, other.split('.'), true) ?? node;
    return { offset: at.offset, text, next: `Change ${key} or ${other}.` };
  });
  if (problems.length > 0) failWith(document.file, document.text, problems);
}

function place({ document, node }: Source): string {
  const { line, column } = positionAt(document.text, node.offset);
  return `${document.file}:${line}:${column}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
