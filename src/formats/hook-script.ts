/** The hooks pushgate has something to do in. */
export type HookName = 'pre-push' | 'pre-commit';

export const HOOKS: readonly HookName[] = ['pre-push', 'pre-commit'];

/** Where a hook calls pushgate from. */
export type HookCall = {
  readonly hook: HookName;
  /** The project's folder below the top of the checkout, with forward slashes; empty when it is the top. */
  readonly folder: string;
  /** Whether the hook's shell finds the commands of the top folder's packages by itself, as in husky. */
  readonly onPath: boolean;
  /** What installs the packages, for the message of a hook that does not find pushgate. */
  readonly install: string;
};

const MARK = '# pushgate';

/**
 * The line that calls pushgate. It keeps the exit code, and blocks with a sentence where pushgate or node is missing (127): in a fresh clone,
 * a new worktree, a terminal without node on its PATH.
 */
export function hookLine(call: HookCall): string {
  return `${invocation(call)} ${orBlock(call)} ${MARK}`;
}

/** The same for the head of a pre-push hook whose own commands read what git hands to it: pushgate gets it, and they get it again. */
function hookLineThatHandsOn(call: HookCall): string {
  const keep = 'pushed=$(mktemp) && cat >"$pushed" && exec 3<"$pushed" <"$pushed" && rm -f "$pushed"';
  return `${keep} && ${invocation(call)} <&3 ${orBlock(call)} ${MARK}`;
}

function invocation({ hook, folder, onPath }: HookCall): string {
  const command = `pushgate hook ${hook}${hook === 'pre-push' ? ' "$@"' : ''}`;
  if (folder === '') return onPath ? command : `(PATH="$PWD/node_modules/.bin:$PATH"; ${command})`;
  // An installer may have put the command below the project or, for a workspace, at the top.
  return `(PATH="$PWD"/${quoted(folder)}/node_modules/.bin:"$PWD/node_modules/.bin:$PATH"; cd ${quoted(folder)} && ${command})`;
}

function orBlock({ hook, install }: HookCall): string {
  const again = hook === 'pre-push' ? 'push' : 'commit';
  return `|| { c=$?; [ $c != 127 ] || echo 'pushgate or node was not found: ${install} here, then ${again} again.' >&2; exit $c; }`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A hook that also starts the clone's own hook of that name in .git/hooks, which git passes over once another tool has taken the hooks
 * over; that one ends it as it ended git. `text` is null for a hook that does not exist yet.
 */
export function withFormerHook(text: string | null, name: string): string {
  const path = `"$(git rev-parse --git-common-dir)/hooks/${name}"`;
  if (text !== null && text.includes(path)) return text;
  const line = `[ ! -x ${path} ] || ${path} "$@" || exit $?`;
  return `${text ?? ''}${text === null || text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
}

/** The lines that are run: neither empty nor comments. */
function liveLines(text: string): string[] {
  return text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line));
}

/** Whether a line of a hook starts pushgate for the project in this folder of the checkout. */
function callsFor(line: string, folder: string): boolean {
  if (!/\bpushgate\b/.test(line) || /^\s*(?:echo|printf)\b/.test(line)) return false;
  return folder === '' ? !/\bcd ['"]?\w/.test(line) : new RegExp(`(?:^|[\\s"'/=])${escaped(folder)}(?:[\\s"'/;&)]|$)`).test(line);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whether a hook calls pushgate for the project in this folder of the checkout. */
export function callsPushgate(text: string, folder: string): boolean {
  return liveLines(text).some((line) => callsFor(line, folder));
}

/** Whether the configuration of a hook manager names pushgate outside of comments. */
export function namesPushgate(text: string): boolean {
  return liveLines(text).some((line) => /\bpushgate\b/.test(line));
}

/** Whether lines end as on Windows: `sh` takes the carriage return for a part of the last word. */
export function hasCarriageReturns(text: string): boolean {
  return text.includes('\r\n');
}

/** Whether a hook is a shell script. One without a first line that says otherwise is. */
export function isShellScript(text: string): boolean {
  const interpreter = /^#!\s*(.*)/.exec(text)?.[1];
  return interpreter === undefined || /\b(?:ba|da|z|k|a)?sh\b/.test(interpreter);
}

/** A way out that may mean success: `exit`, `exit 0`, `exit $?`, `exec command`. */
const LEAVES = /(?:^|[;&|{(]|\bthen\b|\belse\b|\bdo\b)\s*(?:exit\b(?!\s+[1-9])|exec\s+(?![<>\d]))/;
/** Reads standard input, or is given the hook's arguments, as commands are that read what git hands to it. */
const READS = /\bread\b|\bcat\b(?!\s+[^|;&>\s])|\bxargs\b|\bgit[ -]lfs\b|\/dev\/stdin|<&0|"?\$(?:@|\*|1\b|\{1\})/;

/** What prepares the shell: comments, the scripts of husky and nvm, variables, options. */
const PREPARES = /^\s*(?:#|$|set\s|export\s|\.\s|source\s)/;

/**
 * What comes before pushgate's line and may keep it from being run (`leaves`) or from what git says is pushed (`reads`); null for nothing.
 * Without a line for this folder, everything there is comes before it.
 */
export function standsInTheWay(text: string, hook: HookName, folder: string): 'leaves' | 'reads' | null {
  const lines = liveLines(text);
  const own = lines.findIndex((line) => callsFor(line, folder));
  // A line for another package of the checkout either ends the hook with a failure or lets it go on.
  const before = (own < 0 ? lines : lines.slice(0, own)).filter((line) => !line.trimEnd().endsWith(MARK));
  if (before.some((line) => LEAVES.test(line))) return 'leaves';
  const another = lines.slice(0, own < 0 ? lines.length : own).some((line) => line.trimEnd().endsWith(MARK) && !line.includes('<&3'));
  return hook === 'pre-push' && (another || before.some((line) => READS.test(line))) ? 'reads' : null;
}

/** Pushgate's line for a hook, and whether it belongs at the head, since what is there could leave before or take standard input away. */
export function lineFor(text: string | null, call: HookCall): { readonly line: string; readonly atHead: boolean } {
  const atHead = text !== null && standsInTheWay(text, call.hook, call.folder) !== null;
  return { atHead, line: atHead && call.hook === 'pre-push' ? hookLineThatHandsOn(call) : hookLine(call) };
}

/**
 * A hook with pushgate's line: the text as it is when it has one, else with the line at its end, or at its head when what is there could
 * leave before or take standard input away. `text` is null for a hook that does not exist yet; `shebang` starts such a file.
 */
export function withHookLine(text: string | null, call: HookCall, shebang: boolean): string {
  if (text === null || text.trim() === '') return `${shebang ? '#!/bin/sh\n' : ''}${hookLine(call)}\n`;
  if (callsPushgate(text, call.folder)) return text;
  const { line, atHead } = lineFor(text, call);
  if (!atHead) return `${text}${text.endsWith('\n') ? '' : '\n'}${line}\n`;
  const lines = text.split('\n');
  const head = lines.findIndex((each) => !PREPARES.test(each) || LEAVES.test(each) || READS.test(each));
  return [...lines.slice(0, head), line, ...lines.slice(head)].join('\n');
}
