import type { Package } from './packages.ts';
import type { Word } from './shell-words.ts';

/** A command that stands for other scripts: `npm run x`, `run-s a b`, `concurrently "…"`. */
export type Link = {
  /** What runs, in order: names of scripts with arguments appended as written, or command lines. */
  readonly targets: readonly Target[];
  /** Folder of the package.json meant, relative to the current one; null for the current. */
  readonly dir: string | null;
  /** `-w`/`--workspaces`: folders or names of workspaces; `all` for every one. */
  readonly workspaces: readonly string[] | 'all' | null;
};

export type Target = { readonly script: string; readonly args: string; readonly hooks: boolean } | { readonly line: string };

const NPM_VALUES = /^(?:-w|--workspace|-C|--prefix|--loglevel|--script-shell)$/;
const OTHER_VERBS = new Set(['exec', 'dlx', 'install', 'node', 'x', 'add']);
const RUN_WORDS = new Set(['run', 'run-script', 'rum', 'urn']);
const PARALLEL_VALUES = /^(?:--max-parallel|--npm-path)$/;
const CONCURRENTLY_VALUES =
  /^(?:-n|--names|-c|--prefix-colors|-s|--success|-m|--max-processes|-p|--prefix|-l|--prefix-length|-t|--timestamp-format|--restart-tries|--restart-after|--kill-signal|--name-separator|--default-input-target|--hide|--teardown)$/;

/** The link that a command is; null when it is none. A name that no script has makes no link. */
export function linkOf(words: readonly Word[], pack: Package | null): Link | null {
  const [program, ...rest] = words;
  if (pack === null || program === undefined) return null;
  switch (program.text) {
    case 'npm':
    case 'pnpm':
    case 'yarn':
    case 'bun':
      return managerLink(program.text, rest, pack);
    case 'run-s':
    case 'run-p':
    case 'npm-run-all':
    case 'npm-run-all2':
      return runAllLink(rest, pack);
    case 'concurrently':
      return concurrentlyLink(rest, pack);
    default:
      return null;
  }
}

/** A link to one script of the current package. */
export function linkTo(script: string, args: readonly Word[], hooks: boolean): Link {
  return { targets: [{ script, args: rawOf(args), hooks }], dir: null, workspaces: null };
}

const rawOf = (words: readonly Word[]): string => words.map((word) => word.raw).join(' ');

function managerLink(manager: string, rest: readonly Word[], pack: Package): Link | null {
  const front = readFront(manager, rest);
  if (front === null) return null;
  const [verb, ...more] = front.words;
  const inner = RUN_WORDS.has(verb?.text ?? '') ? readFront(manager, more) : null;
  const place = { dir: inner?.dir ?? front.dir, workspaces: inner?.workspaces ?? front.workspaces };
  if (inner !== null) return scriptLink(manager, inner.words, place, pack);
  const name = verb?.text ?? '';
  const short = manager === 'bun' ? name : ({ t: 'test', tst: 'test' }[name] ?? name);
  const direct = short === 'test' ? manager !== 'bun' : manager !== 'npm' && !OTHER_VERBS.has(short);
  return direct && short !== '' ? scriptLink(manager, [{ raw: short, text: short }, ...more], place, pack) : null;
}

/** The script that `npm run x` or `npm test` names and the package does not have; null when there is no such complaint. */
export function missingScript(words: readonly Word[], pack: Package): string | null {
  const flags = words.map((word) => word.text ?? '-').filter((text) => text.startsWith('-'));
  if (words[0]?.text !== 'npm' || flags.some((flag) => !['-s', '--silent', '--'].includes(flag))) return null;
  const [verb, name] = words.slice(1).filter((word) => word.text?.startsWith('-') === false);
  const script = RUN_WORDS.has(verb?.text ?? '') ? (name?.text ?? null) : ['test', 't', 'tst'].includes(verb?.text ?? '') ? 'test' : null;
  return script === null || pack.scripts.has(script) ? null : script;
}

type Front = { readonly words: readonly Word[]; readonly dir: string | null; readonly workspaces: readonly string[] | 'all' | null };

/** Takes a package manager's own flags off the front; null when one of them means something else than running a script here. */
function readFront(manager: string, words: readonly Word[]): Front | null {
  let dir: string | null = null;
  let workspaces: readonly string[] | 'all' | null = null;
  let at = 0;
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? '';
    if (!text.startsWith('-') || text === '--') break;
    if (manager === 'pnpm' && /^(?:-r|--recursive|-F|--filter)/.test(text)) return null;
    const [name, inline] = text.split('=', 2);
    const takes = NPM_VALUES.test(name ?? '') || (manager !== 'npm' && /^(?:--cwd|--dir)$/.test(name ?? ''));
    const value = inline ?? (takes ? (words[(at += 1)]?.text ?? '') : '');
    if (/^(?:-C|--prefix|--cwd|--dir)$/.test(name ?? '')) dir = value;
    else if (/^(?:-w|--workspace)$/.test(name ?? '')) workspaces = [...(Array.isArray(workspaces) ? workspaces : []), value];
    else if (/^(?:-ws|--workspaces)$/.test(name ?? '') && inline !== 'false') workspaces = 'all';
  }
  return { words: words.slice(at), dir, workspaces };
}

function scriptLink(manager: string, words: readonly Word[], place: Pick<Link, 'dir' | 'workspaces'>, pack: Package): Link | null {
  const [name, ...after] = words;
  const text = name?.text ?? unquotedOf(name);
  const trailing = manager === 'npm' ? npmTrailing(after) : { dir: null, workspaces: null, args: withoutDashes(after) };
  const dir = trailing.dir ?? place.dir;
  const workspaces = trailing.workspaces ?? place.workspaces;
  const names = scriptsNamed(text, manager, pack, dir !== null || workspaces !== null);
  if (names.length === 0) return null;
  return { targets: names.map((script) => ({ script, args: rawOf(trailing.args), hooks: true })), dir, workspaces };
}

/** The scripts meant by a name, or by a pattern of pnpm. Those of other packages are looked up there. */
function scriptsNamed(text: string, manager: string, pack: Package, elsewhere: boolean): string[] {
  const pattern = manager === 'pnpm' ? /^\/(.+)\/$/.exec(text)?.[1] : undefined;
  if (pattern !== undefined) return [...pack.scripts.keys()].filter((script) => safeMatch(pattern, script));
  return elsewhere || pack.scripts.has(text) ? [text] : [];
}

const withoutDashes = (words: readonly Word[]): readonly Word[] => (words[0]?.text === '--' ? words.slice(1) : words);

/** npm reads its own flags behind the script's name too, up to `--`; what is no flag goes to the script. */
function npmTrailing(words: readonly Word[]): Pick<Link, 'dir' | 'workspaces'> & { readonly args: readonly Word[] } {
  const dashes = words.findIndex((word) => word.text === '--');
  const own = dashes < 0 ? words : words.slice(0, dashes);
  const flags: Word[] = [];
  const args: Word[] = [];
  own.forEach((word, at) => {
    const isValue = NPM_VALUES.test(own[at - 1]?.text ?? '');
    (word.text?.startsWith('-') === true || isValue ? flags : args).push(word);
  });
  const front = readFront('npm', flags);
  return {
    dir: front?.dir ?? null,
    workspaces: front?.workspaces ?? null,
    args: [...args, ...(dashes < 0 ? [] : words.slice(dashes + 1))],
  };
}

const unquotedOf = (word: Word | undefined): string => (word?.raw ?? '').replace(/^(['"])(.*)\1$/s, '$2');

function safeMatch(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern).test(name);
  } catch {
    return false;
  }
}

/** `npm-run-all`: names may be patterns (`test:*`, `test:**`), carry arguments inside quotes, and everything after `--` is theirs. */
function runAllLink(rest: readonly Word[], pack: Package): Link | null {
  const dashes = rest.findIndex((word) => word.text === '--');
  const own = dashes < 0 ? rest : rest.slice(0, dashes);
  const targets = own.flatMap((word, at): Target[] => {
    const text = word.text ?? unquotedOf(word);
    if (text.startsWith('-') || PARALLEL_VALUES.test(own[at - 1]?.text ?? '')) return [];
    const [pattern = '', ...args] = text.split(/\s+/);
    return scriptsLike(pattern, pack).map((script) => ({ script, args: args.filter((arg) => arg !== '--').join(' '), hooks: true }));
  });
  return targets.length === 0 ? null : { targets, dir: null, workspaces: null };
}

function scriptsLike(pattern: string, pack: Package): string[] {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((piece) => (piece === '**' ? '.*' : piece === '*' ? '[^:]*' : piece.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return [...pack.scripts.keys()].filter((name) => new RegExp(`^${source}$`).test(name));
}

function concurrentlyLink(rest: readonly Word[], pack: Package): Link | null {
  const targets = rest.flatMap((word, at): Target[] => {
    const text = word.text ?? unquotedOf(word);
    if (text.startsWith('-') || CONCURRENTLY_VALUES.test(rest[at - 1]?.text ?? '')) return [];
    const short = /^(?:npm|pnpm|yarn|bun|node):(\S+)(.*)$/s.exec(text);
    if (short === null) return [{ line: text }];
    return scriptsLike(short[1] ?? '', pack).map((script) => ({ script, args: (short[2] ?? '').trim(), hooks: true }));
  });
  return targets.length === 0 ? null : { targets, dir: null, workspaces: null };
}
