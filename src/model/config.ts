import type { CoveragePolicy, MetricLimits, Policy } from './policy.ts';

/** Where a value of the merged configuration comes from. `line` and `column` are 1-based. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  /** Taken over from a c8 or nyc configuration, or from the flags of one in the test script. */
  | { readonly kind: 'coverage-tool'; readonly from: string };

/** The whole configuration with every default filled in; durations in ms. */
export type Config = {
  readonly run: {
    /** The command that runs the suite; null for the package's test script. */
    readonly command: string | null;
    /** Globs of test files; null for Node's own patterns. */
    readonly files: readonly string[] | null;
    readonly timeoutMs: number;
    /** Globs of files that every test file depends on. */
    readonly inputs: readonly string[];
    /** Globs of test files that run every time. */
    readonly always: readonly string[];
    /** Variables that tests depend on. */
    readonly env: readonly string[];
    /** Programs other than Node that may be started without counting as readers of the whole repository; true for all. */
    readonly trustSubprocess: boolean | readonly string[];
    /** Whether bytecode of installed packages is cached where that changes no coverage. */
    readonly turbo: 'auto' | false;
  };
  readonly coverage: CoveragePolicy;
  readonly suite: Policy['suite'];
  readonly slow: Policy['slow'] & { readonly allowlist: string };
  readonly limits: Policy['limits'];
  readonly tests: Policy['tests'];
  readonly push: {
    readonly triggers: readonly string[];
    /** Whether a private copy of the pushed commit is judged: when the work tree differs from it, always, or never. */
    readonly isolate: 'auto' | 'always' | 'never';
    /** Command that makes a private copy ready for the tests; null for none. */
    readonly prepare: string | null;
    /** How long a remote is believed to keep an idle SSH connection. */
    readonly sshIdleMs: number;
    /** What a push that loosens the policy is told, or stopped with. */
    readonly loosening: 'note' | 'fail';
  };
};

/** A configuration, the file it stands in (null when there is none), and the origin of each value by its dotted key (`coverage.floor`). */
export type LoadedConfig = {
  readonly config: Config;
  readonly file: string | null;
  readonly origins: ReadonlyMap<string, Origin>;
};

/** Include, exclude and limits that a c8 or nyc around the tests, or its configuration file, asks for; null where it says nothing. */
export type CoverageToolSettings = {
  /** For the screen: `.c8rc.json`, `c8 in scripts.test`. */
  readonly from: string;
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[] | null;
  readonly floor: MetricLimits | null;
  readonly perFile: MetricLimits | null;
};
