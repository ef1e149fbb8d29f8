import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PACKAGE } from '../support/package.ts';

for (const name of ['preload', 'compile-cache']) {
  test(`the built ${name} names no source map: under coverage Node would load it in every process of a suite`, () => {
    const built = readFileSync(join(PACKAGE, `dist/src/runners/node-test/${name}.cjs`), 'utf8');
    assert.match(built, /process/);
    assert.doesNotMatch(built, /sourceMappingURL/);
  });
}
