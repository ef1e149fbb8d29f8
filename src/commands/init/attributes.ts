import { changeOf, textOf, type FileChange } from './changes.ts';

/** Adds lines to a `.gitattributes` unless one there is about the same files and the same attribute. */
export function attributesChange(path: string, lines: readonly string[]): FileChange[] {
  const text = textOf(path) ?? '';
  const missing = lines.filter((line) => !isThere(text, line));
  if (missing.length === 0) return [];
  const newLine = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text === '' || text.endsWith('\n') ? text : `${text}${newLine}`;
  return changeOf(
    path,
    `${start}${missing.map((line) => `${line}${newLine}`).join('')}`,
    missing.map((line) => line.split(' ')[0]).join(', '),
  );
}

function isThere(text: string, line: string): boolean {
  const [pattern = '', ...attributes] = line.split(' ');
  const names = attributes.map((each) => each.split('=')[0]);
  return text.split(/\r?\n/).some((each) => {
    const [known = '', ...given] = each.trim().split(/\s+/);
    return (
      known.replace(/^\//, '') === pattern && names.every((name) => given.some((one) => one.replace(/^[-!]/, '').split('=')[0] === name))
    );
  });
}
