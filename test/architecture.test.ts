import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FINDING_CODES } from '../src/gate/order.ts';
import { PACKAGE } from './support/package.ts';
import { importsOf, packageOf, sourcesIn, withoutWords } from './support/sources.ts';
import type { Source } from './support/sources.ts';

/** Who may import whom; the table of src/README.md. Within a layer everything is allowed. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  insight: ['model'],
  gate: ['model', 'insight'],
  formats: ['model', 'insight'],
  report: ['model', 'insight'],
  system: [],
  config: ['model', 'formats', 'system'],
  store: ['model', 'formats', 'system'],
  runners: ['model', 'formats', 'system'],
  engine: ['model', 'insight', 'runners', 'store', 'system'],
  commands: ['model', 'insight', 'gate', 'formats', 'report', 'system', 'config', 'store', 'runners', 'engine', 'version.ts'],
  cli: ['model', 'commands', 'system/io.ts', 'version.ts'],
  hooks: ['commands', 'cli', 'system/io.ts'],
  // Files that stand beside the layers.
  'version.ts': ['system/own-package.ts'],
  'index.ts': ['model', 'insight', 'gate', 'formats', 'report', 'config', 'store', 'runners', 'engine', 'version.ts'],
};

/** Layers that import nothing from outside the project, and those that may import packages but nothing of Node's. */
const WITHOUT_PACKAGES = ['model', 'insight', 'gate'];
const WITHOUT_NODE = [...WITHOUT_PACKAGES, 'formats', 'report'];

/** Clock, chance and environment; a date made from an argument is fine. */
const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bprocess\.[a-z]|\bcrypto\.random/i;

/** Run inside the user's test processes, where a package of ours has no business. */
const GUESTS = /^src\/runners\/node-test\/(?:reporter\.ts|(?:trace\/)?[a-z-]+\.cts)$/;

const MAX_LINES = 250;
const MAX_HOOK_LINES = 25;

/** `src/gate/judge.ts` is of `gate`, `src/version.ts` of itself, `hooks/pre-push.ts` of `hooks`. */
function layerOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : top;
}

/** What is wrong with the imports of one source, a sentence each. */
function importFaults(source: Source): string[] {
  const layer = layerOf(source.path);
  const allowed = MAY_IMPORT[layer];
  if (!allowed) return [`${source.path}: the layer ${layer} is not in the table`];
  return importsOf(source).flatMap((imported) => {
    if (imported.startsWith('node:')) return WITHOUT_NODE.includes(layer) ? [`${source.path} imports ${imported}`] : [];
    if (packageOf(imported)) return WITHOUT_PACKAGES.includes(layer) ? [`${source.path} imports ${imported}`] : [];
    const target = layerOf(imported);
    const inside = imported.split('/').slice(1).join('/');
    if (target === layer || allowed.includes(target) || allowed.includes(inside)) return [];
    return [`${source.path} (${layer}) imports ${imported}`];
  });
}

/** Packages that more than one source imports, with those sources. */
function sharedPackages(sources: readonly Source[]): string[] {
  const sites = new Map<string, string[]>();
  for (const source of sources) {
    for (const name of new Set(importsOf(source).map(packageOf))) {
      if (name) sites.set(name, [...(sites.get(name) ?? []), source.path]);
    }
  }
  return [...sites].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(', ')}`);
}

/** Everything a source loads when it runs, directly or through other sources of ours; imports of types are gone by then. */
function loadedBy(start: Source, byPath: ReadonlyMap<string, Source>): Set<string> {
  const reached = new Set<string>();
  const queue = [start];
  for (let source = queue.pop(); source; source = queue.pop()) {
    for (const imported of importsOf({ ...source, text: source.text.replace(/^\s*(?:im|ex)port type [^;]*;/gm, '') })) {
      const next = byPath.get(imported);
      if (next && !reached.has(imported)) queue.push(next);
      reached.add(imported);
    }
  }
  return reached;
}

function linesOf({ text }: Source): number {
  return text.replace(/\n$/, '').split('\n').length;
}

/** Functions and values that a source exports. */
function namesGiven(text: string): string[] {
  return [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)].map((match) => match[1] ?? '');
}

/** Names that a source imports or passes on, also from `await import()`: taken apart, or of what comes of it. */
function namesTaken(text: string): string[] {
  const lists = [...text.matchAll(/\b(?:import|export|const) (?:type )?\{([^}]*)\}/g)].map((match) => match[1] ?? '');
  const named = lists.flatMap((list) => list.split(',').map((name) => name.replace(/^\s*(?:type )?(\w+)[^]*$/, '$1')));
  return [...named, ...[...text.matchAll(/\(await \w+\([^)]*\)\)\.(\w+)/g)].map((match) => match[1] ?? '')];
}

const sources = sourcesIn('src', 'hooks');

describe('imports', () => {
  test('keep to the layers', () => {
    assert.deepEqual(sources.flatMap(importFaults), []);
  });

  test('name a file that is there, by its full name', () => {
    const relative = sources.flatMap((source) => importsOf(source).map((imported) => [source.path, imported] as const));
    const missing = relative.filter(([, imported]) => !imported.startsWith('node:') && packageOf(imported) === null);
    assert.deepEqual(
      missing.filter(([, imported]) => !existsSync(join(PACKAGE, imported))),
      [],
    );
  });

  test('reach each package from one place', () => {
    assert.deepEqual(sharedPackages(sources), []);
  });

  test("take nothing but Node's own modules into the user's processes", () => {
    const byPath = new Map(sources.map((source) => [source.path, source]));
    const guests = sources.filter(({ path }) => GUESTS.test(path));
    assert.ok(guests.length > 0, 'no reporter or preload found');
    const foreign = guests.flatMap((guest) =>
      [...loadedBy(guest, byPath)]
        .filter((imported) => !imported.startsWith('node:') && !imported.startsWith('src/runners/node-test/'))
        .map((imported) => `${guest.path} loads ${imported}`),
    );
    assert.deepEqual(foreign, []);
  });
});

describe('words', () => {
  test('commands leave process and console to their Io', () => {
    const commands = sources.filter(({ path }) => layerOf(path) === 'commands');
    const touching = commands.filter((source) => {
      const code = withoutWords(source.text);
      return /\b(?:process|console)\.[a-z]/i.test(code) || importsOf(source).some((name) => /^node:(?:process|console)$/.test(name));
    });
    assert.deepEqual(
      touching.map(({ path }) => path),
      [],
    );
  });

  test('pure layers know neither clock nor chance nor environment', () => {
    const pure = sources.filter(({ path }) => WITHOUT_NODE.includes(layerOf(path)));
    assert.deepEqual(
      pure.filter(({ text }) => IMPURE.test(withoutWords(text))).map(({ path }) => path),
      [],
    );
  });

  test('what is exported is used elsewhere', () => {
    const everywhere = [...sources, ...sourcesIn('test')];
    const used = new Map<string, Set<string>>();
    for (const { path, text } of everywhere) for (const name of namesTaken(text)) used.set(name, (used.get(name) ?? new Set()).add(path));
    const unused = sources
      .filter(({ path }) => path !== 'src/index.ts')
      .flatMap(({ path, text }) => namesGiven(text).map((name) => ({ path, name })))
      .filter(({ path, name }) => ![...(used.get(name) ?? [])].some((user) => user !== path));
    assert.deepEqual(unused, []);
  });

  test('files stay short', () => {
    const long = sources.filter((source) => linesOf(source) > (source.path.startsWith('hooks/') ? MAX_HOOK_LINES : MAX_LINES));
    assert.deepEqual(
      long.map((source) => `${source.path}: ${linesOf(source)} lines`),
      [],
    );
  });
});

describe('the map', () => {
  test('src/README.md names every layer', () => {
    const map = readFileSync(join(PACKAGE, 'src/README.md'), 'utf8');
    const layers = new Set(sources.filter(({ path }) => path.split('/').length > 2).map(({ path }) => layerOf(path)));
    assert.deepEqual(
      [...layers].filter((layer) => !map.includes(`\`${layer}/\``)),
      [],
    );
  });

  test('the README has a section for every finding code', () => {
    const readme = existsSync(join(PACKAGE, 'README.md')) ? readFileSync(join(PACKAGE, 'README.md'), 'utf8') : '';
    const headings = new Set([...readme.matchAll(/^### `?([a-z-]+)`?\s*$/gm)].map((match) => match[1]));
    assert.deepEqual(
      FINDING_CODES.filter((code) => !headings.has(code)),
      [],
    );
  });

  test('every finding code has a golden screen that shows it', () => {
    const missing = FINDING_CODES.filter((code) => {
      const screen = join(PACKAGE, 'test/report/golden', `${code}.txt`);
      return !existsSync(screen) || !readFileSync(screen, 'utf8').includes(`[${code}]`);
    });
    assert.deepEqual(missing, []);
  });
});

/** A source of the gate layer. */
function gate(text: string): Source {
  return { path: 'src/gate/x.ts', text };
}

describe('this test', () => {
  test('reads code, not what code says', () => {
    const text = ["const a = 'process.exit';", 'const b = `process.exit`;', '// process.exit'].join('\n');
    assert.doesNotMatch(withoutWords(text), /process\./);
    assert.match(withoutWords("const c = 'x' + process.env.X + 'y';"), /process\.env/);
    assert.match(withoutWords('const d = `${process.env.X}`;'), /process\.env/);
  });

  test('sees static, dynamic, type, re-exporting and required imports, over several lines', () => {
    const text = [
      "import { a } from '../model/a.ts';",
      "import type { B } from '../engine/b.ts';",
      "export { c } from './c.ts';",
      'import {',
      '  d,',
      '  e,',
      "} from 'd-package/sub';",
      "import '@scope/name/sub';",
      "const f = await import('node:fs');",
      "type G = import('../report/g.ts').G;",
      "const h = require('h');",
      "// import { i } from 'i';",
      " * import('j')",
      'const words = \'taken from "k"\';',
    ].join('\n');
    assert.deepEqual(importsOf(gate(text)).toSorted(), [
      '@scope/name/sub',
      'd-package/sub',
      'h',
      'node:fs',
      'src/engine/b.ts',
      'src/gate/c.ts',
      'src/model/a.ts',
      'src/report/g.ts',
    ]);
  });

  test('finds an import that breaks the layers', () => {
    assert.equal(importFaults(gate("import type { X } from '../engine/x.ts';")).length, 1);
    assert.equal(importFaults(gate("import { readFileSync } from 'node:fs';")).length, 1);
    assert.equal(importFaults(gate("import pc from 'picocolors';")).length, 1);
    assert.equal(importFaults({ path: 'src/manager/x.ts', text: '' }).length, 1);
    assert.equal(importFaults({ path: 'src/cli/x.ts', text: "import { g } from '../system/git.ts';" }).length, 1);
    assert.equal(importFaults({ path: 'src/store/x.ts', text: "import { g } from '../config/load.ts';" }).length, 1);
    assert.deepEqual(importFaults({ path: 'src/cli/x.ts', text: "import { i } from '../system/io.ts';" }), []);
  });

  test('finds a package with two import sites, by type too', () => {
    const twice = [
      { path: 'src/report/a.ts', text: "import pc from 'picocolors';" },
      { path: 'src/report/b.ts', text: "import type { Colors } from 'picocolors/types';" },
    ];
    assert.deepEqual(sharedPackages(twice), ['picocolors: src/report/a.ts, src/report/b.ts']);
  });
});
