import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { isAlive } from '../../src/system/process-group.ts';
import { shellOutput } from '../../src/system/shell.ts';
import { PACKAGE } from '../support/package.ts';
import { makeProject } from '../support/repo.ts';

const here = { cwd: join(PACKAGE, 'test/system'), env: { PATH: process.env['PATH'], A: 'b c' } };

// The same whether the script may start programs, which are given a time, or not.
for (const timeoutMs of [null, 30_000]) {
  describe(`a script of sh, ${timeoutMs === null ? 'without programs' : 'with programs'}`, () => {
    const run = (script: string) => shellOutput(script, { ...here, timeoutMs });

    it('sees this environment and folder, and its output is told to the last byte', async () => {
      const { stdout, failure } = await run('printf \'%s\\0\' shell.*.ts "$A" "${HOME-none}"; echo');
      assert.equal(stdout, 'shell.test.ts\0b c\0none\0\n');
      assert.equal(failure, null);
    });

    it('that fails says why, in the words of the shell alone', async () => {
      assert.equal((await run(': "${B:?is not set}"')).failure, 'B: is not set');
      assert.equal((await run('exit 3')).failure, 'it ended with exit code 3');
    });

    it('that a folder or a shell is missing for has failed', async () => {
      const gone = await shellOutput('true', { ...here, cwd: `${here.cwd}/gone`, timeoutMs });
      assert.match(gone.failure ?? '', /gone|ENOENT/);
      const lost = await shellOutput('true', { cwd: here.cwd, env: { PATH: '/nowhere' }, timeoutMs });
      assert.match(lost.failure ?? '', /ENOENT/);
    });
  });
}

it('programs that take too long are ended, whoever started them, and that is said', { timeout: 60_000 }, async (t) => {
  const { dir, read, remove } = makeProject();
  t.after(remove);
  const stubborn = 'sh -c "echo \\$\\$ >program; trap : TERM; while :; do sleep 1; done"';
  const { failure } = await shellOutput(`a=$(echo $$ >shell; ${stubborn}; echo done)`, { ...here, cwd: dir, timeoutMs: 500 });
  assert.equal(failure, 'it took more than 0.5 s');
  const left = (): string[] => ['shell', 'program'].filter((name) => isAlive(Number(read(name))));
  // oxlint-disable-next-line no-await-in-loop -- what was killed takes a moment to be gone; what was not runs into the time limit
  while (left().length > 0) await setTimeout(10);
});

it('output without end is no output', async () => {
  const { failure } = await shellOutput('yes', { ...here, timeoutMs: 30_000 });
  assert.equal(failure, 'it printed more than 8 MB');
});
