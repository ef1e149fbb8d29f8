import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Output } from '../../src/system/io.ts';
import { canAnimate, openLiveLine } from '../../src/system/live-line.ts';

function anOutput(change: Partial<Output> = {}): Output & { readonly written: string[] } {
  const written: string[] = [];
  return { write: (text) => void written.push(text), isTTY: true, columns: 80, written, ...change };
}

test('a line is redrawn only on a terminal with a width, not dumb, not in CI', () => {
  const cases: [Partial<Output>, Record<string, string>, boolean][] = [
    [{}, {}, true],
    [{}, { TERM: 'xterm-256color' }, true],
    [{ isTTY: false }, {}, false],
    [{ columns: 0 }, {}, false],
    [{}, { TERM: 'dumb' }, false],
    [{}, { CI: 'true' }, false],
    [{}, { CI: '1' }, false],
    [{}, { CI: 'false' }, true],
    [{}, { CI: '' }, true],
  ];
  for (const [change, env, animates] of cases) assert.equal(canAnimate(anOutput(change), env), animates, JSON.stringify([change, env]));
});

test('heartbeats are plain lines, one in each interval', async () => {
  const output = anOutput({ isTTY: false, columns: 0 });
  let now = 0;
  const line = await openLiveLine(output, { animate: false, heartbeatMs: 15_000, nowMs: () => now });
  for (now = 0; now < 46_000; now += 500) line.update('live', `at ${now}`);
  line.clear();
  line.done();
  now = 90_000;
  line.update('live', 'too late');
  assert.deepEqual(output.written, ['at 15000\n', 'at 30000\n', 'at 45000\n']);
});

test('the live line is drawn in place, not too often, and leaves nothing behind', async () => {
  const output = anOutput();
  let now = 0;
  const line = await openLiveLine(output, { animate: true, heartbeatMs: 15_000, nowMs: () => now });
  line.update('one', 'beat');
  now = 10;
  line.update('two', 'beat');
  now = 200;
  line.update('three', 'beat');
  line.done();
  now = 400;
  line.update('four', 'beat');
  const all = output.written.join('');
  assert.match(all, /one\n/);
  assert.doesNotMatch(all, /two|four|beat/);
  assert.match(all, /three/);
  // oxlint-disable-next-line no-control-regex
  assert.match(output.written.at(-1) ?? '', /\x1b\[2K/, 'the last thing written takes the line away');
  assert.ok(!all.includes('\x1b[?25l'), 'the cursor is never hidden');
});

test('after clear the next update draws at once', async () => {
  const output = anOutput();
  const line = await openLiveLine(output, { animate: true, heartbeatMs: 15_000, nowMs: () => 5 });
  line.update('one', '');
  line.clear();
  line.update('again', '');
  assert.match(output.written.join(''), /one[^]*again/);
  line.done();
});
