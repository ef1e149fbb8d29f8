import type { FindingOf } from '../../model/finding.ts';
import type { Context } from '../context.ts';
import { clean } from '../units.ts';
import { limitLine, words, type Words } from './words.ts';

/** A limit that this change makes easier to hold. */
export function policyLoosened(finding: FindingOf<'policy-loosened'>, context: Context): Words {
  const setting = clean(finding.setting, 80);
  return words({
    headline: `The policy was loosened: ${setting} went from ${clean(finding.before, 60)} to ${clean(finding.after, 60)}.`,
    // An accepted slow test is no setting: its place is already named.
    ...(/^[\w.]+$/.test(finding.setting)
      ? { advice: [`Set ${setting} back to ${clean(finding.before, 60)}.`], limit: limitLine(context, finding.setting) }
      : {}),
  });
}
