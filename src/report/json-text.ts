/**
 * JSON that is plain to any log: strings keep their exact content, but what a terminal or a CI service could act on stands as an escape
 * (`JSON.stringify` escapes only the C0 controls and lone surrogates).
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const escaped = text.replace(/[\x7f-\x9f\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/gu, escapeUnits).replace(/##(?=\[|vso\[)/gi, '\\u0023#');
  return `${escaped}\n`;
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');
}

/** Numbers that JSON cannot write become null; times keep microseconds. */
export function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null;
}
