import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { before, after, describe, it } from 'node:test';
import type { FileRecord, Input } from '../../src/model/inputs.ts';
import { loadFileRuns } from '../../src/store/file-runs.ts';
import { runCli } from '../support/cli.ts';
import { testFile } from '../support/projects.ts';
import { linkPackages, makeProject, makeRepo, projectFor, type TempRepo } from '../support/repo.ts';

/** One way to depend on `data/<name>.json`, as the body of a test file; `at` makes a URL, `path` a path. */
const HEAD = `
import childProcess, { execFile, execFileSync, execSync, fork, spawn } from 'node:child_process';
import fs, { createReadStream, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import promises, { open, readFile } from 'node:fs/promises';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SHARE_ENV, Worker } from 'node:worker_threads';
const at = (name) => new URL(\`../data/\${name}.json\`, import.meta.url);
const path = (name) => fileURLToPath(at(name));
const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const done = (child) => new Promise((resolve) => child.on('exit', resolve));
`;

const READS: Readonly<Record<string, string>> = {
  sync: `readFileSync(at('sync'))`,
  relative: `process.chdir(root); readFileSync('./test/../data/relative.json', 'utf8')`,
  buffer: `readFileSync(Buffer.from(path('buffer')))`,
  callback: `await promisify(fs.readFile)(path('callback'))`,
  promise: `await readFile(at('promise'))`,
  namespace: `await fs.promises.readFile(at('namespace')); await promises.access(at('namespace'))`,
  descriptor: `readSync(openSync(path('descriptor')), Buffer.alloc(9))`,
  handle: `await (await open(at('handle'))).readFile()`,
  stream: `for await (const chunk of createReadStream(path('stream'))) void chunk`,
  stat: `statSync(path('stat'))`,
  exists: `existsSync(path('exists'))`,
  copy: `fs.copyFileSync(path('copy'), root + '/../copied')`,
  require: `require('../data/require')`,
  linked: `readFileSync(root + '/node_modules/own/linked.json')`,
  itself: `readFileSync(root + '/node_modules/example/data/itself.json')`,
  environmentFile: `process.loadEnvFile(path('environmentFile'))`,
  import: `await import('../data/import.json', { with: { type: 'json' } })`,
  worker: `await done(new Worker('require("node:fs").readFileSync(' + JSON.stringify(path('worker')) + ')', { eval: true }))`,
  sharing: `await done(new Worker('require("node:fs").readFileSync(' + JSON.stringify(path('sharing')) + ')', { eval: true, env: SHARE_ENV }))`,
  nested: `await done(new Worker('new (require("node:worker_threads").Worker)("require(\\'node:fs\\').readFileSync(\\'' + path('nested') + '\\')", { eval: true })', { eval: true }))`,
  spawned: `await done(spawn(process.execPath, ['src/cli.js', 'data/spawned.json'], { cwd: root }))`,
  forked: `await done(fork('src/cli.js', ['data/forked.json'], { cwd: root }))`,
  shell: `execSync('node src/cli.js data/shell.json', { cwd: root })`,
  environment: `execFileSync('node', ['src/cli.js', 'data/environment.json'], { cwd: root, env: { ...process.env, MORE: '1' } })`,
  deep: `execFileSync('node', ['-e', 'require("child_process").execFileSync("node", ["src/cli.js", "data/deep.json"])'], { cwd: root })`,
};

/** What a test file makes itself is no dependency, here in each of the ways to make a folder. */
const OWN: Readonly<Record<string, string>> = {
  madeSync: `const dir = fs.mkdtempSync(root + 'made-'); fs.readdirSync(dir); fs.writeFileSync(dir + '/x', ''); readFileSync(dir + '/x'); fs.rmSync(dir, { recursive: true })`,
  madeCallback: `const dir = await promisify(fs.mkdtemp)(root + 'made-'); fs.readdirSync(dir); statSync(dir); fs.rmSync(dir, { recursive: true })`,
  endedWorker: `await new Worker('setInterval(() => {}, 9)', { eval: true }).terminate()`,
  madePromise: `const dir = await promises.mkdtemp(root + 'made-'); await promises.readdir(dir); await promises.rm(dir, { recursive: true })`,
};

/** Ways to depend on what cannot be followed: on everything, or not to be taken over at all. */
const OPAQUE: Readonly<Record<string, readonly [body: string, input: Input | 'untracked']>> = {
  program: [`execFileSync('cat', ['package.json'], { cwd: root })`, 'everything cat'],
  pipeline: [`execSync('cat package.json | wc -l', { cwd: root })`, 'everything cat package.json | wc -l'],
  bare: [`execFileSync(process.execPath, ['src/cli.js', 'data/sync.json'], { cwd: root, env: {} })`, 'everything node'],
  apart: [`await done(new Worker('1', { eval: true, env: {} }))`, 'everything a worker that was not watched'],
  apartInWorker: [
    `await done(new Worker('new (require("node:worker_threads").Worker)("1", { eval: true, env: {} })', { eval: true }))`,
    'everything a worker that was not watched',
  ],
  apartToTheEnd: [
    `execFileSync('node', ['-e', 'const done = new Int32Array(new SharedArrayBuffer(4)); new (require("node:worker_threads").Worker)("Atomics.add(require(\\'node:worker_threads\\').workerData, 0, 1); Atomics.notify(require(\\'node:worker_threads\\').workerData, 0)", { eval: true, env: {}, workerData: done }); Atomics.wait(done, 0, 0, 5000); process.exit(0)'])`,
    'everything a worker that was not watched',
  ],
  apartUnderMock: [
    `const { writeFileSync, appendFileSync } = fs; fs.writeFileSync = fs.appendFileSync = () => {}; await done(new Worker('1', { eval: true, env: {} })); Object.assign(fs, { writeFileSync, appendFileSync })`,
    'everything a worker that was not watched',
  ],
  apartByPreload: [
    `await new Promise((resolve) => new Worker('1', { eval: true, env: {}, execArgv: ['--require', path('../tools/throws').replace('.json', '.cjs')] }).on('error', resolve))`,
    'everything a worker that was not watched',
  ],
  killed: [
    `const child = spawn('node', ['-e', 'console.log(1); setInterval(() => {}, 9)']); await new Promise((r) => child.stdout.once('data', r)); child.kill('SIGKILL'); await done(child)`,
    'untracked',
  ],
  made: [
    `fs.mkdirSync(root + 'made-dir'); fs.readdirSync(root + 'made-dir'); fs.rmSync(root + 'made-dir', { recursive: true })`,
    'absent made-dir',
  ],
  wasi: [`await import('node:wasi')`, 'everything node:wasi'],
  // Where there is one.
  ...(isBuiltin('node:sqlite') ? { sqlite: [`new (require('node:sqlite').DatabaseSync)(':memory:')`, 'everything node:sqlite'] } : {}),
  lazy: [`const name = 'nothing'; await import('../src/' + name + '.js').catch(() => {})`, 'filenames *'],
  besideMade: [`fs.rmdirSync(fs.mkdtempSync(root + 'test/')); readFileSync(root + 'test/sync.test.js')`, 'file test/sync.test.js'],
  link: [`fs.symlinkSync('project/src', root + '../link'); readFileSync(root + '../link/cli.js')`, 'under src'],
  linkToAll: [
    `fs.symlinkSync(root, root + '../link-to-all'); readFileSync(root + '../link-to-all/src/cli.js')`,
    'everything a link to all of it',
  ],
  absent: [`existsSync(path('not-there'))`, 'absent data/not-there.json'],
  listed: [`fs.readdirSync(root + 'data')`, 'names data'],
  listedDeep: [`fs.readdirSync(root + 'data', { recursive: true })`, 'under data'],
  sought: [`try { require('../src/nothing') } catch {}`, 'stem src/nothing'],
};

describe('what a test file depends on is noted', () => {
  let repo: TempRepo;
  let records: ReadonlyMap<string, FileRecord> = new Map();

  before(async () => {
    const bodies = [...Object.entries({ ...READS, ...OWN }), ...Object.entries(OPAQUE).map(([name, [body]]) => [name, body] as const)];
    const tests = bodies.map(([name, body]) => [
      `test/${name}.test.js`,
      testFile(`${HEAD}\ntest('${name}', async () => {\n  ${body};\n});`),
    ]);
    const data = Object.keys(READS).map((name) => [`data/${name}.json`, '{}']);
    repo = await makeRepo(
      makeProject({
        'package.json': { name: 'example', private: true, type: 'module', scripts: { test: 'node --test' } },
        'pushgate.jsonc': { coverage: { floor: 0 } },
        'src/cli.js': "import { readFileSync } from 'node:fs';\nreadFileSync(process.argv[2]);\n",
        'tools/throws.cjs': "throw new Error('too early');\n",
        ...Object.fromEntries([...tests, ...data]),
      }),
    );
    mkdirSync(join(repo.dir, 'node_modules'));
    symlinkSync('../data', join(repo.dir, 'node_modules/own'));
    symlinkSync('..', join(repo.dir, 'node_modules/example'));
    const ended = await runCli(['check'], { cwd: repo.dir, env: repo.env });
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    records = loadFileRuns(join(repo.dir, '.git/pushgate/runs'), repo.dir).kept?.records ?? new Map();
  });
  after(() => repo.remove());

  const recordOf = (name: string): FileRecord => {
    const record = records.get(`test/${name}.test.js`);
    assert.ok(record !== undefined, [...records.keys()].join(' '));
    return record;
  };

  for (const name of Object.keys(READS)) {
    it(`read by ${name}`, () => {
      const { states, untracked } = recordOf(name);
      assert.equal(untracked, null);
      assert.ok(states.has(`file data/${name}.json`), [...states.keys()].join('\n'));
      assert.ok(![...states.keys()].some((input) => input.startsWith('everything')), [...states.keys()].join('\n'));
    });
  }

  for (const name of Object.keys(OWN)) {
    it(`${name} by itself`, () => {
      const { states, untracked } = recordOf(name);
      assert.equal(untracked, null);
      assert.deepEqual([...states.keys()].toSorted(), [`file test/${name}.test.js`, `stem test/${name}.test`]);
    });
  }

  for (const [name, [, input]] of Object.entries(OPAQUE)) {
    it(`${name}: ${input}`, () => {
      const { states, untracked } = recordOf(name);
      if (input === 'untracked') assert.match(untracked ?? '', /ended from outside|was lost/);
      else assert.ok(states.has(input), [untracked, ...states.keys()].join('\n'));
    });
  }
});

it('tsx compiles what it is given, and reads nothing more; a build reads what it likes', async (t) => {
  const typed = (body: string): string =>
    `const { test } = require('node:test');\nconst one: number = 1;\ntest('is one', () => ${body});\n`;
  const repo = await makeRepo(
    projectFor(t, {
      'package.json': { name: 'example', private: true, scripts: { test: 'node --import tsx --test test/*.test.ts' } },
      'pushgate.jsonc': { coverage: { floor: 0 } },
      'src/one.js': 'module.exports = 1;\n',
      'test/plain.test.ts': typed('one'),
      'test/transforms.test.ts': typed(`require('esbuild').transformSync('let x: number', { loader: 'ts' })`),
      'test/builds.test.ts': typed(`require('esbuild').buildSync({ entryPoints: [__filename], write: false })`),
      'test/builds-later.test.ts': typed(`require('esbuild').build({ entryPoints: [__filename], write: false })`),
    }),
  );
  linkPackages(repo, ['tsx', 'esbuild']);
  const ended = await runCli(['check'], { cwd: repo.dir, env: repo.env });
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  const { records } = loadFileRuns(join(repo.dir, '.git/pushgate/runs'), repo.dir).kept ?? { records: new Map<string, FileRecord>() };
  const opaque = [...records].flatMap(([file, { states }]) =>
    [...states.keys()].filter((input) => input.startsWith('everything')).map((input) => `${file}: ${input}`),
  );
  assert.deepEqual(opaque.toSorted(), ['test/builds-later.test.ts: everything esbuild', 'test/builds.test.ts: everything esbuild']);
});
