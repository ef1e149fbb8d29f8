import { join } from 'node:path';
import { usageError } from '../../../model/error.ts';
import { readText } from '../../../system/files.ts';

/** What matters here of a package.json. */
export type Package = {
  readonly dir: string;
  readonly scripts: ReadonlyMap<string, string>;
  readonly workspaces: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
};

/** Reads the package.json of a folder; null when there is none. Throws a usage error when it is not JSON. */
export function readPackage(dir: string): Package | null {
  const text = readText(join(dir, 'package.json'));
  if (text === null) return null;
  const json = asRecord(parse(text, join(dir, 'package.json')));
  const scripts = Object.entries(asRecord(json['scripts'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const workspaces = Array.isArray(json['workspaces']) ? json['workspaces'] : asRecord(json['workspaces'])['packages'];
  return { dir, scripts: new Map(scripts), workspaces: stringsOf(workspaces) ?? [], json };
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${path} is not JSON: ${(error as Error).message}.`, 'Repair package.json; npm itself cannot read it as it is.');
  }
}

/** An object as a record; anything else as an empty one. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** One string or a list of strings as a list; null for anything else. */
export function stringsOf(value: unknown): readonly string[] | null {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null;
}
