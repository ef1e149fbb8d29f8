import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { codesOf, runCli, runJson } from '../support/cli.ts';
import type { StartOptions } from '../support/processes.ts';
import { SMALL, testFile } from '../support/projects.ts';
import { makeProject, type TempProject } from '../support/repo.ts';

const RETRY = `import { setTimeout as wait } from 'node:timers/promises';

export async function retry(call, attempts = 3) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === attempts) throw error;
      await wait(250);
    }
  }
}
`;
const RETRY_TEST = `${testFile('').trim()}
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { retry } from '../src/retry.js';

const loaded = Object.keys(createRequire(import.meta.url).cache);
appendFileSync('loaded.txt', loaded.some((path) => path.includes('/node-test/trace')) ? 'traced ' : 'bare ');

describe('retry', () => {
  it('gives up after three attempts', async () => {
    await assert.rejects(retry(async () => Promise.reject(new Error('down'))), /down/);
  });
});
`;

describe('a retry helper that sleeps', () => {
  let project: TempProject;
  let at: StartOptions;
  before(() => {
    project = makeProject({
      ...SMALL,
      'pushgate.jsonc': { coverage: { floor: 50 }, slow: { limit: '300ms', target: '200ms' } },
      'src/retry.js': RETRY,
      'test/retry.test.js': RETRY_TEST,
    });
    at = { cwd: project.dir, env: project.env };
  });
  after(() => project.remove());

  it('is stopped as a new slow test, after three attempts', async () => {
    const { code, stdout, stderr } = await runCli(['check'], at);
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /✖ A new slow test: \d\.\d s; the limit is 0\.3 s\. {2}\[new-slow-test\]/);
    assert.match(stdout, /test\/retry\.test\.js:11 {2}retry > gives up after three attempts/);
    assert.match(stdout, /attempts {2}\d\.\d s in the suite; \d\.\d s, \d\.\d s alone/);
    assert.match(stdout, /mostly +waiting on timers \d\.\d s {2}src\/retry\.js:9\n/);
    assert.match(stdout, /→ Pass the delay at src\/retry\.js:9 in as a parameter/);
    // In the suite and alone nothing of the tracer is there; a busy machine may have run the suite again.
    assert.match(project.read('loaded.txt'), /^(?:bare ){3,}traced $/);
  });

  it('is let through by an entry', async () => {
    const allow = await runCli(['allow', 'test/retry.test.js:11', '--reason', 'two waits', '--expires', '2999-12-31'], at);
    assert.equal(allow.code, 0, allow.stderr);
    assert.match(project.read('known-slow.jsonc'), /"ceiling": "\d+s"/);
    const { code, report } = await runJson(['check'], at);
    assert.equal(code, 0);
    assert.deepEqual(codesOf(report), []);
    assert.equal(report.tests.find((each) => each.file === 'test/retry.test.js')?.known, true);
  });

  it('is stopped again over the ceiling of its entry, by its gate alone', async () => {
    project.write({ 'known-slow.jsonc': project.read('known-slow.jsonc').replace(/"ceiling": "\d+s"/, '"ceiling": "400ms"') });
    const { code, report } = await runJson(['slow'], at);
    assert.equal(code, 1);
    assert.equal(report.coverage, null);
    assert.deepEqual(codesOf(report), ['error:known-slow-over-ceiling']);
    assert.match(report.findings[0]?.message ?? '', /\d\.\d s; the ceiling is 0\.4 s/);
  });
});
