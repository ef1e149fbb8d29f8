import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { TestRun } from '../../../src/model/test-run.ts';
import { planSuite } from '../../../src/runners/node-test/plan-suite.ts';
import { nodeTestRunner } from '../../../src/runners/node-test/runner.ts';
import { childEnv, type Env } from '../../support/child-env.ts';
import { testFile } from '../../support/projects.ts';
import type { Files, TempProject } from '../../support/repo.ts';

/** Why turbo cannot be tried in this Node; false where it can. */
export const NO_TURBO = Number(process.versions.node.split('.')[0]) < 22 && 'turbo needs Node 22';

/** Gives this test file's process a cache folder of its own: what is under test finds it in the environment. */
export function ownCacheDir(t: Pick<TestContext, 'after'>): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'pushgate-test-cache-')));
  process.env['XDG_CACHE_HOME'] = dir;
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'pushgate', 'turbo');
}

const SOURCE = `export function used(values) {
  return values.map((value) => (value > 1 ? value : -value));
}

export function unused() {
  return 'never';
}
`;

const USES = testFile(`import 'common';
import 'modern';
import { local } from 'local';
import { used } from '../src/used.js';

test('uses', () => assert.deepEqual(used([1, 2]), [-1, 2]));
test('uses a package of the repository', () => assert.equal(local(), 'local'));`);

/** A project with an installed CommonJS and an installed ES module, and a package of its own that is linked beside them. */
export const WITH_PACKAGES: Files = {
  'package.json': { name: 'example', private: true, type: 'module', scripts: { test: 'node --test' } },
  'pushgate.jsonc': { coverage: { include: ['src/**', 'packages/**'], floor: 50 } },
  'src/used.js': SOURCE,
  'packages/local/package.json': { name: 'local', type: 'module', exports: './index.js' },
  'packages/local/index.js': "export const local = () => 'local';\nexport const other = () => 'other';\n",
  'node_modules/common/package.json': { name: 'common' },
  'node_modules/common/index.js': 'exports.common = () => 1;\nexports.never = () => 2;\n',
  'node_modules/modern/package.json': { name: 'modern', type: 'module', exports: './index.js' },
  'node_modules/modern/index.js': 'export const modern = () => 1;\n',
  'test/a.test.js': USES,
};

export type Measured = { readonly run: TestRun; readonly notices: readonly string[] };

/** Runs a project's suite under coverage. */
export async function measure({ dir, env }: Pick<TempProject, 'dir' | 'env'>, turbo: boolean, more: Env = {}): Promise<Measured> {
  const notices: string[] = [];
  const ofChildren = childEnv({ ...env, ...more });
  const nodeVersion = process.versions.node;
  const plan = await planSuite({ root: dir, command: null, from: null, files: null, nodeVersion, env: ofChildren });
  const run = await nodeTestRunner.measure({
    root: dir,
    plan,
    coverage: { include: ['src/**', 'packages/**'], exclude: [] },
    only: null,
    turbo,
    timeoutMs: 60_000,
    env: ofChildren,
    passThrough: null,
    signal: new AbortController().signal,
    onProgress: () => {},
    onNotice: (text) => void notices.push(text),
  });
  return { run, notices };
}

/** What a run says of sources and tests, without times. */
export function evidenceOf({ run }: Measured): object {
  const files = run.files.map(({ file, tests, raw }) => ({
    file,
    tests: tests.map(({ name, outcome }) => [name, outcome]),
    raw: raw.map(({ url, text, count }) => `${url} ${count} ${text}`).toSorted(),
  }));
  return { coverage: run.coverage, files: files.toSorted((a, b) => (a.file < b.file ? -1 : 1)), unproven: run.unproven, lost: run.lost };
}

/** The entries of all caches, by path below the folder. */
export function entriesIn(turboDir: string): string[] {
  return (readdirSync(turboDir, { recursive: true }) as string[]).filter((path) => /entries\/[^/]+\/[^/]+$/.test(path)).toSorted();
}

/** A coverage file as Node lays it out. */
export function coverageOf(urls: readonly string[]): Buffer {
  const ranges = [{ startOffset: 0, endOffset: 1, count: 1 }];
  const result = urls.map((url, i) => ({ scriptId: String(i), url, functions: [{ functionName: '', ranges, isBlockCoverage: true }] }));
  return Buffer.from(JSON.stringify({ result, timestamp: 1.5 }));
}
