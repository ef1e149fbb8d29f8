import { toJsonSchema } from '@valibot/to-json-schema';

import { configSchema, knownSlowSchema } from './schema.ts';

/**
 * The JSON Schemas that editors check the two files with, by file name. What a JSON Schema cannot say (that a date exists, that a duration
 * is longer than nothing) is left to pushgate itself.
 */
export function jsonSchemas(): Record<'config.json' | 'known-slow.json', object> {
  return {
    'config.json': jsonSchemaOf(configSchema, 'pushgate.jsonc'),
    'known-slow.json': jsonSchemaOf(knownSlowSchema, 'known-slow.jsonc'),
  };
}

function jsonSchemaOf(schema: typeof configSchema | typeof knownSlowSchema, title: string): object {
  // Where a value is checked in two steps (no array, then an object), "output" takes the second, which says what it has to be.
  return { title, allowTrailingCommas: true, ...toJsonSchema(schema, { ignoreActions: ['check'], typeMode: 'output' }) };
}
