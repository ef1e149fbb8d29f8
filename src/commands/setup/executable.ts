import { accessSync, constants, statSync } from 'node:fs';

/** Whether a file is there that git, or a shell, would start. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
