import { applyEdits, insertAfter, replace, type TextEdit } from './jsonc-edit.ts';
import { type JsonNode, type JsonProperty, nodeAt, propertiesOf, readJsonc } from './jsonc.ts';

/**
 * Sets a text in one of the objects of a package.json (`scripts`, `devDependencies`), which is made when it is missing. A new key comes last,
 * or in its alphabetical place where its siblings are in that order. Everything else keeps its place and its layout.
 */
export function setEntry(text: string, section: string, key: string, value: string): string {
  const { root } = readJsonc(text, 'package.json');
  const entry = `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  const parent = nodeAt(root, [section]);
  return applyEdits(text, parent?.type === 'object' ? entryEdits(text, parent, key, entry) : sectionEdits(text, root, section, entry));
}

function entryEdits(text: string, parent: JsonNode, key: string, entry: string): TextEdit[] {
  const properties = propertiesOf(parent);
  const present = properties.find((property) => property.key === key);
  if (present) return [replace(present.node, entry)];
  const sibling = isSorted(properties) ? properties.findLast((property) => property.key < key) : properties.at(-1);
  if (sibling) return insertAfter(text, sibling.node, entry, false);
  const [first] = properties;
  return first ? [insertBefore(text, first.node, entry)] : [replace(parent, objectOf(text, parent.offset, entry))];
}

/** A section that is not there comes last. */
function sectionEdits(text: string, root: JsonNode, section: string, entry: string): TextEdit[] {
  const last = propertiesOf(root).at(-1);
  const inside = indentUnit(text);
  const nested = `${JSON.stringify(section)}: {${lineBreak(text)}${inside}${inside}${entry}${lineBreak(text)}${inside}}`;
  return last ? insertAfter(text, last.node, nested, false) : [replace(root, objectOf(text, root.offset, nested))];
}

function insertBefore(text: string, node: JsonNode, entry: string): TextEdit {
  const before = /(?:\r?\n[ \t]*|[ \t]*)$/.exec(text.slice(0, node.offset))?.[0] ?? '';
  return { offset: node.offset, length: 0, content: `${entry},${before === '' ? ' ' : before}` };
}

/** An object with one entry on a line of its own, one step further in than the line it starts on. */
function objectOf(text: string, offset: number, entry: string): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const outer = /^[ \t]*/.exec(line)?.[0] ?? '';
  return `{${lineBreak(text)}${outer}${indentUnit(text)}${entry}${lineBreak(text)}${outer}}`;
}

function isSorted(properties: readonly JsonProperty[]): boolean {
  const keys = properties.map(({ key }) => key);
  return keys.length > 1 && keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key);
}

function indentUnit(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
}

function lineBreak(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
