import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Generated projects and edits for the law that an incremental run is the full one. The projects depend on their files in every way that is
// to be noticed: modules, modules found by their endings, fixtures read one by one and by listing, files that are looked for, a child
// process and its template, a lazy import.

/**
 * How the sources come to run: as they are; compiled while they load; bundled before, so that one bundle holds several and one source is in
 * several; or compiled before to scripts that stand beside them and count as sources too.
 */
export type Flavour = 'plain' | 'compiled' | 'bundled' | 'beside';
export const FLAVOURS: readonly Flavour[] = ['plain', 'compiled', 'bundled', 'beside'];

const SCRIPTS: Readonly<Record<Flavour, string>> = {
  plain: 'node --test',
  compiled: 'node --import tsx --test',
  bundled: 'node build.js && node --test',
  beside: 'node build.js && node --test',
};

const BUILD = `import { readdirSync } from 'node:fs';
import { buildSync } from 'esbuild';
const maps = true;
const names = readdirSync('src').filter((name) => /^m\\d+\\.(?:NAMES)$/.test(name));
for (const name of names)
  buildSync({ entryPoints: ['src/' + name], outfile: 'OUT/' + name.replace(/ts$/, 'js'), format: 'esm', logLevel: 'error', bundle: 'OUT' !== 'src', sourcemap: maps && 'inline' });
`;

/** The ending of the sources of a project. */
const endingIn = (dir: string): string => (existsSync(join(dir, 'tsconfig.json')) ? 'ts' : 'js');

/** A repeatable source of chance: numbers in [0, 1). */
export type Chance = () => number;

/** The generator known as mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const whole = (chance: Chance, below: number): number => Math.floor(chance() * below);
const pick = <Item>(chance: Chance, items: readonly Item[]): Item | undefined => items[whole(chance, items.length)];

const MODULES = 6;
const LOOKS_ON = ['reads', 'lists', 'looks', 'requires', 'starts', 'lazy'] as const;

function moduleText(dir: string, chance: Chance, index: number): string {
  const ending = endingIn(dir);
  const imported = existsSync(join(dir, 'build.js')) ? 'js' : ending;
  const number = ending === 'ts' ? ': number' : '';
  const uses = Array.from({ length: whole(chance, 3) }, () => whole(chance, Math.max(1, index))).filter((each) => each < index);
  const imports = [...new Set(uses)].map((each) => `import { f${each} } from './m${each}.${imported}';`);
  const calls = [...new Set(uses)].map((each) => `  if (x > ${whole(chance, 4)}) sum += f${each}(x - 1);`);
  const blocks = Array.from(
    { length: 1 + whole(chance, 3) },
    () => `  if (x % ${2 + whole(chance, 3)} === 0) {\n    sum += ${whole(chance, 9)};\n  }`,
  );
  const spare = chance() < 0.4 ? [`export function g${index}(y${number}) {\n  return y ? ${whole(chance, 9)} : 0;\n}`] : [];
  return [
    ...imports,
    `export function f${index}(x${number}) {`,
    '  let sum = 0;',
    ...calls,
    ...blocks,
    '  return sum;',
    '}',
    ...spare,
    '',
  ].join('\n');
}

function testText(dir: string, chance: Chance, kind: string): string {
  const builds = existsSync(join(dir, 'build.js'));
  const folder = builds && endingIn(dir) === 'js' ? 'dist' : 'src';
  const ending = builds ? 'js' : endingIn(dir);
  const used = [...new Set(Array.from({ length: 1 + whole(chance, 2) }, () => whole(chance, MODULES)))];
  const imports = used.map((each) => `import { f${each} } from '../${folder}/m${each}.${ending}';`);
  const calls = used.map((each) => `test('f${each}', () => assert.equal(typeof f${each}(${whole(chance, 6)}), 'number'));`);
  return [
    "import assert from 'node:assert/strict';",
    "import { execFileSync } from 'node:child_process';",
    "import { existsSync, readdirSync, readFileSync } from 'node:fs';",
    "import { readFile } from 'node:fs/promises';",
    "import { createRequire } from 'node:module';",
    "import { test } from 'node:test';",
    ...imports,
    'const at = (path) => new URL(path, import.meta.url);',
    ...calls,
    KINDS[kind as (typeof LOOKS_ON)[number]] ?? '',
    '',
  ].join('\n');
}

const KINDS: Readonly<Record<(typeof LOOKS_ON)[number], string>> = {
  reads: `test('reads ' + JSON.parse(await readFile(at('../data/one.json'), 'utf8')).name, () => {});`,
  lists: `for (const name of readdirSync(at('../data'))) test('has ' + name, () => assert.ok(readFileSync(at('../data/' + name), 'utf8')));`,
  looks: `test(existsSync(at('../data/extra.json')) ? 'has an extra' : 'has none', () => {});`,
  requires: `test('requires ' + createRequire(import.meta.url)('../src/found'), () => {});`,
  starts: `test('starts ' + execFileSync(process.execPath, ['src/cli.js'], { cwd: at('..'), encoding: 'utf8' }).trim(), () => {});`,
  lazy: `test('lazy ' + await import('../src/lazy.js').then((m) => m.name, () => 'nothing'), () => {});`,
};

/** Writes a project of sources, tests and what they look at. */
export function writeProject(dir: string, chance: Chance, flavour: Flavour): void {
  const write = writer(dir);
  write('package.json', JSON.stringify({ name: 'generated', private: true, type: 'module', scripts: { test: SCRIPTS[flavour] } }));
  write(
    'pushgate.jsonc',
    JSON.stringify({ coverage: { include: flavour === 'beside' ? ['src/**', 'build.js'] : ['src/**'], floor: 1 }, slow: { limit: '60s' } }),
  );
  if (flavour === 'compiled' || flavour === 'beside') write('tsconfig.json', '{}');
  if (flavour === 'bundled') write('build.js', BUILD.replace('NAMES', 'js').replaceAll('OUT', 'dist'));
  if (flavour === 'beside') write('build.js', BUILD.replace('NAMES', 'ts').replaceAll('OUT', 'src'));
  if (flavour !== 'plain') write('.gitignore', flavour === 'beside' ? 'node_modules\nsrc/m*.js\n' : 'node_modules\ndist\n');
  const ending = endingIn(dir);
  for (let index = 0; index < MODULES; index += 1) write(`src/m${index}.${ending}`, moduleText(dir, chance, index));
  write(
    'src/cli.js',
    // Node alone runs no TypeScript before 22.18.
    `import { readFileSync } from 'node:fs';\n${flavour === 'compiled' ? 'const f0 = String;' : "import { f0 } from './m0.js';"}\nconsole.log(readFileSync('data/template.txt', 'utf8').trim() + f0(2));\n`,
  );
  write('src/found.json', '"json"');
  write('data/one.json', '{ "name": "one" }');
  write('data/template.txt', 'hello');
  for (const [index, kind] of LOOKS_ON.entries()) write(`test/t${index}-${kind}.test.js`, testText(dir, chance, kind));
}

function writer(dir: string): (path: string, text: string) => void {
  return (path, text) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
}

type Edit = (dir: string, chance: Chance) => string;

/** Changes one thing, and says which. Some leave tests that fail: an import of what is gone. */
const EDITS: readonly Edit[] = [
  (dir, chance) => {
    const index = whole(chance, MODULES);
    const name = `src/m${index}.${endingIn(dir)}`;
    writer(dir)(name, moduleText(dir, chance, index));
    return `rewrite ${name}`;
  },
  (dir, chance) => onSource(dir, chance, 'move the lines of', (text) => `\n\n${text}`),
  (dir, chance) => onSource(dir, chance, 'end lines of', (text) => text.replaceAll('\n', '\r\n')),
  (dir, chance) => {
    const name = `src/extra${whole(chance, 4)}.${endingIn(dir)}`;
    writer(dir)(name, moduleText(dir, chance, 0));
    return `add ${name}`;
  },
  (dir, chance) =>
    remove(
      dir,
      pick(
        chance,
        namesIn(dir, 'src').filter((name) => name.startsWith('extra')),
      ),
    ),
  (dir, chance) => (chance() < 0.3 ? remove(dir, `m${whole(chance, MODULES)}.${endingIn(dir)}`) : 'nothing'),
  // Without a new build, where there is one: what was built from it stays.
  (dir, chance) => {
    const name = `m${whole(chance, MODULES)}.${endingIn(dir)}`;
    const [here, away] = [join(dir, 'src', name), join(dir, `${name}.away`)];
    if (existsSync(away)) renameSync(away, here);
    else if (existsSync(here)) renameSync(here, away);
    return `move src/${name} away or back`;
  },
  (dir) => {
    const path = join(dir, 'build.js');
    if (!existsSync(path)) return 'nothing';
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.includes('maps = true') ? text.replace('maps = true', 'maps = false') : text.replace('maps = false', 'maps = true'),
    );
    return 'build with or without source maps';
  },
  (dir, chance) => {
    const name = pick(chance, namesIn(dir, 'test')) ?? 'new.test.js';
    writer(dir)(`test/${name}`, testText(dir, chance, pick(chance, LOOKS_ON) ?? 'reads'));
    return `rewrite test/${name}`;
  },
  (dir, chance) => {
    const name = `test/n${whole(chance, 3)}.test.js`;
    writer(dir)(name, testText(dir, chance, pick(chance, LOOKS_ON) ?? 'reads'));
    return `add ${name}`;
  },
  (dir, chance) => {
    const names = namesIn(dir, 'test');
    const name = pick(chance, names);
    if (name === undefined || names.length < 3) return 'nothing';
    rmSync(join(dir, 'test', name));
    return `delete test/${name}`;
  },
  (dir, chance) => {
    const name = pick(chance, namesIn(dir, 'test'));
    if (name === undefined) return 'nothing';
    renameSync(join(dir, 'test', name), join(dir, 'test', `r${name}`.slice(-40)));
    return `rename test/${name}`;
  },
  (dir, chance) => toggled(dir, 'data/one.json', `{ "name": "${whole(chance, 5)}" }`, false),
  (dir, chance) => toggled(dir, `data/d${whole(chance, 3)}.json`, '{}', true),
  (dir) => toggled(dir, 'data/extra.json', '{}', true),
  (dir, chance) => toggled(dir, 'data/template.txt', `hello ${whole(chance, 5)}`, false),
  (dir) => toggled(dir, 'src/found.js', "module.exports = 'js';", true),
  (dir) => toggled(dir, 'src/found/index.js', "module.exports = 'folder';", true),
  (dir) => toggled(dir, 'src/lazy.js', "export const name = 'lazy';\n", true),
  (dir, chance) => {
    const name = `src/m${whole(chance, MODULES)}.${endingIn(dir)}`;
    if (existsSync(join(dir, name))) chmodSync(join(dir, name), chance() < 0.5 ? 0o755 : 0o644);
    return `mode of ${name}`;
  },
];

/** Makes one to three changes; what they were, for the message of a failure. */
export function edit(dir: string, chance: Chance): string[] {
  return Array.from({ length: 1 + whole(chance, 3) }, () => pick(chance, EDITS)?.(dir, chance) ?? 'nothing');
}

function onSource(dir: string, chance: Chance, what: string, change: (text: string) => string): string {
  const name = `src/m${whole(chance, MODULES)}.${endingIn(dir)}`;
  if (!existsSync(join(dir, name))) return 'nothing';
  writeFileSync(join(dir, name), change(readFileSync(join(dir, name), 'utf8')));
  return `${what} ${name}`;
}

function remove(dir: string, name: string | undefined): string {
  if (name === undefined) return 'nothing';
  rmSync(join(dir, 'src', name), { force: true });
  return `delete src/${name}`;
}

/** Writes a file; where it is there and may go, deletes it. */
function toggled(dir: string, path: string, text: string, mayGo: boolean): string {
  if (mayGo && existsSync(join(dir, path))) {
    rmSync(join(dir, path));
    return `delete ${path}`;
  }
  writer(dir)(path, text);
  return `write ${path}`;
}

function namesIn(dir: string, folder: string): string[] {
  return readdirSync(join(dir, folder)).toSorted();
}
