import { CONFIG_KEYS } from '../../config/load.ts';
import { formatDuration } from '../../formats/duration.ts';
import type { Config, LoadedConfig, Origin } from '../../model/config.ts';
import { METRICS } from '../../model/coverage.ts';
import type { MetricLimits } from '../../model/policy.ts';
import { labelled } from '../../report/tables.ts';
import { clean } from '../../report/units.ts';
import { indented } from './indented.ts';

/** A value as the configuration file writes it. */
export type Setting = string | number | boolean | null | readonly string[] | MetricLimits | Readonly<Record<string, MetricLimits | null>>;

/** Every setting by its dotted key, in the order of the file. */
export function settingsOf({ run, coverage, suite, slow, limits, tests, push }: Config): Map<string, Setting> {
  const overrides = Object.fromEntries(coverage.overrides.map(({ glob, limits: own }) => [glob, orNull(own)]));
  const { floor, baseline, target, perFile, changed } = coverage;
  const settings: Readonly<Record<string, Setting>> = {
    'run.command': run.command,
    'run.files': run.files,
    'run.timeout': formatDuration(run.timeoutMs),
    'run.inputs': run.inputs,
    'run.always': run.always,
    'run.env': run.env,
    'run.trustSubprocess': run.trustSubprocess,
    'run.turbo': run.turbo,
    'coverage.include': coverage.include,
    'coverage.exclude': coverage.exclude,
    'coverage.floor': orNull(floor),
    'coverage.baseline': orNull(baseline),
    'coverage.target': orNull(target),
    'coverage.perFile': orNull(perFile),
    'coverage.overrides': overrides,
    'coverage.maxDrop': coverage.maxDrop,
    'coverage.changed': changed,
    'suite.budget': formatDuration(suite.budgetMs),
    'suite.ideal': formatDuration(suite.idealMs),
    'slow.limit': formatDuration(slow.limitMs),
    'slow.target': formatDuration(slow.targetMs),
    'slow.allowlist': slow.allowlist,
    'limits.clock': limits.clock,
    'tests.skipNeedsReason': tests.skipNeedsReason,
    'tests.flaky': tests.flaky,
    'push.triggers': push.triggers,
    'push.isolate': push.isolate,
    'push.prepare': push.prepare,
    'push.sshIdle': formatDuration(push.sshIdleMs),
    'push.loosening': push.loosening,
  };
  return new Map(CONFIG_KEYS.map((key) => [key, settings[key] ?? null]));
}

function orNull(limits: MetricLimits): MetricLimits | null {
  return Object.keys(limits).length === 0 ? null : limits;
}

/** Every setting with its value and origin, one a line. */
export function settingsText({ config: merged, file, origins }: LoadedConfig): string {
  const rows = [...settingsOf(merged)].map(([key, value]) => {
    return [key, `${settingText(key, value)}  (${originText(origins.get(key))})`] as const;
  });
  const title = file === null ? 'No pushgate.jsonc: the defaults hold.' : `Configuration, from ${clean(file)}:`;
  return `${title}\n${indented(labelled(rows))}`;
}

const MEANING_OF_NULL: ReadonlyMap<string, string> = new Map([
  ['run.command', 'the test script of package.json'],
  ['run.files', 'those the command names'],
]);

function settingText(key: string, value: Setting): string {
  if (value === null) return MEANING_OF_NULL.get(key) ?? 'none';
  if (typeof value !== 'object') return clean(String(value));
  if (isList(value)) return value.length === 0 ? 'none' : value.map((glob) => clean(glob)).join(' ');
  if (key !== 'coverage.overrides') return limitsText(value as MetricLimits);
  const globs = Object.entries(value as Record<string, MetricLimits | null>);
  return globs.length === 0
    ? 'none'
    : globs.map(([glob, limits]) => `${clean(glob)}: ${limits === null ? 'none' : limitsText(limits)}`).join('; ');
}

function isList(value: object): value is readonly string[] {
  return Array.isArray(value);
}

function limitsText(limits: MetricLimits): string {
  return METRICS.flatMap((metric) => (limits[metric] === undefined ? [] : [`${metric} ${limits[metric]}`])).join(', ');
}

function originText(origin: Origin | undefined): string {
  if (!origin || origin.kind === 'default') return 'default';
  return origin.kind === 'file' ? `${clean(origin.file)}:${origin.line}:${origin.column}` : `from ${clean(origin.from)}`;
}
