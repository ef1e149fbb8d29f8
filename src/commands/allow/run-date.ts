/** When a run ended, as people read it: `2026-11-21 14:03 UTC`. */
export function runDate(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'an unknown day' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
