import assert from 'node:assert/strict';
import { test } from 'node:test';

import { jsonSchemas } from '../../src/config/json-schemas.ts';
import { CONFIG_KEYS } from '../../src/config/load.ts';

type Json = {
  properties?: Record<string, Json>;
  additionalProperties?: boolean;
  anyOf?: Json[];
  required?: string[];
  items?: Json;
  pattern?: string;
};

const schemas = jsonSchemas() as Record<string, Json>;

test('the schema of the configuration knows exactly its keys', () => {
  const sections = Object.entries(schemas['config.json']?.properties ?? {}).filter(([name]) => name !== '$schema');
  const keys = sections.flatMap(([name, section]) => Object.keys(section.properties ?? {}).map((key) => `${name}.${key}`));
  assert.deepEqual(keys, CONFIG_KEYS);
  assert.ok([schemas['config.json'], ...sections.map(([, section]) => section)].every((each) => each?.additionalProperties === false));
});

test('a limit is a number, an object by metric, or null', () => {
  const floor = schemas['config.json']?.properties?.['coverage']?.properties?.['floor'];
  const [limit, none] = floor?.anyOf ?? [];
  assert.deepEqual(none, { type: 'null' });
  assert.deepEqual(limit?.anyOf?.[0], { type: 'number', minimum: 0, maximum: 100 });
  assert.deepEqual(Object.keys(limit?.anyOf?.[1]?.properties ?? {}), ['lines', 'branches', 'functions', 'statements']);
});

test('the schema of the allowlist asks for what an entry needs', () => {
  const entry = schemas['known-slow.json']?.properties?.['tests']?.items;
  assert.deepEqual(entry?.required, ['file', 'name', 'reason', 'ceiling']);
  assert.equal(entry?.additionalProperties, false);
  const ceiling = new RegExp(entry?.properties?.['ceiling']?.pattern ?? '$^');
  assert.match('15s', ceiling);
  assert.doesNotMatch('15', ceiling);
});
