import { delimiter, dirname, isAbsolute, join } from 'node:path';

/** npm's PATH for the scripts of a folder: the `.bin` folders from there upwards, then the user's, without relative heads such as husky's. */
export function scriptPath(cwd: string, path: string | undefined): string {
  const bins: string[] = [];
  for (let dir = cwd; ; dir = dirname(dir)) {
    bins.push(join(dir, 'node_modules', '.bin'));
    if (dir === dirname(dir)) break;
  }
  return [...bins, ...(path ?? '').split(delimiter).filter(isAbsolute)].join(delimiter);
}
