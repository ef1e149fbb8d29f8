import type { TestContext } from 'node:test';
import { projectFor, type Files, type TempProject } from './repo.ts';

const SUM = `export function sum(a, b) {
  return a + b;
}

export function half(a) {
  return a / 2;
}
`;

const SUM_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sum } from '../src/sum.js';

test('adds', () => assert.equal(sum(1, 2), 3));
`;

/** A policy that a project's odd parts do not trip over: a coverage floor of half the lines. */
export const POLICY = { coverage: { floor: 50 } };

/** A small project that passes: one source, one test file, 5 of 7 lines covered. */
export const SMALL: Files = {
  'package.json': { name: 'example', private: true, type: 'module', scripts: { test: 'node --test' } },
  'pushgate.jsonc': POLICY,
  'src/sum.js': SUM,
  'test/sum.test.js': SUM_TEST,
};

/** The small project, removed after the test. What is named replaces or adds to its files. */
export function aProject(t: Pick<TestContext, 'after'>, change: Files = {}, name?: string): TempProject {
  return projectFor(t, { ...SMALL, ...change }, name);
}

/** A test file of its own in a few lines: node:test and assert are there. */
export function testFile(body: string): string {
  return `import assert from 'node:assert/strict';\nimport { describe, it, test } from 'node:test';\n\n${body}\n`;
}
