/** What was found out about one thing that the gate needs: fine, worth a look, or in the way of judging a push. */
export type Diagnosis = {
  /** One or two words: `hook`, `git`. */
  readonly about: string;
  readonly state: 'ok' | 'warning' | 'error';
  readonly says: string;
  /** Commands or edits that repair it; empty when there is nothing to repair. */
  readonly fixes: readonly string[];
};

export function ok(about: string, says: string): Diagnosis {
  return { about, state: 'ok', says, fixes: [] };
}

export function warning(about: string, says: string, ...fixes: string[]): Diagnosis {
  return { about, state: 'warning', says, fixes };
}

export function fault(about: string, says: string, ...fixes: string[]): Diagnosis {
  return { about, state: 'error', says, fixes };
}
