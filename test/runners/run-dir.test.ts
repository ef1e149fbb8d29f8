import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inRunDir } from '../../src/runners/node-test/run-dir.ts';
import { aRun } from '../support/builders.ts';

const exitOf = (exitCode: number, message: RegExp) => (error: unknown) => {
  assert.match((error as Error).message, message);
  assert.equal((error as { exitCode?: number }).exitCode, exitCode);
  return true;
};

test('a run gets a folder of its own, which is gone afterwards', async () => {
  let dir = '';
  const run = aRun([]);
  assert.equal(
    await inRunDir(async (made) => {
      dir = made;
      assert.ok(existsSync(dir));
      return run;
    }),
    run,
  );
  assert.ok(!existsSync(dir));
});

test('a folder that the suite deleted is said as that, another missing file is not', async () => {
  const cleared = inRunDir(async (dir) => {
    rmSync(dir, { recursive: true });
    readFileSync(join(dir, 'output.log'));
    return aRun([]);
  });
  await assert.rejects(cleared, exitOf(3, /temporary folder of the run was deleted/));
  const elsewhere = inRunDir(async () => {
    readFileSync('/no/such/file');
    return aRun([]);
  });
  await assert.rejects(elsewhere, { code: 'ENOENT', path: '/no/such/file' });
});

test('missing evidence stays as it is while there is room', async () => {
  const run = { ...aRun([]), unproven: [{ kind: 'no-coverage' as const }] };
  assert.equal(await inRunDir(() => Promise.resolve(run)), run);
});

test('a folder for temporary files that is not there is exit 3, and named', async (t) => {
  const before = process.env['TMPDIR'];
  t.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  process.env['TMPDIR'] = '/no/such/folder';
  await assert.rejects(
    inRunDir(() => Promise.resolve(aRun([]))),
    exitOf(3, /No folder can be made in \/no\/such\/folder \(ENOENT\)/),
  );
});
