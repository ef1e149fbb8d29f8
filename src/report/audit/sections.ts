import type { Context } from '../context.ts';
import type { Audited } from './audited.ts';
import type { Section } from './section.ts';
import { mendingSection, spendingSection } from './spending.ts';
import { steadinessSections } from './steadiness.ts';
import { filesSection, knownSection, suiteSection, testsSection, workersSection } from './times.ts';

/** All parts of an audit, in the order in which they are read, on a terminal and on a page. */
export function sectionsOf(audited: Audited, { policy }: Context): Section[] {
  const { audit, looked, trials } = audited;
  return [
    ...suiteSection(audited),
    ...spendingSection(audited),
    ...mendingSection(audited),
    ...workersSection(trials),
    ...filesSection(audit),
    ...testsSection(audit, looked ?? []),
    ...knownSection(audit, policy.slow.limitMs),
    ...steadinessSections(audited),
  ];
}
