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

/**
 * Globs that name some files and none of the others: the highest folder of a file that holds none of those, or the file itself; the same of
 * every package at once (the `lib` of all) where that names no other file either.
 */
export function globsNaming(files: readonly string[], others: readonly string[]): string[] {
  const globs: string[] = [];
  for (const file of files) {
    if (matcher(globs)(file)) continue;
    const parts = globOf(file).split('/');
    const folders = parts.slice(1).map((_, index) => [...parts.slice(0, index + 1), '**']);
    const tried = [...folders, parts].flatMap((path) => [ofEvery(path), path]).map((path) => path.join('/'));
    globs.push(tried.find((glob) => !others.some(matcher([glob]))) ?? parts.join('/'));
  }
  return globs;
}

/** `packages/x/lib` of every package; what names nothing below one stays. */
function ofEvery(path: readonly string[]): readonly string[] {
  const [first = '', , third = '**'] = path;
  return third === '**' ? path : [first, '*', ...path.slice(2)];
}

/** A glob that names one file: characters that would mean something stand for themselves as `?`. */
export function globOf(file: string): string {
  return file.replace(/[[\]{}()*?!\\]/g, '?');
}

/** The regular expression source of one glob, for models that carry a compiled pattern. */
export function regexOf(glob: string): string {
  return picomatch.makeRe(glob, { dot: true }).source;
}
