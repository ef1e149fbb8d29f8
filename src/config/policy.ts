import type { Config } from '../model/config.ts';
import type { KnownSlow } from '../model/known-slow.ts';
import type { Policy } from '../model/policy.ts';

/** Every line the team has drawn: the limits of the configuration and the allowlist. */
export function policyOf(config: Config, knownSlow: KnownSlow): Policy {
  const { limitMs, targetMs } = config.slow;
  const { coverage, suite, limits, tests } = config;
  return { coverage, suite, slow: { limitMs, targetMs }, limits, tests, knownSlow };
}
