import type { CoverageToolSettings } from '../model/config.ts';

type Where = {
  /** Directory the step runs in, absolute. */
  readonly cwd: string;
  /** Variables the script sets for this step (`FOO=bar node …`, cross-env). */
  readonly env: Readonly<Record<string, string>>;
};

/** `node [nodeArgs] --test [files]`; `nodeArgs` excludes `--test` and reporter flags, `files` are explicit and relative to `cwd`. */
export type NodeTestStep = Where & {
  readonly kind: 'node-test';
  readonly nodeArgs: readonly string[];
  readonly files: readonly string[];
  /** Reporter flags of the script, in order: `--test-reporter=x`, `--test-reporter-destination=y`. */
  readonly reporterArgs: readonly string[];
};

/** `node [nodeArgs] script [args]` without `--test`: one process that uses node:test itself. */
export type NodeScriptStep = Where & {
  readonly kind: 'node-script';
  readonly nodeArgs: readonly string[];
  readonly script: string;
  readonly args: readonly string[];
  readonly reporterArgs: readonly string[];
};

/** Runs as it is through `sh -c`, and is observed through NODE_OPTIONS. */
export type ObservedStep = Where & { readonly kind: 'observed'; readonly command: string };

/** Runs before the tests, neither timed nor measured: a build, a code generator. */
export type SetupStep = Where & { readonly kind: 'setup'; readonly command: string };

export type Step = NodeTestStep | NodeScriptStep | ObservedStep | SetupStep;

/** What was understood of the project's test command. */
export type SuitePlan = {
  /** Where the command stands: `run.command in pushgate.jsonc`, `scripts.test in package.json`. */
  readonly from: string;
  readonly command: string;
  readonly steps: readonly Step[];
  /** One sentence each, for the screen: what was unwrapped, replaced or left out, and why. */
  readonly notes: readonly string[];
  readonly coverageTool: CoverageToolSettings | null;
  /** All test files of all steps, relative to the project root; never counted as sources. */
  readonly testFiles: readonly string[];
  /** The plan as it is once its first setup steps have run: a build may make the very files that are tested. Read once, then remembered. */
  readonly afterSetup: () => Promise<SuitePlan>;
};
