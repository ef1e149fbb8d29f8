import picomatch from 'picomatch';

/** A matcher for any of the globs and none of those after a `!`; paths are relative, with forward slashes. No glob matches nothing. */
export function matcher(globs: readonly string[]): (path: string) => boolean {
  const wanted = globs.filter((glob) => !isNegated(glob));
  const ignore = globs.filter(isNegated).map((glob) => glob.slice(1));
  // Of a list picomatch itself takes what matches any: all that one negated glob does not name.
  return wanted.length === 0 ? () => false : picomatch(wanted, { dot: true, ignore });
}

/** Whether a glob takes out what it names: `!x`. What `!(x)` names is all but x. */
export function isNegated(glob: string): boolean {
  return /^!(?!\()/.test(glob);
}

/** The regular expression source of one glob, for models that carry a compiled pattern. */
export function regexOf(glob: string): string {
  return picomatch.makeRe(glob, { dot: true }).source;
}
