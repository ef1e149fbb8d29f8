import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '../../src/model/config.ts';
import { whereIsIn } from '../../src/report/context.ts';

const file: Origin = { kind: 'file', file: 'pushgate.jsonc', line: 3, column: 5 };

test('says where a limit is set, or can be', () => {
  const origins = new Map<string, Origin>([
    ['coverage.floor.lines', file],
    ['suite.budget', { kind: 'default' }],
    ['coverage.perFile', { kind: 'coverage-tool', from: '.c8rc.json' }],
    ['coverage.overrides', file],
  ]);
  const whereIs = whereIsIn({ file: 'pushgate.jsonc', origins });
  assert.equal(whereIs('coverage.floor'), 'coverage.floor in pushgate.jsonc');
  assert.equal(whereIs('suite.budget'), 'suite.budget, a default; set it in pushgate.jsonc');
  assert.equal(whereIs('coverage.perFile'), 'coverage.perFile, taken from .c8rc.json');
  assert.equal(whereIs('coverage.overrides.lines'), 'coverage.overrides.lines in pushgate.jsonc');
  assert.equal(whereIs('slow.limit'), 'slow.limit, a default; set it in pushgate.jsonc');
});

test('in package.json the key has its prefix', () => {
  const origins = new Map<string, Origin>([['slow.limit', { ...file, file: 'package.json' }]]);
  assert.equal(whereIsIn({ file: 'package.json', origins })('slow.limit'), 'pushgate.slow.limit in package.json');
  assert.equal(whereIsIn({ file: 'package.json', origins })('suite.budget'), 'pushgate.suite.budget, a default; set it in package.json');
  assert.equal(whereIsIn({ file: null, origins: new Map() })('slow.limit'), 'slow.limit, a default; set it in pushgate.jsonc');
});
