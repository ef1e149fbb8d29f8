import picomatch from 'picomatch';

/** A matcher for any of the globs; paths are relative, with forward slashes. No glob matches nothing. */
export function matcher(globs: readonly string[]): (path: string) => boolean {
  return globs.length === 0 ? () => false : picomatch([...globs], { dot: true });
}

/** The regular expression source of one glob, for models that carry a compiled pattern. */
export function regexOf(glob: string): string {
  return picomatch.makeRe(glob, { dot: true }).source;
}
