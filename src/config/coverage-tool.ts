import type { CoverageToolSettings, LoadedConfig, Origin } from '../model/config.ts';
import type { CoveragePolicy } from '../model/policy.ts';

/** Fills in what the user did not set in pushgate's own configuration from that of the coverage tool in use; null changes nothing. */
export function applyCoverageTool(loaded: LoadedConfig, settings: CoverageToolSettings | null): LoadedConfig {
  if (!settings) return loaded;
  const { from, include, exclude, floor, perFile } = settings;
  const isOpen = (name: string): boolean => loaded.origins.get(`coverage.${name}`)?.kind === 'default';
  // Baseline and target belong to the default floor: with a floor from elsewhere they mean nothing.
  const goals = floor && isOpen('floor') ? { baseline: {}, target: {} } : {};
  const asked: Partial<CoveragePolicy> = {
    ...(include && { include }),
    ...(exclude && { exclude }),
    ...(floor && { floor }),
    ...(perFile && { perFile }),
    ...goals,
  };
  const taken = Object.entries(asked).filter(([name]) => isOpen(name));
  const origin: Origin = { kind: 'coverage-tool', from };
  return {
    ...loaded,
    config: { ...loaded.config, coverage: { ...loaded.config.coverage, ...Object.fromEntries(taken) } },
    origins: new Map([...loaded.origins, ...taken.map(([name]) => [`coverage.${name}`, origin] as const)]),
  };
}
