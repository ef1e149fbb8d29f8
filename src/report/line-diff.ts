type Line = { readonly mark: ' ' | '-' | '+'; readonly text: string };

const CONTEXT = 2;

/** The differences of two texts as people know them from `diff -u`, without file names; empty when there are none. */
export function lineDiff(before: string, after: string): string[] {
  const lines = marked(before.split('\n'), after.split('\n'));
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(isChange));
  let [old, young] = [1, 1];
  return lines.flatMap((line, index) => {
    const header = near[index] && !near[index - 1] ? [`@@ -${old} +${young} @@`] : [];
    if (line.mark !== '+') old += 1;
    if (line.mark !== '-') young += 1;
    return near[index] ? [...header, `${line.mark}${line.text}`] : [];
  });
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
