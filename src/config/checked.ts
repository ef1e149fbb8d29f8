import {
  duplicateKeys,
  failWith,
  type JsoncDocument,
  type JsonNode,
  type JsonPath,
  type JsonProblem,
  nodeAt,
  quote,
  valueOf,
  visible,
} from '../formats/jsonc.ts';
import { check, configSchema, knownSlowSchema, type SchemaProblem, type UserConfig, type UserKnownSlow } from './schema.ts';

// A record leaves these keys out without a word, so a limit under them would be lost.
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/** The settings under `node`, checked. Throws a usage error that lists every problem with its place. */
export function checkedConfig(document: JsoncDocument, node: JsonNode): UserConfig {
  return checked(document, node, (value) => check(configSchema, value), 'Correct the value, or remove its key to use the default.');
}

/** The allowlist, checked. Throws a usage error that lists every problem with its place. */
export function checkedKnownSlow(document: JsoncDocument): UserKnownSlow {
  return checked(
    document,
    document.root,
    (value) => check(knownSlowSchema, value),
    'Correct the entry; `pushgate allow --check` reads the file again.',
  );
}

function checked<T>(
  { file, text }: JsoncDocument,
  node: JsonNode,
  read: (value: unknown) => { output: T } | { problems: SchemaProblem[] },
  next: string,
): T {
  const problems = duplicateKeys(text, node);
  const result = read(valueOf(node));
  if ('problems' in result) problems.push(...result.problems.map((problem) => placed(text, node, problem, next)));
  else problems.push(...reservedKeys(node));
  if ('problems' in result || problems.length > 0) failWith(file, text, problems);
  return result.output;
}

function placed(text: string, root: JsonNode, { kind, path, text: what }: SchemaProblem, next: string): JsonProblem {
  const parent = path.slice(0, -1);
  const last = quote(String(path.at(-1)));
  if (kind === 'key' || kind === 'glob') {
    const offset = nodeAt(root, path, true)?.offset ?? root.offset;
    const has = kind === 'key' ? `has no key ${last}` : `has the key ${shortened(last)}`;
    return { offset, text: `${subject(root, parent)} ${has}; ${what}`, next: 'Correct the key, or remove it.' };
  }
  if (kind === 'missing')
    return { offset: nodeAt(root, parent)?.offset ?? root.offset, text: `${subject(root, parent)} has no ${last}.`, next: `Add ${last}.` };
  const node = nodeAt(root, path) ?? root;
  const written = visible(text.slice(node.offset, node.offset + node.length).replace(/\s+/g, ' '));
  return { offset: node.offset, text: `${subject(root, path)} is ${shortened(written)}; ${what}`, next };
}

function shortened(written: string): string {
  return written.length > 40 ? `${written.slice(0, 40)}…` : written;
}

/** A path as people write it: `tests[0].ceiling`. */
function subject(root: JsonNode, path: JsonPath): string {
  if (path.length === 0) return root.parent ? 'the "pushgate" key' : 'the file';
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${/^[\w$-]+$/.test(step) ? step : quote(step)}`))
    .join('')
    .replace(/^\./, '');
}

function reservedKeys(node: JsonNode): JsonProblem[] {
  const children = node.children ?? [];
  const name = node.type === 'property' ? String(children[0]?.value) : '';
  const own = RESERVED.has(name)
    ? [{ offset: node.offset, text: `"${name}" cannot be a key.`, next: 'Correct the key, or remove it.' }]
    : [];
  return [...own, ...children.flatMap(reservedKeys)];
}
