import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE } from '../support/package.ts';

/** Size of a synthetic project. */
export type Size = { readonly testFiles: number; readonly modules: number };

/** Modules for a number of test files, in the proportions of a small, a middling and a large project. */
export function sizeOf(testFiles: number): Size {
  return { testFiles, modules: Math.max(12, Math.round(testFiles < 200 ? testFiles * 1.2 : testFiles * 0.8 + 40)) };
}

const HUBS = 12;
const IMPORTS = 10;
const TESTS = 17;

/**
 * Third-party code, copied out of our own tree, so that a benchmark needs no network: a library of half a megabyte that nearly every test file
 * loads, and 9 MB for one in ten, the compiler as ts-morph carries it (its own package would bring a second `tsc`).
 */
const THIRD = { lodash: 'lodash/lodash.js', typescript: '@ts-morph/common/dist/typescript.js' };

/**
 * Writes a project of `modules` sources of some 150 lines (branches, classes, closures, switch, try) and `testFiles` test files of 17 tests
 * that import ten of them each, some eighteen with what those import; nearly all load lodash, one in ten TypeScript's compiler; one in 50 starts a
 * CLI, one in 25 reads a fixture. Always the same.
 */
export function generate(root: string, size: Size): void {
  const files = new Map<string, string>([
    ['package.json', JSON.stringify({ name: 'synthetic', type: 'module', scripts: { test: 'node --test' } })],
    ['pushgate.jsonc', JSON.stringify(CONFIG)],
    ['src/cli.js', `import { classify1 } from './m1.js';\nconsole.log(process.argv[2] === 'fast' ? classify1(3) : classify1(70));\n`],
    ['fixtures/rows.txt', Array.from({ length: 200 }, (_, i) => `row ${i}; ${i * 7}`).join('\n')],
  ]);
  for (let i = 0; i < size.modules; i++) files.set(`src/m${i}.js`, moduleText(i));
  for (let i = 0; i < size.testFiles; i++) files.set(`test/f${i}.test.js`, testText(i, size.modules));
  for (const [file, text] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  for (const [name, from] of Object.entries(THIRD)) {
    mkdirSync(join(root, 'node_modules', name), { recursive: true });
    copyFileSync(join(PACKAGE, 'node_modules', from), join(root, 'node_modules', name, 'index.js'));
  }
}

/** Limits that nothing here can miss, so that every run is judged and none is repeated. */
const CONFIG = {
  run: { timeout: '60m' },
  coverage: { include: ['src/**'], floor: 1 },
  suite: { budget: '50m', ideal: '50m' },
  slow: { limit: '5m', target: '5m' },
};

/** The modules a module imports: one or two of the hubs, and hubs only lower ones. */
function importsOf(i: number): number[] {
  if (i < HUBS) return i === 0 ? [] : [(i * 5) % i];
  return [...new Set([(i * 7) % HUBS, (i * 11 + 3) % HUBS])];
}

function moduleText(i: number): string {
  const imports = importsOf(i);
  const uses = imports.map((j) => `  total += classify${j}(value % ${j + 5}).length;`).join('\n');
  return `${imports.map((j) => `import { classify${j} } from './m${j}.js';`).join('\n')}

const LIMIT = ${10 + (i % 17)};

/** Sorts a value into one of the classes of module ${i}. */
export function classify${i}(value) {
  switch (value % ${3 + (i % 5)}) {
    case 0:
      return value > LIMIT ? 'large' : 'none';
    case 1:
      return 'single';
    case 2:
      if (value > LIMIT * 2) {
        return 'double';
      }
      return 'pair';
    default:
      return value < 0 ? 'negative' : 'many';
  }
}

export class Ledger${i} {
  #rows = [];
  static opened = 0;

  constructor(name = 'ledger-${i}') {
    this.name = name;
    Ledger${i}.opened += 1;
  }

  get size() {
    return this.#rows.length;
  }

  add(amount, note = null) {
    if (!Number.isFinite(amount)) {
      throw new TypeError('not a number');
    }
    if (amount === 0) return this;
    this.#rows.push({ amount, note });
    return this;
  }

  balance() {
    let sum = 0;
    for (const { amount } of this.#rows) {
      sum += amount;
    }
    return sum;
  }

  *negative() {
    for (const row of this.#rows) {
      if (row.amount < 0) yield row;
    }
  }

  report(style) {
    const lines = this.#rows.map((row, index) => {
      if (style === 'short') return String(row.amount);
      return \`\${index + 1}. \${row.amount}\${row.note ? \` (\${row.note})\` : ''}\`;
    });
    return lines.length > 0 ? lines.join('\\n') : 'empty';
  }
}

${middle(i)}
export function total${i}(value) {
  let total = ${i};
${uses}
  for (let step = 0; step < value % 9; step++) {
    if (step === ${i % 7}) continue;
    total += step % 2 === 0 ? step : -step;
  }
  return total;
}
`;
}

function middle(i: number): string {
  return `export function counter${i}(start = 0) {
  let count = start;
  return {
    up: (by = 1) => {
      count += by;
      return count;
    },
    down: (by = 1) => {
      if (by > count) {
        count = 0;
        return count;
      }
      count -= by;
      return count;
    },
    reset: () => (count = start),
  };
}

export function parse${i}(text) {
  const parts = [];
  let rest = text;
  try {
    while (rest.length > 0) {
      const at = rest.indexOf(';');
      if (at === -1) {
        parts.push(rest.trim());
        break;
      }
      parts.push(rest.slice(0, at).trim());
      rest = rest.slice(at + 1);
    }
    if (parts.some((part) => part === '!')) throw new SyntaxError('unexpected !');
  } catch (error) {
    if (error instanceof SyntaxError) {
      return { ok: false, reason: error.message, parts: [] };
    }
    return { ok: false, reason: 'unknown', parts: [] };
  } finally {
    rest = '';
  }
  return { ok: true, reason: null, parts };
}

export const memo${i} = (() => {
  const known = new Map();
  return (key) => {
    if (known.has(key)) {
      return known.get(key);
    }
    const value = [...String(key)].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, ${i});
    known.set(key, value);
    if (known.size > 50) {
      known.clear();
    }
    return value;
  };
})();

export async function later${i}(value, fail = false) {
  await null;
  if (fail) {
    throw new Error('later ${i}');
  }
  return value ?? 'nothing';
}

export function never${i}(value) {
  if (value) {
    return 'never';
  }
  return value === 0 ? 'zero' : 'no';
}

`;
}

function testText(i: number, modules: number): string {
  const chosen = [...new Set(Array.from({ length: IMPORTS }, (_, k) => (i * 7 + k * 13 + (k % 3) * i) % modules))];
  const third = [...(i % 25 === 24 ? [] : ['lodash']), ...(i % 10 === 3 ? ['typescript'] : [])];
  const tests = Array.from({ length: TESTS }, (_, k) => testCall(i, k, chosen[k % chosen.length] as number));
  return `import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
${third.map((name) => `import '${name}';`).join('\n')}
${chosen.map((j) => `import * as m${j} from '../src/m${j}.js';`).join('\n')}

describe('file ${i}', () => {
${tests.join('\n')}
${i % 50 === 7 ? `  it('runs the command', () => { execFileSync('node', [new URL('../src/cli.js', import.meta.url).pathname, 'fast']); });` : ''}
${i % 25 === 5 ? `  it('reads rows', () => { assert.ok(m${chosen[0]}.parse${chosen[0]}(readFileSync(new URL('../fixtures/rows.txt', import.meta.url), 'utf8')).ok); });` : ''}
});
`;
}

function testCall(i: number, k: number, j: number): string {
  const n = (i * 3 + k * 5) % 60;
  const calls = [
    `assert.ok(m${j}.classify${j}(${n}))`,
    `assert.equal(new m${j}.Ledger${j}().add(${n + 1}).add(-1, 'x').balance(), ${n})`,
    `assert.equal(m${j}.counter${j}(${k}).up(${n}), ${k + n})`,
    `assert.ok(m${j}.parse${j}('a; ${n % 3 === 0 ? '!' : 'b'}; c').parts)`,
    `assert.equal(m${j}.memo${j}(${n}), m${j}.memo${j}(${n}))`,
    `assert.equal(await m${j}.later${j}(${n}), ${n})`,
    `assert.equal(typeof m${j}.total${j}(${n}), 'number')`,
    `assert.ok(new m${j}.Ledger${j}('x').add(${n}).report('${n % 2 ? 'short' : 'long'}'))`,
  ];
  return `  it('does thing ${k} with ${n}', async () => { ${calls[(i + k) % calls.length]}; });`;
}
