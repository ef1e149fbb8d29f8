import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Sources that have made coverage tools count wrongly, by path. */
export const TORTURE: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'node_modules/dep/package.json': '{ "main": "index.js" }',
  'node_modules/dep/index.js': 'exports.dep = (x) => (x ? 1 : 2);\n',
  'src/crlf.js':
    "export function crlf(x) {\r\n  if (x) {\r\n    return 'yes';\r\n  }\r\n  return 'no';\r\n}\r\n\r\nexport const never = () => {\r\n  return 1;\r\n};\r\n",
  'src/bom.js': '\uFEFFexport const bom = (x) => (x > 1 ? x : -x);\nexport function unused() {\n  return 2;\n}\n',
  'src/únï code.js':
    "export const größe = (s) => {\n  const label = '日本語 🎉 \u2028';\n  if (s === label) return '🎉'.length;\n  return s ?? 'ж';\n};\nexport class Ünïcode {\n  #x = 1;\n  static π = Math.PI;\n  get x() { return this.#x; }\n  set x(v) { this.#x = v; }\n}\n",
  'src/cli.js':
    "#!/usr/bin/env node\nimport { crlf } from './crlf.js';\nif (process.argv[2] === 'twice') {\n  console.log(crlf(1), crlf(0));\n} else {\n  console.log('usage');\n  process.exitCode = 0;\n}\n",
  'src/ignored.js':
    "export function partly(x) {\n  /* c8 ignore next */\n  if (x === 99) return 'never';\n  /* c8 ignore next 2 */\n  if (x === 98)\n    return 'never either';\n  return x;\n}\n/* c8 ignore start */\nexport function hidden() {\n  return 1;\n}\n/* c8 ignore stop */\n/* node:coverage disable */\nexport function hiddenToo() {\n  return 2;\n}\n/* node:coverage enable */\nexport const v = (x) => x || /* v8 ignore next */ 'default';\n",
  'src/flow.cjs': `'use strict';
const { dep } = require('dep');
module.exports = function flow(kind, n = 3) {
  let out = '';
  outer: for (let i = 0; i < n; i++) {
    switch (kind) {
      case 'throw':
        try {
          if (i > 1) throw new Error('x');
          out += 'a';
        } catch (error) {
          out += 'c';
          continue outer;
        } finally {
          out += 'f';
        }
        break;
      case 'dep':
        out += dep(i);
        break;
      default:
        if (i) { break outer; } else out += '-';
    }
  }
  while (n-- > 0 && kind !== 'x') { if (n === 1) continue; out += n; }
  return kind?.length && (out || 'empty');
};
module.exports.generator = function* generator(stop) {
  for (let i = 0; ; i++) {
    if (i === stop) return;
    yield i;
  }
};
module.exports.later = async (ms) => { await null; if (ms) { await new Promise((r) => setTimeout(r, ms)); } return ms; };
`,
  'src/classes.js': `export class Base {
  constructor(x) { this.x = x; }
  double() { return this.x * 2; }
  static of(x) { return new this(x); }
  unused() { return () => () => this.x; }
}
export class Derived extends Base {
  field = (() => 5)();
  static { Derived.made = 0; }
  double() { Derived.made += 1; return super.double() + this.field; }
  *[Symbol.iterator]() { yield this.x; }
}
export const closures = [1, 2, 3].map((n) => (m) => { if (m > n) { return m; } return n; });
`,
  'src/one-line.js': 'export const a=(x)=>x?1:2;export const b=(x)=>{if(x){return 1}else{return 2}};export function c(){return 3}',
  'src/empty.js': '',
  'src/untested.js': 'export function untested(x) {\n  if (x) {\n    return 1;\n  }\n  return 2;\n}\n',
  'src/deep/untested.cjs': '// only a comment\nmodule.exports = 1;\n',
  'src/worker.js':
    "import { parentPort, workerData } from 'node:worker_threads';\nimport { b } from './one-line.js';\nif (workerData > 0) parentPort.postMessage(b(workerData));\nelse parentPort.postMessage(crash());\nfunction crash() {\n  return -1;\n}\n",
  'src/forked.cjs':
    "const flow = require('./flow.cjs');\nprocess.send(flow(process.argv[2] ?? 'none', 2), () => process.exit(0));\nfunction never() {\n  return flow('x');\n}\nvoid never;\n",
  'src/vm-script.js': '(function (x) {\n  if (x) {\n    return 1;\n  }\n  return 2;\n})(1);\n',
  'lib/outside.js': 'export const outside = () => 1;\n',
  'test/a.test.js': `import test from 'node:test';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { crlf } from '../src/crlf.js';
import { bom } from '../src/bom.js';
import { partly, v } from '../src/ignored.js';
import { Derived, closures } from '../src/classes.js';
const flow = createRequire(import.meta.url)('../src/flow.cjs');
const at = (file) => new URL(file, import.meta.url);
test('plain', () => { crlf(1); bom(2); partly(1); v(0); new Derived(2).double(); closures[0](2); flow('throw'); [...flow.generator(3)]; });
test('later', () => flow.later(1));
test('query', async () => {
  for (const query of ['?v=1', '?v=2', '#part', '?v=3']) (await import('../src/one-line.js' + query)).a(query === '?v=1');
});
test('processes', async () => {
  execFileSync(process.execPath, [fileURLToPath(at('../src/cli.js')), 'twice']);
  const child = fork(at('../src/forked.cjs'), ['dep']);
  await once(child, 'exit');
  for (const workerData of [1, 1, 0]) await once(new Worker(at('../src/worker.js'), { workerData }), 'exit');
});
`,
  'test/b.test.js': `import test from 'node:test';
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { runInThisContext } from 'node:vm';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { crlf } from '../src/crlf.js';
import { größe } from '../src/únï code.js';
import { Base } from '../src/classes.js';
import { outside } from '../lib/outside.js';
const flow = createRequire(import.meta.url)('../src/flow.cjs');
test('other branches', () => { crlf(0); größe('x'); Base.of(1).double(); flow('dep'); flow('-', 1); outside(); });
test('taken twice', () => { v8.takeCoverage(); crlf(0); flow('none'); });
test('vm', () => { const url = fileURLToPath(new URL('../src/vm-script.js', import.meta.url)); runInThisContext(readFileSync(url, 'utf8'), { filename: url }); });
test('cli', () => { for (let i = 0; i < 3; i++) execFileSync(process.execPath, [fileURLToPath(new URL('../src/cli.js', import.meta.url))]); });
`,
  'test/c.test.cjs':
    "const test = require('node:test');\nconst flow = require('../src/flow.cjs');\nrequire('../src/empty.js');\ntest('c', () => { flow('throw', 9); flow('dep', 0); });\n",
};

/** Sources in TypeScript, their tests, and a build of the same sources with source maps. */
export const TYPED: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': JSON.stringify({
    compilerOptions: { target: 'es2022', module: 'nodenext', rootDir: 'src', outDir: 'dist', sourceMap: true, types: [] },
    include: ['src'],
  }),
  'src/shapes.ts': `export interface Shape { area(): number }
export enum Kind { Square, Circle }

export class Square implements Shape {
  constructor(private readonly side: number) {}
  area(): number {
    if (this.side < 0) {
      throw new RangeError('negative');
    }
    return this.side ** 2;
  }
}
export function kindOf(shape: Shape): Kind {
  return shape instanceof Square ? Kind.Square : Kind.Circle;
}
export const unused = (x: string): string => {
  return x satisfies string;
};
`,
  'src/types.ts': 'export type Only = { readonly a: number };\n',
  'src/text.ts':
    "import type { Only } from './types.js';\n\n// A comment before\nexport function text(only: Only): string {\n  switch (only.a) {\n    case 1:\n      return 'one';\n    case 2:\n      return 'two';\n    default:\n      return `${only.a}`;\n  }\n}\n",
  'src/untested.ts': 'export function untested(x: number): number {\n  return x;\n}\n',
  'test/typed.test.ts': `import test from 'node:test';
import { Square, kindOf } from '../src/shapes.js';
import { text } from '../src/text.js';
test('typed', (): void => { new Square(2).area(); kindOf({ area: () => 1 }); text({ a: 1 }); });
`,
  'test/built.test.js':
    "import test from 'node:test';\nimport { Square } from '../dist/shapes.js';\nimport { text } from '../dist/text.js';\ntest('built', () => { try { new Square(-1).area(); } catch {} text({ a: 7 }); });\n",
};

/** Writes files into a new folder of the test's own and returns its real path. */
export function projectOf(t: { readonly after: (end: () => void) => void }, files: Readonly<Record<string, string>>, name = 'v8-'): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), name)));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}
