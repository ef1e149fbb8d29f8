import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PACKAGE } from '../support/package.ts';
import { runCommand, type Ended } from '../support/processes.ts';
import { aProject, testFile } from '../support/projects.ts';
import type { TempProject } from '../support/repo.ts';

// What the README says of c8 beside pushgate. When one of these fails, c8 has become better: correct the table. That pushgate does not pass
// on the same is held in bad-input and faults.

function c8(project: TempProject, args: readonly string[]): Promise<Ended> {
  const env = { ...project.env, NODE_OPTIONS: undefined, NODE_V8_COVERAGE: undefined };
  return runCommand(process.execPath, [join(PACKAGE, 'node_modules/c8/bin/c8.js'), ...args], { cwd: project.dir, env });
}

describe('beside c8 --check-coverage', () => {
  it('nothing measured is exit 0 there', async (t) => {
    const project = aProject(t, { 'test/sum.test.js': null, 'test/none.test.js': 'export {};\n' });
    assert.equal((await c8(project, ['--check-coverage', '--lines', '64', process.execPath, '-e', '0'])).code, 0);
  });

  it('a coverage file that is cut off is passed over there', async (t) => {
    const project = aProject(t);
    const raw = join(project.temp, 'raw');
    mkdirSync(raw);
    writeFileSync(join(raw, 'coverage-1-1-0.json'), '{"result":[{"scriptId":"1","url":"file:///');
    assert.equal((await c8(project, ['report', '--check-coverage', '--lines', '64', '--temp-directory', raw])).code, 0);
  });

  it('process.exit(0) before a failing test is exit 0 there', async (t) => {
    const project = aProject(t, {
      'test/leaves.test.js': testFile("test('leaves', () => process.exit(0));\ntest('fails', () => assert.fail());"),
    });
    const theirs = await c8(project, [
      '--check-coverage',
      '--lines',
      '64',
      process.execPath,
      '--test',
      'test/leaves.test.js',
      'test/sum.test.js',
    ]);
    assert.equal(theirs.code, 0, theirs.stdout);
  });
});
