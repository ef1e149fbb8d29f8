type Line = { readonly mark: ' ' | '-' | '+'; readonly text: string };

const CONTEXT = 2;

/** Follows a last line that has no line end, as in a patch of git's. */
const UNENDED = '\\ No newline at end of file';

/** The differences of two texts as the hunks of a patch, without file names; empty when there are none. Line ends stay, but for the `\n`. */
export function lineDiff(before: string, after: string): string[] {
  const lines = marked(linesOf(before), linesOf(after));
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(isChange));
  const hunks: string[] = [];
  for (let from = near.indexOf(true), to = 0; from >= 0; from = near.indexOf(true, to)) {
    const end = near.indexOf(false, from);
    to = end < 0 ? near.length : end;
    const part = lines.slice(from, to);
    const earlier = lines.slice(0, from);
    hunks.push(`@@ -${rangeOf(earlier, part, '+')} +${rangeOf(earlier, part, '-')} @@`);
    hunks.push(...part.flatMap(({ mark, text }) => `${mark}${text}`.split('\n')));
  }
  return hunks;
}

/** The lines without their ends; one that lacks it is followed by git's word for that, and so differs from one that has it. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n${UNENDED}`];
}

/** Where a hunk starts in one of the texts and how many lines it has there; `other` marks the lines that only the other text has. */
function rangeOf(earlier: readonly Line[], part: readonly Line[], other: Line['mark']): string {
  const count = (lines: readonly Line[]): number => lines.filter(({ mark }) => mark !== other).length;
  // Of an empty text git names the line before it.
  return `${count(earlier) + (count(part) > 0 ? 1 : 0)},${count(part)}`;
}

function isChange(line: Line): boolean {
  return line.mark !== ' ';
}

/** All lines of both texts; those they share, in the longest order they share them in, stand once. */
function marked(before: readonly string[], after: readonly string[]): Line[] {
  const lengths = sharedLengths(before, after);
  const lines: Line[] = [];
  for (let [row, column] = [0, 0]; row < before.length || column < after.length;) {
    const [gone, come] = [before[row], after[column]];
    if (gone !== undefined && gone === come) {
      lines.push({ mark: ' ', text: gone });
      row += 1;
      column += 1;
    } else if (gone !== undefined && (come === undefined || at(lengths, row + 1, column) >= at(lengths, row, column + 1))) {
      lines.push({ mark: '-', text: gone });
      row += 1;
    } else {
      lines.push({ mark: '+', text: come ?? '' });
      column += 1;
    }
  }
  return lines;
}

/** How many lines the rests of both texts share, by where the rests start. */
function sharedLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const same = before[row] === after[column];
      const length = same ? at(lengths, row + 1, column + 1) + 1 : Math.max(at(lengths, row + 1, column), at(lengths, row, column + 1));
      (lengths[row] ?? [])[column] = length;
    }
  }
  return lengths;
}

function at(table: readonly number[][], row: number, column: number): number {
  return table[row]?.[column] ?? 0;
}
