import assert from 'node:assert/strict';

const VOID = new Set(['meta', '!doctype']);

/**
 * Reads a page of ours strictly: every `<` opens a tag, every tag is closed in its order, every attribute is quoted. Returns the kinds of tags
 * with their attributes' names, sorted, each once.
 */
export function tagsOf(page: string): string[] {
  const kinds = new Set<string>();
  const open: string[] = [];
  const withoutStyle = page.replace(/<style>[^<]*<\/style>/, '');
  for (const [, tag = ''] of withoutStyle.matchAll(/<([^<>]*)>?/g)) {
    const parts = /^(\/?)(!?[a-z0-9]+)((?: [a-z-]+(?:="[^"<>]*")?)*)$/.exec(tag);
    assert.ok(parts, `not a tag: <${tag.slice(0, 80)}`);
    const [, closing, name = '', attributes = ''] = parts;
    if (closing === '/') assert.equal(open.pop(), name);
    else if (!VOID.has(name)) open.push(name);
    if (closing !== '/') kinds.add([name, ...[...attributes.matchAll(/ ([a-z-]+)(?:="[^"]*")?/g)].map(([, key]) => key)].join(' '));
  }
  assert.deepEqual(open, []);
  return [...kinds].toSorted();
}
