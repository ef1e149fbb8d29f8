import * as v from 'valibot';

import { nearest } from '../formats/did-you-mean.ts';
import { parseDuration } from '../formats/duration.ts';

const DURATION = 'it must be a duration with its unit, such as "90s", "2m" or "500ms".';
const PERCENTAGE = 'it must be a percentage from 0 to 100 with at most two decimals.';
const LIMITS = 'it must be a percentage from 0 to 100 (of lines), or an object of lines, branches, functions and statements.';
const GLOBS = 'it must be a list of globs, such as ["src/**"].';
const OBJECT = 'it must be an object.';
const TEXT = 'it must be a text in double quotes that is not empty.';
const DATE = 'it must be a date that exists, such as "2027-03-31".';

const DURATION_FORM = /^\s*\d+(?:\.\d+)?(?:ms|s|m|h)\s*$/;
/** Node's timers hold no more than 2^31 ms; this is the round number below. */
const LONGEST_MS = 500 * 3_600_000;

// An array would pass as an object, its methods as settings.
const notAnArray = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value), OBJECT),
);

/** An object that refuses unknown keys and names the nearest known one. */
function closed<const Entries extends v.ObjectEntries>(entries: Entries) {
  const object = v.strictObject(entries, (issue) =>
    issue.expected === 'never' ? unknownKey(String(issue.input), Object.keys(entries)) : OBJECT,
  );
  return v.pipe(notAnArray, object);
}

function unknownKey(key: string, keys: readonly string[]): string {
  const near = nearest(key, keys);
  return near ? `did you mean "${near}"?` : `known are ${keys.join(', ')}.`;
}

const text = v.pipe(v.string(TEXT), v.regex(/\S/, TEXT));
const duration = v.pipe(
  v.string(DURATION),
  v.regex(DURATION_FORM, DURATION),
  v.check((written) => !DURATION_FORM.test(written) || isUsable(parseDuration(written)), 'it must be from 1ms to 500h.'),
);
const percentage = v.pipe(
  v.number(PERCENTAGE),
  v.minValue(0, PERCENTAGE),
  v.maxValue(100, PERCENTAGE),
  v.check((pct) => Math.round(pct * 100) / 100 === pct, PERCENTAGE),
);
const byMetric = v.pipe(
  closed({
    lines: v.optional(percentage),
    branches: v.optional(percentage),
    functions: v.optional(percentage),
    statements: v.optional(percentage),
  }),
  v.minEntries(1, 'it must name lines, branches, functions or statements; null means no limit.'),
);
/** A change is made of lines; c8 counts no branch or function by them. */
const lineLimits = v.nullable(
  v.union(
    [
      percentage,
      v.pipe(
        closed({ lines: v.optional(percentage), statements: v.optional(percentage) }),
        v.minEntries(1, 'it must name lines or statements; null means no limit.'),
      ),
    ],
    'it must be a percentage from 0 to 100 (of lines), or an object of lines and statements.',
  ),
);
const limits = v.nullable(v.union([percentage, byMetric], LIMITS));
// The matcher throws on longer ones.
const glob = v.pipe(text, v.maxLength(10_000, 'it must have at most 10,000 characters.'));
const globs = v.pipe(v.array(glob, GLOBS), v.minLength(1, 'it must name at least one glob.'));
const anyGlobs = v.array(glob, GLOBS);
const names = v.array(text, 'it must be a list of names in double quotes.');
const date = v.pipe(v.string(DATE), v.regex(/^\d{4}-\d{2}-\d{2}$/, DATE), v.check(isDate, DATE));

function isUsable(ms: number | null): boolean {
  return ms !== null && ms > 0 && ms <= LONGEST_MS;
}

function isDate(written: string): boolean {
  const at = new Date(`${written}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(written);
}

function setting<const S extends v.GenericSchema>(schema: S, about: string) {
  return v.optional(v.pipe(schema, v.description(about)));
}

/** `pushgate.jsonc`, as a user writes it. */
export const configSchema = closed({
  $schema: setting(v.string(TEXT), 'The schema that editors check this file with.'),
  run: setting(
    closed({
      command: setting(v.nullable(text), 'The command that runs the suite. Default: the test script of package.json.'),
      files: setting(v.nullable(globs), "Globs of test files. Default: the command's own, or Node's patterns."),
      timeout: setting(duration, 'When the suite counts as hanging and is ended. Default: 10m.'),
      inputs: setting(anyGlobs, 'Files that all tests depend on in a way that cannot be seen: a change runs everything. Default: none.'),
      always: setting(anyGlobs, 'Test files that run every time. Default: none.'),
      env: setting(names, 'Variables that tests depend on: what reads one runs again when it changes. Default: none.'),
      trustSubprocess: setting(
        v.union([v.boolean(), names], 'it must be true, false or a list of programs.'),
        'Programs other than Node that tests may start without depending on every file. Default: false.',
      ),
      turbo: setting(
        v.union([v.literal('auto'), v.literal(false)], 'it must be "auto" or false.'),
        'Whether bytecode of installed packages is cached, on Node 22 and newer. Default: auto.',
      ),
    }),
    'How the suite runs.',
  ),
  coverage: setting(
    closed({
      include: setting(globs, 'Sources that are measured. Default: src/**, or everything where there is no src folder.'),
      exclude: setting(v.array(glob, GLOBS), "Sources that are left out. Replaces the default, which is c8's."),
      floor: setting(limits, 'Under it the push is stopped. Default: 64 % of lines.'),
      baseline: setting(limits, 'Under it a warning is given. Default: 65 % of lines, unless a floor is set.'),
      target: setting(limits, 'What the team works towards; noted. Default: 80 % of lines, unless a floor is set.'),
      perFile: setting(limits, 'What every single file must hold. Default: none.'),
      overrides: setting(
        v.pipe(notAnArray, v.record(glob, limits, 'it must be an object of globs and limits.')),
        'Per-file limits by glob; the last glob that matches a file counts, null means no limit.',
      ),
      maxDrop: setting(
        v.nullable(percentage),
        'Percentage points of lines that may be lost since the last push that passed. Default: no limit.',
      ),
      changed: setting(lineLimits, 'What the lines a push adds or changes must hold. Default: none.'),
    }),
    'Limits of coverage, in per cent.',
  ),
  suite: setting(
    closed({
      budget: setting(duration, 'A suite that takes longer stops the push. Default: 120s.'),
      ideal: setting(v.nullable(duration), 'A suite that takes longer is noted. Default: 60s.'),
    }),
    'Limits of the whole suite.',
  ),
  slow: setting(
    closed({
      limit: setting(duration, 'A test that takes longer and is not in the allowlist stops the push. Default: 10s.'),
      target: setting(v.nullable(duration), 'A test that takes longer is noted. Default: 5s.'),
      allowlist: setting(text, 'The file of accepted slow tests. Default: known-slow.jsonc.'),
    }),
    'Limits of a single test.',
  ),
  limits: setting(
    closed({
      clock: setting(
        v.picklist(['wall', 'calibrated'], 'it must be "wall" or "calibrated".'),
        'Whether time limits are held against the time here, or against what it would be on the machine as it was at the last pass. Default: wall.',
      ),
    }),
    'How limits are judged.',
  ),
  tests: setting(
    closed({
      skipNeedsReason: setting(v.boolean('it must be true or false.'), 'A skipped or todo test needs a reason. Default: true.'),
      flaky: setting(v.picklist(['fail', 'warn'], 'it must be "fail" or "warn".'), 'What a flaky test does. Default: fail.'),
    }),
    'What is asked of the tests themselves.',
  ),
  push: setting(
    closed({
      triggers: setting(
        globs,
        'A push that touches none of these files, and none that a test was seen to read here, is not judged. Default: src, test, configuration and lock files, and all that is measured.',
      ),
      isolate: setting(
        v.picklist(['auto', 'always', 'never'], 'it must be "auto", "always" or "never".'),
        'Whether the pushed commit is judged in a private copy. Default: auto, when the work tree differs from it.',
      ),
      prepare: setting(v.nullable(text), 'Command that makes a private copy ready, such as "npm ci". Default: none.'),
      sshIdle: setting(duration, 'How long a remote keeps an idle SSH connection; a longer run is announced. Default: 5m.'),
      loosening: setting(
        v.picklist(['note', 'fail'], 'it must be "note" or "fail".'),
        'What a push does that makes a limit easier to hold. Default: note.',
      ),
    }),
    'When a push is judged, and how.',
  ),
});

/** `known-slow.jsonc`, as a user writes it. */
export const knownSlowSchema = closed({
  $schema: setting(v.string(TEXT), 'The schema that editors check this file with.'),
  tests: v.pipe(
    v.array(
      closed({
        file: v.pipe(
          v.string(TEXT),
          v.regex(/^(?!\.{0,2}\/)[^\0]+$/, 'it must be relative to the project root, such as "test/a.test.ts".'),
          v.description('The test file, relative to the project root, with forward slashes.'),
        ),
        name: v.pipe(v.string('it must be a text in double quotes.'), v.description('The full title path, joined by " > ".')),
        reason: v.pipe(text, v.description('Why this test has to be slow.')),
        ceiling: v.pipe(duration, v.description('The longest it may take.')),
        owner: setting(text, 'Who answers for it.'),
        expires: setting(date, 'Last day (UTC) on which the entry counts.'),
        added: setting(date, 'When it was accepted.'),
      }),
      'it must be a list of entries.',
    ),
    v.description('One entry per accepted slow test.'),
  ),
});

export type UserConfig = v.InferOutput<typeof configSchema>;
export type UserKnownSlow = v.InferOutput<typeof knownSlowSchema>;
export type UserLimits = v.InferOutput<typeof limits>;

/** What is wrong: `key` an unknown key (the last of the path), `glob` a key that is no glob, `missing` a required one, `value` anything else. */
export type SchemaProblem = {
  readonly kind: 'key' | 'glob' | 'missing' | 'value';
  readonly path: readonly (string | number)[];
  readonly text: string;
};

type Schema = typeof configSchema | typeof knownSlowSchema;

/** Checks a value; the typed value, or every problem found. */
export function check<S extends Schema>(schema: S, value: unknown): { output: v.InferOutput<S> } | { problems: SchemaProblem[] } {
  const result = v.safeParse(schema, value);
  return result.success ? { output: result.output } : { problems: result.issues.flatMap((issue) => problemsOf(issue, [])) };
}

function problemsOf(issue: v.BaseIssue<unknown>, above: readonly (string | number)[]): SchemaProblem[] {
  const path = [...above, ...(issue.path ?? []).map((item) => item.key as string | number)];
  // A limit is a number or an object: for an object, what is wrong inside it says more than that it is not a number.
  const inside = (issue.type === 'union' ? (issue.issues ?? []) : []).filter((part) => part.path);
  if (inside.length > 0) return inside.flatMap((part) => problemsOf(part, path));
  if (issue.type === 'strict_object' && issue.expected === 'never') return [{ kind: 'key', path, text: issue.message }];
  if (issue.type === 'strict_object' && issue.received === 'undefined') return [{ kind: 'missing', path, text: issue.message }];
  return [{ kind: issue.path?.at(-1)?.origin === 'key' ? 'glob' : 'value', path, text: issue.message }];
}
