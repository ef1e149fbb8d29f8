import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Flake } from '../../src/model/checkpoint.ts';
import { appendFlakes, loadFlakes } from '../../src/store/flakes.ts';

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function aFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pushgate-flakes-')));
  folders.push(folder);
  return folder;
}

function aFlake(change: Partial<Flake> = {}): Flake {
  return { file: 'test/a.test.ts', name: 'adds', at: '2026-11-02T10:00:00.000Z', ...change };
}

test('flakes come back in the order they were noted, whatever their tests are called', async () => {
  const dir = join(aFolder(), 'not', 'yet');
  const flakes = ['__proto__', 'emoji 🚀\n\u001b[31m"', 'plain'].map((name) => aFlake({ name }));
  assert.equal(await appendFlakes(dir, flakes.slice(0, 2)), null);
  assert.equal(await appendFlakes(dir, flakes.slice(2)), null);
  assert.deepEqual(loadFlakes(dir), flakes);
});

test('a run without flakes writes nothing', async () => {
  const dir = join(aFolder(), 'nothing');
  assert.equal(await appendFlakes(dir, []), null);
  assert.deepEqual(loadFlakes(dir), []);
  assert.throws(() => readFileSync(join(dir, 'flakes.jsonl')));
});

test('torn lines, other versions and what is no flake are passed over', async () => {
  const dir = aFolder();
  const odd = ['{"format":1,"fi', '{"format":2,"file":"a","name":"b","at":"2026-11-02T10:00:00.000Z"}', 'null', '[]', '7', '{"format":1}'];
  const noDate = '{"format":1,"file":"a","name":"b","at":"soon"}';
  writeFileSync(join(dir, 'flakes.jsonl'), [...odd, noDate].join('\n'));
  assert.equal(await appendFlakes(dir, [aFlake()]), null);
  assert.deepEqual(loadFlakes(dir), [aFlake()]);
});

test('the file is bounded, and keeps the latest', async () => {
  const dir = aFolder();
  const line = JSON.stringify({ format: 1, ...aFlake() });
  appendFileSync(join(dir, 'flakes.jsonl'), `${line}\n`.repeat(1_000));
  assert.equal(await appendFlakes(dir, [aFlake({ name: 'latest' }), aFlake({ name: 'x'.repeat(5_000) })]), null);
  const kept = loadFlakes(dir);
  assert.equal(kept.length, 500);
  assert.equal(kept.at(-1)?.name, 'latest');
});

test('what cannot be written is a warning, what cannot be read is nothing', async () => {
  const dir = aFolder();
  mkdirSync(join(dir, 'flakes.jsonl'));
  assert.match((await appendFlakes(dir, [aFlake()])) ?? '', /^A flaky test could not be noted: /);
  assert.deepEqual(loadFlakes(dir), []);
});
