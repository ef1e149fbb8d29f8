import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openCollector, type Collector } from '../../../src/runners/node-test/v8/collect.ts';
import { openScanner } from '../../../src/runners/node-test/v8/scan.ts';
import { projectOf } from './torture.ts';

const functions = (count: number) => [{ functionName: '', ranges: [{ startOffset: 0, endOffset: 9, count }], isBlockCoverage: true }];
const text = (count: number): string => JSON.stringify(functions(count));
const A = 'file:///p/src/a.js';

function write(dir: string, name: string, count: number): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, name), JSON.stringify({ result: [{ scriptId: '1', url: A, functions: functions(count) }], timestamp: 1 }));
}

function opened(t: TestContext, alive: Set<number>): { dir: string; collector: Collector } {
  const dir = projectOf(t, {});
  const scanner = openScanner({ root: '/p', decide: () => 'source', madeFromSource: () => false, fileOf: () => null });
  return { dir, collector: openCollector({ dir, scanner, isDead: (pid) => !alive.has(pid) }) };
}

test('counts equal scripts per owner, and leaves nothing behind', (t) => {
  const { dir, collector } = opened(t, new Set());
  write(dir, 'coverage-10-1700000000000-0.json', 1);
  write(join(dir, 'g/10'), 'coverage-11-1700000000001-0.json', 1);
  write(join(dir, 'g/10'), 'coverage-11-1700000000002-1.json', 2);
  write(dir, 'coverage-20-1700000000003-0.json', 1);
  collector.poll();
  write(dir, 'coverage-30-1700000000004-0.json', 5);
  const { slicesOf, delivered, unusable } = collector.finish();
  assert.deepEqual(
    [...slicesOf],
    [
      [
        10,
        [
          { url: A, text: text(1), count: 2 },
          { url: A, text: text(2), count: 1 },
        ],
      ],
      [20, [{ url: A, text: text(1), count: 1 }]],
      [30, [{ url: A, text: text(5), count: 1 }]],
    ],
  );
  assert.deepEqual(delivered, new Set([10, 20, 11, 30]));
  assert.deepEqual(unusable, []);
  assert.deepEqual(
    readdirSync(dir, { recursive: true }).filter((name) => String(name).endsWith('.json')),
    [],
  );
});

test('a file of a living process is left until the process is dead, or to the end', (t) => {
  const alive = new Set([10, 20]);
  const { dir, collector } = opened(t, alive);
  write(dir, 'coverage-10-1700000000000-1.json', 1);
  write(join(dir, 'g/10'), 'coverage-20-1700000000000-0.json', 1);
  collector.poll();
  assert.ok(existsSync(join(dir, 'coverage-10-1700000000000-1.json')));
  alive.delete(10);
  collector.poll();
  assert.ok(!existsSync(join(dir, 'coverage-10-1700000000000-1.json')));
  assert.ok(existsSync(join(dir, 'g/10/coverage-20-1700000000000-0.json')));
  assert.deepEqual(collector.finish().slicesOf.get(10), [{ url: A, text: text(1), count: 2 }]);
});

test('a broken file is told with its process and gives nothing; what Node did not name is not looked at', (t) => {
  const { dir, collector } = opened(t, new Set());
  write(dir, 'coverage-10-1700000000000-0.json', 1);
  writeFileSync(join(dir, 'coverage-10-1700000000000-1.json'), '{"result":[');
  mkdirSync(join(dir, 'coverage-11-1700000000000-0.json'));
  writeFileSync(join(dir, 'notes.json'), '{}');
  writeFileSync(join(dir, 'coverage-x-1-0.json'), '{}');
  collector.poll();
  const { delivered, unusable } = collector.finish();
  assert.deepEqual(delivered, new Set([10]));
  assert.deepEqual(unusable, [
    { pid: 10, reason: 'is cut off or no JSON' },
    { pid: 11, reason: 'could not be read (EISDIR)' },
  ]);
  assert.deepEqual(readdirSync(dir), ['coverage-x-1-0.json', 'notes.json']);
});

test('a folder that a test deletes is no fault of the collector', (t) => {
  const { dir } = opened(t, new Set());
  const scanner = openScanner({ root: '/p', decide: () => 'source', madeFromSource: () => false, fileOf: () => null });
  const collector = openCollector({ dir: join(dir, 'gone'), scanner });
  collector.poll();
  assert.deepEqual([...collector.finish().slicesOf], []);
});
