import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('the built preload names no source map: under coverage Node would load it in every process of a suite', () => {
  const built = readFileSync(new URL('../../dist/src/runners/node-test/preload.cjs', import.meta.url), 'utf8');
  assert.match(built, /PUSHGATE_RUN/);
  assert.doesNotMatch(built, /sourceMappingURL/);
});
