import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PushgateError } from '../../src/model/error.ts';
import { A_TEST, folderWith, packageWith, planOf, stepLines } from './script/project.ts';

const FILES = {
  'test/one.test.js': A_TEST,
  'test/two-test.js': A_TEST,
  'test/three.test.ts': '',
  'src/beside.test.ts': '',
  'packages/x/package.json': JSON.stringify({ name: '@e/x', scripts: { test: 'node --test *.test.js', unit: 'node --test x.test.js' } }),
  'packages/x/x.test.js': A_TEST,
  'packages/y/package.json': JSON.stringify({ name: '@e/y' }),
  'app.js': "require('node:test').test('in one process', () => {});\n",
  'scripts/start.js': "require('node:child_process').spawn('node', ['--test']);\n",
  'scripts/gen.js': 'make();\n',
  'run-tests.sh': '#!/bin/sh\nexec node --test "$@"\n',
  'other.sh': '#!/bin/sh\nmake check\n',
};

type Scripts = Readonly<Record<string, string>>;
/** What the script `test` says (others beside it), and the steps it stands for. */
const CASES: readonly (readonly [string, Scripts, readonly string[]])[] = [
  ['node --test test/one.test.js', {}, ['node --test test/one.test.js']],
  ['node --test test/*-test.js "src/**/*.test.ts"', {}, ['node --test src/beside.test.ts test/two-test.js']],
  ["node --test $(find test -name '*-test.js')", {}, ['node --test test/two-test.js']],
  ['node --test `ls test/one*`', {}, ['node --test test/one.test.js']],
  ['F=$HOME node --import tsx/esm --test "test/*.ts"', {}, ['F=/home/somebody node --import tsx/esm --test test/three.test.ts']],
  ['node --test --test-shard=1/2 --test-rerun-failures state.json test/one.test.js', {}, ['node --test test/one.test.js']],
  ['node --test-reporter spec --test --watch test/one.test.js', {}, ['node --test --test-reporter=spec test/one.test.js']],
  ['node --test gone.test.js', {}, ['node --test']],
  ['c8 --100 node --test test/one.test.js', {}, ['node --test test/one.test.js']],
  ['npx -y c8@10 -r lcov -- npm run unit -- --test-only', { unit: 'node --test' }, ['node --test-only --test packages/x/x.test.js test/one.test.js test/two-test.js']],
  ['nyc --reporter=text npm run unit && nyc report', { unit: 'node --test test/one.test.js' }, ['node --test test/one.test.js']],
  ['cross-env A=1 B="x y" node --test test/one.test.js', {}, ['A=1 B=x y node --test test/one.test.js']],
  ['env -u X A=1 time exec node --test test/one.test.js', {}, ['A=1 node --test test/one.test.js']],
  ['export A=1; cd packages/x && node --test x.test.js', {}, ['A=1 node --test x.test.js in packages/x']],
  ['(cd packages/x && node --test x.test.js) && node --test test/one.test.js', {}, ['node --test x.test.js in packages/x', 'node --test test/one.test.js']],
  ['node --test test/one.test.js | tap-spec', {}, ['node --test test/one.test.js']],
  ['node --test test/one.test.js || true', {}, ['node --test test/one.test.js']],
  ['timeout 60 ./node_modules/.bin/c8 node --test test/one.test.js > log.txt 2>&1', {}, ['node --test test/one.test.js']],
  ['sh -c "node --test test/one.test.js"', {}, ['node --test test/one.test.js']],
  ['npm run lint && npm run test:unit && npm run test:types', { lint: 'eslint .', 'test:unit': 'node --test test/one.test.js', 'test:types': 'tsd' }, ['node --test test/one.test.js']],
  ['pnpm run "/^test:/"', { 'test:a': 'node --test test/one.test.js', 'test:b': 'node --test test/two-test.js' }, ['node --test test/one.test.js', 'node --test test/two-test.js']],
  ['run-s -s lint "unit:*"', { lint: 'oxlint', 'unit:a': 'node --test test/one.test.js', 'unit:b:c': 'node --test app.js' }, ['node --test test/one.test.js']],
  ['npm-run-all --parallel "unit:**"', { 'unit:b:c': 'node --test test/one.test.js' }, ['node --test test/one.test.js']],
  ['concurrently -n a,b "node --test test/one.test.js" "npm:lint"', { lint: 'xo' }, ['node --test test/one.test.js']],
  ['yarn unit test/one.test.js', { unit: 'node --test' }, ['node --test test/one.test.js']],
  ['bun run unit', { unit: 'yarn node --test test/one.test.js' }, ['node --test test/one.test.js']],
  ['node --run unit -- test/one.test.js', { preunit: 'false', unit: 'node --test' }, ['node --test test/one.test.js']],
  ['npm run build && node --test test/one.test.js && npm run docs', { build: 'tsc', docs: 'typedoc' }, ['setup: npm run build', 'node --test test/one.test.js']],
  ['rm -rf dist && tsc -p . && tsc -p . --noEmit && node --test test/one.test.js', {}, ['setup: rm -rf dist', 'setup: tsc -p .', 'node --test test/one.test.js']],
  ['node --test test/one.test.js', { pretest: 'node scripts/gen.js', posttest: 'npm run lint', lint: 'eslint' }, ['setup: npm run pretest', 'node --test test/one.test.js']],
  ['npm run gen && npm run smoke && node --test test/one.test.js', { gen: 'node scripts/gen.js', smoke: './other.sh' }, ['setup: npm run gen', 'node --test test/one.test.js']],
  ['npm test -w packages/x && npm run unit --workspace=@e/x', {}, ['node --test x.test.js in packages/x', 'node --test x.test.js in packages/x']],
  ['npm test --workspaces --if-present', {}, ['node --test x.test.js in packages/x']],
  ['npm --prefix packages/x run unit', {}, ['node --test x.test.js in packages/x']],
  ['tsx --test', {}, ['node --import tsx --test packages/x/x.test.js src/beside.test.ts test/one.test.js test/three.test.ts test/two-test.js']],
  ['tsx --tsconfig t.json --test test/three.test.ts', {}, ['TSX_TSCONFIG_PATH=t.json node --import tsx --test test/three.test.ts']],
  ['glob -c "node --test" "test/*-test.js"', {}, ['node --test test/two-test.js']],
  ['borp -C --check-coverage -c 2 --reporter=spec', {}, ['node --test-concurrency=2 --test packages/x/x.test.js test/one.test.js']],
  ['borp -p "test/*.js" --ignore "test/two*" --expose-gc -t 1000', {}, ['node --expose-gc --test-timeout=1000 --test test/one.test.js']],
  ["bnt --coverage 100 --coverage-exclude 'test/*' -t name test/one.test.js", {}, ['NODE_ENV=test node --test-name-pattern=name --test test/one.test.js']],
  ['node --conditions development app.js --flag', {}, ['node --conditions development app.js --flag']],
  ['standard && node scripts/start.js', {}, ['observed: node scripts/start.js']],
  ['./run-tests.sh --fast && node --test test/one.test.js', {}, ['observed: ./run-tests.sh --fast', 'node --test test/one.test.js']],
  ['eslint . && make test', {}, ['observed: make test']],
  ['xo && ls test/*.js | xargs node --test', {}, ['observed: ls test/*.js | xargs node --test']],
  ['c8 make test', {}, ['observed: make test']],
  ['if [ -n "$X" ]; then node --test; fi', {}, ['observed: if [ -n "$X" ]; then node --test; fi']],
  ['npm run serve & node --test test/one.test.js', { serve: 'node scripts/gen.js' }, ['observed: npm run serve & node --test test/one.test.js']],
  ['npm run lint && npm run unit', { lint: 'xo', unit: 'node check.js && npm run win || npm run other', win: 'node --test', other: 'node --test' }, ['observed: node check.js && npm run win || npm run other']],
]; // prettier-ignore

for (const [script, scripts, expected] of CASES) {
  test(`understands ${script}`, async (t) => {
    const root = packageWith(t, { ...scripts, test: script }, { ...FILES });
    // Workspaces stand in the package.json, which packageWith writes; npm looks them up there.
    const withWorkspaces = script.includes('-w') ? folderWithWorkspaces(t, { ...scripts, test: script }) : root;
    const env = { PATH: process.env['PATH'], HOME: '/home/somebody' };
    const plan = await planOf(withWorkspaces, { env, nodeVersion: '20.20.2' });
    assert.deepEqual(stepLines(plan, withWorkspaces), expected);
  });
}

function folderWithWorkspaces(t: Parameters<typeof folderWith>[0], scripts: Scripts): string {
  return folderWith(t, { ...FILES, 'package.json': JSON.stringify({ name: 'example', workspaces: ['packages/*'], scripts }) });
}

test('says what it changed, in sentences', async (t) => {
  const scripts = {
    test: 'npm run lint && npm run build && c8 --100 borp && jest && npm run docs',
    lint: 'xo',
    build: 'tsc',
    docs: 'typedoc',
  };
  const plan = await planOf(packageWith(t, scripts));
  assert.deepEqual(plan.notes, [
    'c8 around the tests was unwrapped: pushgate measures coverage itself.',
    'The tests run with `node --test` instead of borp, on the same files.',
    'Runs before the tests, neither timed nor measured: `npm run build`.',
    'Left out, for no test runs in it: `npm run lint`.',
    'Left out, for pushgate runs tests of node:test only: `jest`.',
    'Left out, for it comes after the tests: `npm run docs`.',
    'Coverage settings are taken over from c8 in scripts.test, where pushgate.jsonc says nothing.',
  ]);
  assert.deepEqual(plan.coverageTool?.floor, { lines: 100, branches: 100, functions: 100, statements: 100 });
  assert.equal(plan.from, 'scripts.test in package.json');
  assert.equal(plan.command, scripts.test);
});

test('says that it runs the whole suite where the script runs a part', async (t) => {
  const plan = await planOf(packageWith(t, { test: 'node --test --test-shard=1/2 test/one.test.js' }));
  assert.deepEqual(plan.notes, ['`--test-shard` was dropped: pushgate judges the whole suite.']);
});

test("takes over the limits of Node's own coverage and of borp", async (t) => {
  const node = 'node --test --experimental-test-coverage --test-coverage-lines=80 --test-coverage-exclude "x/**" test/one.test.js';
  const root = packageWith(t, { test: node });
  const own = await planOf(root);
  assert.deepEqual(stepLines(own, root), ['node --test test/one.test.js']);
  assert.deepEqual([own.coverageTool?.floor, own.coverageTool?.exclude], [{ lines: 80 }, ['x/**', '**/*.d.{ts,mts,cts}']]);
  const borp = await planOf(packageWith(t, { test: 'borp -C --check-coverage --lines 95 -X "x/**"' }));
  assert.deepEqual(borp.coverageTool?.floor, { lines: 95, branches: 100, functions: 100, statements: 100 });
  assert.deepEqual(borp.coverageTool?.exclude, ['x/**', '**/*.d.{ts,mts,cts}']);
});

test('a limit that a separate coverage step checks counts', async (t) => {
  const plan = await planOf(packageWith(t, { test: 'c8 -n "lib/**" node --test && c8 check-coverage --lines 77' }));
  assert.deepEqual([plan.coverageTool?.include, plan.coverageTool?.floor], [['lib/**'], { lines: 77 }]);
  assert.equal(plan.steps.length, 1);
});

test('borp in a TypeScript project compiles first and runs what was compiled', async (t) => {
  const files = {
    'tsconfig.json': '{ // comment\n "extends": "./base.json" }',
    'base.json': '{ "compilerOptions": { "outDir": "dist", "sourceMap": true } }',
  };
  const root = packageWith(t, { test: 'borp' }, { ...files, 'dist/test/a.test.js': A_TEST });
  assert.deepEqual(stepLines(await planOf(root), root), ['setup: tsc', 'node --enable-source-maps --test dist/test/a.test.js']);
});

test('reads the configuration file of borp', async (t) => {
  const yaml =
    'files:\n  - "test/*.test.js"\n  - lib/**/*.js # more\ncoverage:\n  check-coverage: true\n  lines: 66\nreporters:\n  - spec\n';
  const root = packageWith(t, { test: 'borp' }, { '.borp.yaml': yaml, 'lib/deep/a.js': A_TEST });
  const plan = await planOf(root);
  assert.deepEqual(stepLines(plan, root), ['node --test lib/deep/a.js test/one.test.js']);
  assert.equal(plan.coverageTool?.floor?.lines, 66);
});

test('run.files replaces default files, never named ones', async (t) => {
  const files = { 'spec/a.js': A_TEST, 'packages/x/package.json': '{}' };
  const plain = packageWith(t, { test: 'node --test && cd packages/x && node --test' }, files);
  const replaced = await planOf(plain, { files: ['./spec/*.js'] });
  assert.deepEqual(stepLines(replaced, plain), ['node --test spec/a.js', 'node --test ../../spec/a.js in packages/x']);
  const named = packageWith(t, { test: 'node --test test/one.test.js' }, files);
  const kept = await planOf(named, { files: ['spec/*.js'] });
  assert.deepEqual(stepLines(kept, named), ['node --test test/one.test.js']);
  assert.deepEqual(kept.testFiles, ['spec/a.js', 'test/one.test.js']);
});

test('run.command is understood like a script', async (t) => {
  const root = packageWith(t, { test: 'jest', unit: 'c8 node --test test/one.test.js' });
  const plan = await planOf(root, { command: 'npm run unit', from: 'run.command in pushgate.jsonc' });
  assert.deepEqual(stepLines(plan, root), ['node --test test/one.test.js']);
  assert.equal(plan.from, 'run.command in pushgate.jsonc');
});

test('the tests of one process are the script and what it loads', async (t) => {
  const user = "import { test } from 'node:test';\n";
  const root = packageWith(
    t,
    { test: 'node test/index.js' },
    {
      'test/index.js': "import './a.js';\nimport '../src/lib.js';\n",
      'test/a.js': user,
      'test/more/b.js': user,
      'test/fixture.js': 'export {};\n',
      'src/lib.js': 'export {};\n',
    },
  );
  const plan = await planOf(root);
  assert.deepEqual(stepLines(plan, root), ['node test/index.js']);
  assert.deepEqual(plan.testFiles, ['test/a.js', 'test/index.js', 'test/more/b.js', 'test/one.test.js']);
});

test('without a test script, plain node --test runs, if there are tests', async (t) => {
  for (const scripts of [{}, { test: 'echo "Error: no test specified" && exit 1' }]) {
    const root = packageWith(t, scripts);
    const plan = await planOf(root);
    assert.deepEqual(stepLines(plan, root), ['node --test test/one.test.js']);
    assert.match(plan.notes.join(), /has no test script/);
  }
  const bare = folderWith(t, ['test/a.js']);
  assert.deepEqual(stepLines(await planOf(bare), bare), ['node --test test/a.js']);
});

test('without a test script and without tests, the patterns are named (exit 3)', async (t) => {
  await assert.rejects(planOf(folderWith(t, { 'package.json': '{}' })), (error) => {
    assert.ok(error instanceof PushgateError);
    assert.equal(error.exitCode, 3);
    assert.match(error.message, /no file matches .*\*\*\/\*\.test\./);
    return true;
  });
});

test('a command that is understood but finds no file is planned, and the runner says so', async (t) => {
  const root = packageWith(t, { test: 'node --test "none/**/*.js"' });
  const plan = await planOf(root);
  assert.deepEqual(
    plan.steps.map((step) => (step.kind === 'node-test' ? step.files : null)),
    [[]],
  );
  assert.match(plan.notes.join(), /`none\/\*\*\/\*\.js` in scripts\.test in package\.json matches no file/);
});

const UNDECIDED: readonly (readonly [string, RegExp])[] = [
  ['vitest run', /run with vitest .* later version/],
  ['npm run lint && c8 ava', /run with ava .* not supported/],
  ['node --experimental-vm-modules node_modules/jest/bin/jest.js', /run with jest/],
  ['tape test/*.js | tap-spec', /run with tape/],
  ['node test/with-tape.js', /run with tape/],
  ['npm run lint', /No step of `npm run lint`/],
  ['npm test', /test runs itself/],
  ['borp --no-such-flag', /--no-such-flag/],
  ['npm run -s unti && node --test', /no script unti/],
  ['node --test ${NOWHERE:?is not set}', /could not expand `node --test \$\{NOWHERE:\?is not set\}`: NOWHERE: is not set\./],
  ['node --test $(echo test) "${NOWHERE:?is not set}"', /could not expand .*: NOWHERE: is not set\./],
];

for (const [script, message] of UNDECIDED) {
  test(`decides nothing from ${script} (exit 2)`, async (t) => {
    const root = packageWith(t, { test: script, lint: 'eslint .' }, { 'test/with-tape.js': "import test from 'tape';\n" });
    await assert.rejects(planOf(root), (error) => {
      assert.ok(error instanceof PushgateError);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, message);
      assert.ok(error.advice.length > 0);
      return true;
    });
  });
}

test('a package.json that is no JSON is a usage error', async (t) => {
  await assert.rejects(planOf(folderWith(t, { 'package.json': '{' })), (error) => error instanceof PushgateError && error.exitCode === 2);
});

test('names with quotes, spaces and newlines reach node as they are', async (t) => {
  const names = ["test/it's.test.js", 'test/a b.test.js', 'test/new\nline.test.js', 'test/ünï.test.js', 'test/__proto__.test.js'];
  const root = folderWith(
    t,
    Object.fromEntries([...names.map((name) => [name, A_TEST]), ['package.json', '{"scripts":{"test":"node --test test/*.js"}}']]),
  );
  const [step] = (await planOf(root)).steps;
  assert.deepEqual(step?.kind === 'node-test' ? step.files : null, names.toSorted());
});
