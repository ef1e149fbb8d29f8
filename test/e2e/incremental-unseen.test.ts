import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { runCli, runJson } from '../support/cli.ts';
import { testFile } from '../support/projects.ts';
import { makeRepo, projectFor, type Files, type TempRepo } from '../support/repo.ts';

const HEAD = `import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const at = (path) => new URL(\`../\${path}\`, import.meta.url);
`;
const aTest = (body: string): string => testFile(`${HEAD}test('reads', () => {\n  ${body}\n});`);

const BASE: Files = {
  'package.json': {
    name: 'example',
    version: '1.0.0',
    private: true,
    type: 'module',
    scripts: { test: 'node --test' },
    imports: { '#later': './src/later.cjs', '#lazy': './src/lazy.js' },
  },
  'pushgate.jsonc': { coverage: { floor: 0 } },
  'src/one.js': 'export const one = 1;\n',
  'test/one.test.js': testFile(`import { one } from '../src/one.js';\ntest('one', () => assert.equal(one, 1));`),
};

/** Reading that is easily missed: what a test file does, and the file whose change it has to run again for. */
const READS: Readonly<Record<string, readonly [body: string, file: string]>> = {
  atExit: [`process.on('exit', () => readFileSync(at('data/exit.txt')));`, 'data/exit.txt'],
  envFile: [
    `assert.equal(spawnSync(process.execPath, ['--env-file=data/app.env', 'src/cli.js'], { cwd: new URL('..', import.meta.url) }).status, 0);`,
    'data/app.env',
  ],
  madeFolder: [
    `mkdirSync(at('made'), { recursive: true }); readdirSync(at('made')); rmSync(at('made'), { recursive: true });`,
    'made/x.json',
  ],
  requiredLater: [`try { require('#later'); } catch {}`, 'src/later.cjs'],
  importedLater: [`return import('#lazy').catch(() => {});`, 'src/lazy.js'],
  moved: [`renameSync(at('data/folder'), at('data/other')); renameSync(at('data/other'), at('data/folder'));`, 'data/folder/x'],
};

async function aRepo(t: Parameters<typeof projectFor>[0], files: Files): Promise<TempRepo> {
  const repo = await makeRepo(projectFor(t, { ...BASE, ...files }));
  await repo.commit('Begin');
  return repo;
}

const ranAgain = (stdout: string): string[] =>
  [...stdout.matchAll(/^ {2}test\/([\w-]+)\.test\.js: /gm)].map(([, name]) => name ?? '').toSorted();

describe('an incremental run', () => {
  it('runs again what read past the usual ways', async (t) => {
    const tests = Object.entries(READS).map(([name, [body]]) => [`test/${name}.test.js`, aTest(body)] as const);
    const repo = await aRepo(t, {
      ...Object.fromEntries(tests),
      'data/exit.txt': 'a',
      'data/app.env': 'A=1\n',
      'data/folder/x': 'a',
      'src/cli.js': 'export const cli = 1;\n',
    });
    const check = async (): Promise<string> => {
      const { code, stdout, stderr } = await runCli(['check', '--no-stamp', '--why', '--no-color'], { cwd: repo.dir, env: repo.env });
      assert.equal(code, 0, stdout + stderr);
      return stdout;
    };
    await check();
    assert.deepEqual(
      ranAgain(await check()).filter((name) => name !== 'moved'),
      [],
      'nothing changed',
    );
    for (const [, path] of Object.values(READS)) {
      mkdirSync(dirname(join(repo.dir, path)), { recursive: true });
      appendFileSync(join(repo.dir, path), '\n');
    }
    assert.deepEqual(ranAgain(await check()), Object.keys(READS).toSorted());
  });

  it('sees packages that are linked from elsewhere, and sources that git ignores', async (t) => {
    const repo = await aRepo(t, {
      '.gitignore': 'node_modules\nsrc/made.js\n',
      'test/linked.test.js': testFile(`import { value } from 'outlib';\ntest('linked', () => assert.equal(value, 1));`),
    });
    const outlib = join(repo.dir, '../outlib');
    mkdirSync(outlib);
    writeFileSync(join(outlib, 'package.json'), JSON.stringify({ name: 'outlib', type: 'module', exports: './index.js' }));
    writeFileSync(join(outlib, 'index.js'), 'export const value = 1;\n');
    mkdirSync(join(repo.dir, 'node_modules'));
    symlinkSync(outlib, join(repo.dir, 'node_modules/outlib'));
    const check = () => runJson(['check'], { cwd: repo.dir, env: repo.env });
    assert.equal((await check()).code, 0);
    assert.equal((await check()).report.run.mode, 'stamped');
    writeFileSync(join(outlib, 'index.js'), 'export const value = 2;\n');
    assert.equal((await check()).code, 1, 'the linked package');
    writeFileSync(join(outlib, 'index.js'), 'export const value = 1;\n');
    writeFileSync(join(repo.dir, 'src/made.js'), 'export const made = 1;\n');
    const { total } = (await check()).report.coverage.lines;
    appendFileSync(join(repo.dir, 'src/made.js'), '// one more\n'.repeat(9));
    const again = await check();
    assert.deepEqual([again.report.run.mode, again.report.coverage.lines.total], ['incremental', total + 9], 'the ignored source');
  });

  it('is not built on a run in which something changed that all depend on', async (t) => {
    const touches = testFile(`${HEAD}test('touches', () => writeFileSync(at('schema.sql'), readFileSync(at('schema.sql'))));`);
    const repo = await aRepo(t, {
      'pushgate.jsonc': { coverage: { floor: 0 }, run: { inputs: ['schema.sql'] } },
      'schema.sql': 'create table a;\n',
      'test/touches.test.js': touches,
    });
    const check = () => runCli(['check', '--no-stamp'], { cwd: repo.dir, env: repo.env });
    const first = await check();
    assert.match(first.stderr, /^! Nothing of this run is kept, because schema\.sql changed while it ran\.$/m);
    rmSync(join(repo.dir, 'test/touches.test.js'));
    const second = await check();
    assert.doesNotMatch(second.stdout, /reused/);
    assert.doesNotMatch(second.stderr, /Nothing of this run/);
  });

  it('measures a test again that was slow', async (t) => {
    const waits = testFile(`import { existsSync } from 'node:fs';
test('waits on a busy machine', () => new Promise((done) => setTimeout(done, existsSync(process.env.BUSY) ? 700 : 0)));`);
    const repo = await aRepo(t, { 'pushgate.jsonc': { coverage: { floor: 0 }, slow: { limit: '400ms' } }, 'test/waits.test.js': waits });
    const busy = join(repo.dir, '../busy');
    writeFileSync(busy, '');
    const options = { cwd: repo.dir, env: { ...repo.env, BUSY: busy } };
    assert.equal((await runCli(['coverage'], options)).code, 0, 'judges no time');
    rmSync(busy);
    const { code, stdout } = await runCli(['check', '--why'], options);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /test\/waits\.test\.js: it was slow/);
  });
});
