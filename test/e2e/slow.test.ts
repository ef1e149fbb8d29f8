import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, runCli, runJson } from '../support/cli.ts';
import { aProject, testFile } from '../support/projects.ts';

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
import { retry } from '../src/retry.js';

describe('retry', () => {
  it('gives up after three attempts', async () => {
    await assert.rejects(retry(async () => Promise.reject(new Error('down'))), /down/);
  });
});
`;

test('a retry helper that sleeps is stopped, let through by an entry, and stopped again over its ceiling', async (t) => {
  const project = aProject(t, {
    'pushgate.jsonc': { coverage: { floor: 50 }, slow: { limit: '300ms', target: '200ms' } },
    'src/retry.js': RETRY,
    'test/retry.test.js': RETRY_TEST,
  });
  const at = { cwd: project.dir, env: project.env };

  const stopped = await runCli(['check'], at);
  assert.equal(stopped.code, 1, stopped.stdout + stopped.stderr);
  assert.match(stopped.stdout, /✖ A new slow test: 0\.5 s; the limit is 0\.3 s\. {2}\[new-slow-test\]/);
  assert.match(stopped.stdout, /test\/retry\.test\.js:6 {2}retry > gives up after three attempts/);
  assert.match(stopped.stdout, /attempts {2}0\.5 s in the suite; 0\.5 s, 0\.5 s alone/);

  const allow = ['allow', 'test/retry.test.js:6', '--reason', 'two waits of 250 ms', '--expires', '2999-12-31'];
  const outside = await runCli(allow, at);
  assert.equal(outside.code, 2, 'outside a repository no run is remembered');

  project.write({
    'known-slow.jsonc': `{
  // accepted once
  "tests": [
    { "file": "test/retry.test.js", "name": "retry > gives up after three attempts", "reason": "two waits", "ceiling": "2s" },
  ],
}
`,
  });
  const allowed = await runJson(['check'], at);
  assert.equal(allowed.code, 0, allowed.stdout);
  assert.deepEqual(codesOf(allowed.report), []);
  assert.equal(allowed.report.tests.find((each) => each.file === 'test/retry.test.js')?.known, true);

  project.write({ 'known-slow.jsonc': project.read('known-slow.jsonc').replace('2s', '400ms') });
  const over = await runJson(['check'], at);
  assert.equal(over.code, 1);
  assert.deepEqual(codesOf(over.report), ['error:known-slow-over-ceiling']);
  assert.match(over.report.findings[0]?.message ?? '', /0\.5 s; the ceiling is 0\.4 s/);

  const bare = await runCli(['slow'], at);
  assert.equal(bare.code, 1, 'the single gate comes to the same verdict');
  assert.match(bare.stdout, /\[known-slow-over-ceiling\]/);
  assert.doesNotMatch(bare.stdout, /coverage \d/);
});
