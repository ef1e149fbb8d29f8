import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { suiteEnv } from '../../src/runners/node-test/environment.ts';
import { projectFor } from '../support/repo.ts';

test('a suite finds what npm tells a test script, wherever pushgate was started; the script itself has the last word', (t) => {
  const { dir } = projectFor(t, { 'package.json': { name: 'example', version: '1.2.3' } });
  const of = (user: Record<string, string>, step: Record<string, string> = {}): Record<string, string | undefined> =>
    suiteEnv({
      root: dir,
      cwd: dir,
      user,
      step,
      runDir: join(dir, 'run'),
      rawDir: null,
      turbo: null,
      inProcess: false,
      track: null,
      trace: false,
      reporterOptions: null,
    });
  const inHook = of({ PATH: '/bin' });
  const byNpx = of({
    PATH: '/bin',
    npm_lifecycle_event: 'npx',
    npm_package_name: 'another',
    INIT_CWD: '/elsewhere',
    NODE: '/another/node',
  });
  assert.deepEqual(byNpx, inHook);
  assert.equal(inHook['NODE'], process.execPath);
  assert.equal(inHook['INIT_CWD'], dir);
  assert.equal(inHook['npm_lifecycle_event'], 'test');
  assert.equal(inHook['npm_package_version'], '1.2.3');
  assert.equal(of({}, { NODE: 'mine' })['NODE'], 'mine');
});
