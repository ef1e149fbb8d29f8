import assert from 'node:assert/strict';
import { test } from 'node:test';

import { applyCoverageTool } from '../../src/config/coverage-tool.ts';
import type { CoverageToolSettings } from '../../src/model/config.ts';
import { CONFIG_KEYS } from '../../src/config/load.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { UserConfig } from '../../src/config/schema.ts';
import type { LoadedConfig, Origin } from '../../src/model/config.ts';

function aConfig(coverage: UserConfig['coverage'] = {}): LoadedConfig {
  const originOf = (key: string): Origin =>
    key.startsWith('coverage.') && key.slice(9) in (coverage ?? {})
      ? { kind: 'file', file: 'pushgate.jsonc', line: 1, column: 1 }
      : { kind: 'default' };
  return {
    config: resolveConfig({ coverage }, true),
    file: 'pushgate.jsonc',
    origins: new Map(CONFIG_KEYS.map((key) => [key, originOf(key)] as const)),
  };
}

const settings: CoverageToolSettings = {
  from: '.c8rc.json',
  include: ['lib/**'],
  exclude: ['lib/gen/**'],
  floor: { lines: 90 },
  perFile: { lines: 70 },
};

test('what the user left open comes from the coverage tool', () => {
  const { config, origins } = applyCoverageTool(aConfig(), settings);
  assert.deepEqual(config.coverage.include, ['lib/**']);
  assert.deepEqual(config.coverage.exclude, ['lib/gen/**']);
  assert.deepEqual(config.coverage.floor, { lines: 90 });
  assert.deepEqual(config.coverage.perFile, { lines: 70 });
  assert.deepEqual(origins.get('coverage.floor'), { kind: 'coverage-tool', from: '.c8rc.json' });
});

test('its floor takes the default baseline and target with it', () => {
  const { coverage } = applyCoverageTool(aConfig(), settings).config;
  assert.deepEqual([coverage.baseline, coverage.target], [{}, {}]);
});

test("the user's own values stay", () => {
  const { config, origins } = applyCoverageTool(aConfig({ include: ['src/**'], floor: 50, target: 95 }), settings);
  assert.deepEqual(config.coverage.include, ['src/**']);
  assert.deepEqual(config.coverage.floor, { lines: 50 });
  assert.deepEqual(config.coverage.target, { lines: 95 });
  assert.equal(origins.get('coverage.include')?.kind, 'file');
  assert.deepEqual(config.coverage.perFile, { lines: 70 });
});

test('a tool that says nothing changes nothing', () => {
  const loaded = aConfig();
  const quiet = { from: 'c8 in scripts.test', include: null, exclude: null, floor: null, perFile: null };
  assert.deepEqual(applyCoverageTool(loaded, quiet), loaded);
  assert.equal(applyCoverageTool(loaded, null), loaded);
});
