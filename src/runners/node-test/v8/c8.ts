import { isAbsolute, resolve } from 'node:path';

/** Which files are sources, in the words of c8's own options. */
export type SourceSpec = {
  /** The project root, absolute and real (no symbolic link on the way), without a trailing slash. */
  readonly root: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Relative to the root; never sources, whatever include says. */
  readonly testFiles: readonly string[];
};

/** The part of c8's Report (and of the istanbul map it makes) that is used; c8's own declarations leave it out. */
export type C8Report = {
  exclude: SourceRule;
  readonly getCoverageMapFromAllCoverageFiles: () => Promise<IstanbulMap>;
};

type SourceRule = { shouldInstrument: (path: string) => boolean };
type SourceRuleClass = new (options: object) => SourceRule;

export type IstanbulMap = {
  readonly files: () => string[];
  readonly fileCoverageFor: (path: string) => IstanbulFile;
  readonly merge: (other: IstanbulMap) => void;
};

type IstanbulCount = { readonly total: number; readonly covered: number };

export type IstanbulFile = {
  readonly toSummary: () => { readonly data: Readonly<Record<'lines' | 'branches' | 'functions' | 'statements', IstanbulCount>> };
  readonly getUncoveredLines: () => (string | number)[];
};

export type ReportOptions = {
  /** Where the raw coverage stands, one or more JSON files. */
  readonly tempDir: string;
  /** Counts sources that no process loaded. */
  readonly all: boolean;
  /** Applies include and exclude to what a source map leads to, instead of the script that ran. */
  readonly afterRemap: boolean;
};

/** c8's own report over a folder of raw coverage, with the project root in the place of the working directory. */
export async function openReport(spec: SourceSpec, options: ReportOptions): Promise<C8Report> {
  const { Report } = await import('c8');
  const report = new Report({
    reporter: [],
    tempDirectory: options.tempDir,
    resolve: spec.root,
    all: options.all,
    src: [spec.root],
    omitRelative: true,
    excludeAfterRemap: options.afterRemap,
  }) as unknown as C8Report;
  report.exclude = ruleOf(report.exclude.constructor as SourceRuleClass, spec, options.afterRemap);
  return report;
}

/** Whether a path is a source, by the very rule c8 applies. */
export async function sourceRule(spec: SourceSpec): Promise<(path: string) => boolean> {
  const { exclude } = await openReport(spec, { tempDir: spec.root, all: false, afterRemap: false });
  return (path) => exclude.shouldInstrument(path);
}

/** c8 builds its rule for the working directory and takes no other; this builds the same for the root, and adds the test files by name. */
function ruleOf(Rule: SourceRuleClass, spec: SourceSpec, afterRemap: boolean): SourceRule {
  const { root, include, exclude } = spec;
  const rule = new Rule({ cwd: root, include: [...include], exclude: [...exclude], excludeNodeModules: true, relativePath: true });
  const tests = new Set(spec.testFiles.map((file) => resolve(root, file)));
  const isSource = rule.shouldInstrument.bind(rule);
  // A script made from several sources asks first with the path as its map writes it, then with the resolved one: only the second can be
  // judged. Refusing the first would count every line as covered.
  rule.shouldInstrument = (path) => (afterRemap && !isAbsolute(path)) || (!tests.has(path) && isSource(path));
  return rule;
}
