import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from './package.ts';

export const GOLDEN = join(PACKAGE, 'test/report/golden');

/** Compares a screen with its golden one, byte for byte. UPDATE_GOLDEN=1 writes it anew: read the difference before committing it. */
export function isGolden(name: string, screen: string): void {
  const path = join(GOLDEN, `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, screen);
  assert.equal(screen, readFileSync(path, 'utf8'));
}
