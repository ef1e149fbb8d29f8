import { FINDING_CODES } from '../../gate/order.ts';
import { ownFile } from '../../version.ts';

/** What the README says about a finding code, or a kind of missing evidence, in plain text; null for any other word. */
export function sectionOf(code: string): string | null {
  const readme = ownFile('README.md');
  if (readme === null || !/^[a-z]+(?:-[a-z]+)+$/.test(code)) return null;
  const section = new RegExp(`^### \`${code}\`\n([^]*?)(?=^##|(?![^]))`, 'm').exec(readme)?.[1];
  const row = new RegExp(`^\\| \`${code}\` \\| (.*) \\|$`, 'm').exec(missingEvidence(readme))?.[1];
  const text = section ?? (row === undefined ? undefined : `Evidence is missing: the run is not judged (exit 3). ${row}`);
  return text === undefined ? null : `${code}\n\n${plain(text)}\n`;
}

/** Every word that `sectionOf` knows. */
export function explainableCodes(): string[] {
  const rows = [...missingEvidence(ownFile('README.md') ?? '').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code = '']) => code);
  return [...FINDING_CODES, ...rows];
}

function missingEvidence(readme: string): string {
  return /^### Evidence that is missing\n([^]*?)^## /m.exec(readme)?.[1] ?? '';
}

/** Markdown as it reads on a terminal: links by their text, code without its marks, blocks indented. */
function plain(markdown: string): string {
  let isBlock = false;
  const lines = markdown
    .trim()
    .split('\n')
    .flatMap((line) => {
      if (/^<!--.*-->$/.test(line)) return [];
      if (line.startsWith('```')) {
        isBlock = !isBlock;
        return [];
      }
      return [
        isBlock
          ? `    ${line}`.trimEnd()
          : line
              .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
              .replaceAll('**', '')
              .replaceAll('`', ''),
      ];
    });
  return lines.join('\n');
}
