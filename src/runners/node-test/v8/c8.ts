import { createRequire } from 'node:module';
import { isAbsolute, relative, resolve } from 'node:path';
import { filesBelow } from './files-below.ts';

/** Which files are sources, in the words of c8's own options. */
export type SourceSpec = {
  /** The project root, absolute and real (no symbolic link on the way), without a trailing slash. */
  readonly root: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Relative to the root; never sources, whatever include says. */
  readonly testFiles: readonly string[];
  /** What the same rule said yes to in an earlier run: taken on trust, since asking it takes long. */
  readonly known?: readonly string[];
};

/** The part of c8's Report (and of the istanbul map it makes) that is used; c8's own declarations leave it out. */
export type C8Report = {
  exclude: SourceRule;
  /** All raw coverage, by process. */
  readonly _loadReports: () => readonly object[];
  /** What is known of a script beside the file itself. */
  readonly _getSourceMap: (script: { readonly url: string }) => Script | undefined;
  readonly getCoverageMapFromAllCoverageFiles: () => Promise<IstanbulMap>;
};

/** A script's source map, and its text where that is not to be read from the file. */
type Script = { readonly sourceMap?: object; source?: string };

/** test-exclude, as c8 uses it: prepared patterns and what it makes of a path. */
type SourceRule = {
  shouldInstrument: (path: string) => boolean;
  globSync: (folder: string) => string[];
  readonly extension: readonly string[] | false;
  readonly include: readonly string[] | false;
  readonly exclude: readonly string[];
  readonly excludeNegated: readonly string[];
};
type Compile = (pattern: string) => { readonly match: (path: string) => boolean };
type SourceRuleClass = new (options: object) => SourceRule;

export type IstanbulMap = {
  readonly files: () => string[];
  readonly fileCoverageFor: (path: string) => IstanbulFile;
  readonly merge: (other: IstanbulMap) => void;
};

type IstanbulCount = { readonly total: number; readonly covered: number };

export type IstanbulFile = {
  /** Counts by line; what follows is made of it. */
  readonly getLineCoverage: () => Readonly<Record<string, number>>;
  readonly toSummary: () => { readonly data: Readonly<Record<'lines' | 'branches' | 'functions' | 'statements', IstanbulCount>> };
  readonly getUncoveredLines: () => (string | number)[];
};

export type ReportOptions = {
  /** The raw coverage, made when it is asked for: c8 changes it, and it is large. */
  readonly raw: () => object;
  /** Reads a source; it may throw. */
  readonly textOf: (path: string) => string;
  /** Counts sources that no process loaded, too. */
  readonly all?: boolean;
  /** Applies include and exclude to what a source map leads to, instead of the script that ran. */
  readonly afterRemap?: boolean;
  /** Sources that are left out because another report has them. */
  readonly except?: ReadonlySet<string>;
};

/** The sources of a project, and c8's reports on them. */
export type Sources = {
  readonly root: string;
  /** Whether a path is a source, by the very rule c8 applies. */
  readonly has: (path: string) => boolean;
  /** All that there are, relative to the root, whether git knows them or not. */
  readonly list: () => string[];
  /** c8's own report over raw coverage, with the project root in the place of the working directory. */
  readonly report: (options: ReportOptions) => C8Report;
};

/**
 * Loads c8 and builds its rule for the root: c8 itself builds one for the working directory and takes no other. Test files are kept out by
 * name, and answers are remembered.
 */
export async function openSources(spec: SourceSpec): Promise<Sources> {
  const { Report } = await import('c8');
  // The copy that c8 itself has just loaded; `import` would load another.
  const { Minimatch } = createRequire(import.meta.url)('minimatch') as typeof import('minimatch');
  const compile: Compile = (pattern) => new Minimatch(pattern, { dot: true });
  const { root, include, exclude } = spec;
  const reportOf = (options: Partial<ReportOptions>): C8Report =>
    new Report({
      reporter: [],
      resolve: root,
      src: [root],
      omitRelative: true,
      // Nothing is read from there.
      tempDirectory: root,
      all: options.all ?? false,
      excludeAfterRemap: options.afterRemap ?? false,
    }) as unknown as C8Report;

  const Rule = reportOf({}).exclude.constructor as SourceRuleClass;
  const rule = new Rule({ cwd: root, include: [...include], exclude: [...exclude], excludeNodeModules: true, relativePath: true });
  const answers = new Map((spec.known ?? []).map((file) => [resolve(root, file), true]));
  for (const file of spec.testFiles) answers.set(resolve(root, file), false);
  const isSource = compiled(rule, root, compile);
  rule.shouldInstrument = (path) => {
    const answer = answers.get(path) ?? isSource(path);
    answers.set(path, answer);
    return answer;
  };
  rule.globSync = listed(rule, compile);
  return {
    root,
    has: rule.shouldInstrument,
    list: () => rule.globSync(root),
    report: (options) => Object.assign(handedOver(reportOf(options), options), { exclude: narrowed(rule, options) }),
  };
}

/**
 * A report that takes the raw coverage and the sources from us. It would read files that we would have to write, and parse what we just had;
 * and it would wait for each source in turn.
 */
function handedOver(report: C8Report, { raw, textOf }: ReportOptions): C8Report {
  const theirs = report._getSourceMap.bind(report);
  if (typeof report._loadReports !== 'function') throw new TypeError('This version of c8 reads raw coverage in a way that is not known.');
  return Object.assign(report, {
    _loadReports: () => [raw()],
    _getSourceMap: (each: { readonly url: string }) => {
      const script = theirs(each);
      if (script !== undefined && script.sourceMap === undefined) script.source = textOf(each.url);
      return script;
    },
  });
}

/**
 * `rule.shouldInstrument` with every pattern compiled once, by the library it uses itself; it compiles all of them anew for every path, which
 * took more time than all the rest of reading the coverage.
 */
function compiled({ extension, include, exclude, excludeNegated }: SourceRule, root: string, compile: Compile): (path: string) => boolean {
  const anyOf = (patterns: readonly string[]): ((path: string) => boolean) => {
    const globs = patterns.filter((pattern) => !pattern.startsWith('#')).map(compile);
    return (path) => globs.some((glob) => glob.match(path));
  };
  const [included, excluded, kept] = [include === false ? () => true : anyOf(include), anyOf(exclude), anyOf(excludeNegated)];
  return (path) => {
    if (extension !== false && !extension.some((end) => path.endsWith(end))) return false;
    const inside = relative(root, path);
    if (inside.startsWith('..')) return false;
    return included(inside) && (!excluded(inside) || kept(inside));
  };
}

/**
 * `rule.globSync`, which c8 asks for sources that nothing loaded, as one walk over the folders: glob takes 80 ms for an empty project and
 * seconds for a large one. It passes over folders that are excluded as a whole, as long as nothing is taken back from what is excluded. What
 * is found is remembered: it is asked for once the tests have run, and again at once.
 */
function listed({ exclude, excludeNegated }: SourceRule, compile: Compile): SourceRule['globSync'] {
  const folders = exclude
    .filter((pattern) => pattern.endsWith('/**') && !pattern.startsWith('#'))
    .map((pattern) => compile(pattern.slice(0, -3)));
  const leaves = excludeNegated.length > 0 ? () => false : (folder: string) => folders.some((pattern) => pattern.match(folder));
  const found = new Map<string, readonly string[]>();
  return function (this: SourceRule, folder) {
    const files = found.get(folder) ?? filesBelow(folder, leaves);
    found.set(folder, files);
    return files.filter((file) => this.shouldInstrument(resolve(folder, file)));
  };
}

function narrowed(rule: SourceRule, { afterRemap = false, except }: ReportOptions): SourceRule {
  // A script made from several sources asks first with the path as its map writes it, then with the resolved one: only the second can be
  // judged. Refusing the first would count every line as covered.
  const shouldInstrument = (path: string): boolean =>
    (afterRemap && !isAbsolute(path)) || (except?.has(path) !== true && rule.shouldInstrument(path));
  return Object.assign(Object.create(rule) as SourceRule, { shouldInstrument });
}
