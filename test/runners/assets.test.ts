import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

for (const name of ['preload', 'compile-cache']) {
  test(`the built ${name} names no source map: under coverage Node would load it in every process of a suite`, () => {
    const built = readFileSync(new URL(`../../dist/src/runners/node-test/${name}.cjs`, import.meta.url), 'utf8');
    assert.match(built, /process/);
    assert.doesNotMatch(built, /sourceMappingURL/);
  });
}
