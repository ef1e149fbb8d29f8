/** What a `node` command line asks for. */
export type NodeArgs = {
  /** Flags that stay: neither `--test`, nor reporters, watching, parts of the suite or Node's own coverage. */
  readonly nodeArgs: readonly string[];
  readonly test: boolean;
  /** `--run x`: a script of package.json. */
  readonly run: string | null;
  /** `-e`, `-p`, `-c`, `-v`: no file runs. */
  readonly inline: boolean;
  readonly watch: boolean;
  /** Flags that would run a part of the suite only, as written without their value. */
  readonly partial: readonly string[];
  readonly reporterArgs: readonly string[];
  /** Node's coverage flags, name without dashes to its values; empty when coverage is not asked for. */
  readonly coverage: ReadonlyMap<string, readonly string[]>;
  /** With `--test` the files or globs; else the script and its arguments. */
  readonly positionals: readonly string[];
};

/** Flags whose value may stand in the next argument (from `node --help` of 20 to 26; V8's flags need `=`). */
const WITH_VALUE = new Set(
  (
    'allow-fs-read allow-fs-write bench-isolation bench-name-pattern bench-reporter bench-reporter-destination build-sea build-snapshot-config ' +
    'conditions cpu-prof-dir cpu-prof-interval cpu-prof-name diagnostic-dir disable-proto disable-warning dns-result-order env-file ' +
    'env-file-if-exists es-module-specifier-resolution eval experimental-config-file experimental-default-type experimental-loader ' +
    'experimental-package-map experimental-policy experimental-sea-config experimental-test-isolation experimental-test-tag-filter ' +
    'heap-prof-dir heap-prof-interval heap-prof-name heapsnapshot-near-heap-limit heapsnapshot-signal icu-data-dir import input-type ' +
    'inspect-port inspect-publish-uid loader localstorage-file max-http-header-size max-old-space-size-percentage ' +
    'network-family-autoselection-attempt-timeout openssl-config policy-integrity redirect-warnings report-dir report-directory ' +
    'report-filename report-signal require run secure-heap secure-heap-min snapshot-blob test-concurrency test-coverage-branches ' +
    'test-coverage-exclude test-coverage-functions test-coverage-include test-coverage-lines test-global-setup test-isolation ' +
    'test-name-pattern test-random-seed test-reporter test-reporter-destination test-rerun-failures test-shard test-skip-pattern ' +
    'test-timeout title tls-cipher-list tls-keylog trace-event-categories trace-event-file-pattern unhandled-rejections use-largepages ' +
    'v8-pool-size vfs-load vfs-mount watch-kill-signal watch-path'
  ).split(' '),
);
const SHORT: Readonly<Record<string, string>> = { '-r': '--require', '-C': '--conditions', '-e': '--eval' };
/** Another machine has the other shards; what an earlier run passed leaves no coverage in this one. */
const PARTIAL = /^test-(?:shard|rerun-failures)$/;
const INLINE = /^(?:-(?:e|p|pe|c|v|h|i)|--(?:eval|print|check|version|help|interactive))(?:=|$)/;

/** Splits the arguments of `node` as node does: its options end at the first argument that is none. */
export function readNodeArgs(args: readonly string[]): NodeArgs {
  const flags = readFlags(args);
  const nodeArgs: string[] = [];
  const reporterArgs: string[] = [];
  const coverage = new Map<string, string[]>();
  for (const { name, value, raw } of flags.list) {
    if (/^(?:test|watch|watch-path|watch-preserve-output|watch-kill-signal|run)$/.test(name) || PARTIAL.test(name)) continue;
    else if (/^test-reporter(?:-destination)?$/.test(name)) reporterArgs.push(`--${name}=${value ?? ''}`);
    else if (/^(?:experimental-test-coverage|test-coverage-\w+)$/.test(name))
      coverage.set(name, [...(coverage.get(name) ?? []), value ?? '']);
    // In one form, for those who ask whether the files share a process.
    else if (/^(?:experimental-)?test-isolation$/.test(name)) nodeArgs.push(`--${name}=${value ?? ''}`);
    else nodeArgs.push(...raw);
  }
  const named = (name: string) => flags.list.find((flag) => flag.name === name);
  return {
    nodeArgs,
    reporterArgs,
    coverage: coverage.has('experimental-test-coverage') ? coverage : new Map(),
    test: named('test') !== undefined,
    run: named('run')?.value ?? null,
    inline: flags.list.some((flag) => INLINE.test(flag.raw[0] ?? '')),
    watch: named('watch') !== undefined || named('watch-path') !== undefined,
    partial: flags.list.filter((flag) => PARTIAL.test(flag.name)).map((flag) => `--${flag.name}`),
    positionals: args.slice(flags.end),
  };
}

type Flag = { readonly name: string; readonly value: string | null; readonly raw: readonly string[] };

function readFlags(args: readonly string[]): { list: Flag[]; end: number } {
  const list: Flag[] = [];
  let at = 0;
  while (at < args.length) {
    const arg = args[at] ?? '';
    if (arg === '--') return { list, end: at + 1 };
    if (!arg.startsWith('-') || arg === '-') break;
    const equals = arg.indexOf('=');
    const written = equals < 0 ? arg : arg.slice(0, equals);
    const name = (SHORT[written] ?? written).replace(/^-+/, '').replaceAll('_', '-');
    const separate = equals < 0 && WITH_VALUE.has(name) && at + 1 < args.length;
    const value = separate ? (args[at + 1] ?? '') : equals < 0 ? null : arg.slice(equals + 1);
    list.push({ name, value, raw: separate ? [arg, value ?? ''] : [arg] });
    at += separate ? 2 : 1;
  }
  return { list, end: at };
}
