import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Flicker } from '../../src/model/checkpoint.ts';
import { loadFlicker, saveFlicker } from '../../src/store/flicker.ts';
import { projectFor } from '../support/repo.ts';

const lines = [
  [3, 4],
  [9, 9],
] as const;
const flicker = (file: string): Flicker => ({ file, hash: 'abc', lines });

test('what an audit saw gives way to the next one, for the files that it measured', async (t) => {
  const dir = join(projectFor(t, {}).dir, 'not', 'yet');
  assert.deepEqual(loadFlicker(dir), []);
  assert.equal(await saveFlicker(dir, new Set(['src/a.ts', 'src/b.ts']), [flicker('src/a.ts'), flicker('src/b.ts')]), null);
  assert.deepEqual(loadFlicker(dir), [flicker('src/a.ts'), flicker('src/b.ts')]);
  assert.equal(await saveFlicker(dir, new Set(['src/b.ts', 'src/c.ts']), [flicker('src/c.ts')]), null);
  assert.deepEqual(loadFlicker(dir), [flicker('src/a.ts'), flicker('src/c.ts')]);
});

test('what is none of ours is nothing, and what cannot be written is a warning', async (t) => {
  const { dir } = projectFor(t, {});
  for (const text of ['', '{', 'null', '{"format":2,"files":[]}', '{"format":1,"files":[{"file":"a","hash":"b","lines":[["x",2]]}]}']) {
    writeFileSync(join(dir, 'flicker.json'), text);
    assert.deepEqual(loadFlicker(dir), [], text);
  }
  mkdirSync(join(dir, 'taken', 'flicker.json'), { recursive: true });
  assert.match((await saveFlicker(join(dir, 'taken'), new Set(), [])) ?? '', /^The lines that ran in some runs only could not be noted: /);
});
