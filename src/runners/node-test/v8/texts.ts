import { readFileSync } from 'node:fs';
import { hashFile, hashOf } from '../../../system/files.ts';

/** Sources, each read once: for its text, and for the hash of what was read. */
export type Texts = {
  /** Throws when it cannot be read. */
  readonly textOf: (path: string) => string;
  readonly hashOf: (path: string) => string;
};

export function openTexts(): Texts {
  const hashes = new Map<string, string>();
  return {
    textOf: (path) => {
      const bytes = readFileSync(path);
      hashes.set(path, hashOf(bytes));
      return bytes.toString('utf8');
    },
    hashOf: (path) => hashes.get(path) ?? hashFile(path),
  };
}
