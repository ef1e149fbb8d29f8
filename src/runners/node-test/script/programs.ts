import { join } from 'node:path';
import { readText } from '../../../system/files.ts';
import { borpLeaves, bntLeaf, globCommand, tsxArgs } from './front-ends.ts';
import { mentionsTests } from './imports.ts';
import { isCheck, otherRunner } from './known-tools.ts';
import { nodeLeaf } from './node-command.ts';
import { leafAt, type Leaf, type Scene, type Spot } from './scene.ts';
import { asAssignment, quoted } from './shell-words.ts';

const NOTHING = new Set(['echo', 'printf', 'true', ':', 'set', 'exit', 'false', 'test', '[', 'wait']);

/** A program without wrappers: its name, its arguments, and the text that would run it. */
export type Call = { readonly program: string; readonly args: readonly string[]; readonly raw: string };

/** Tests that node or one of its front ends runs; null when the program is none of them. */
export function testLeaves({ program, args, raw }: Call, spot: Spot, scene: Scene): Leaf[] | null {
  switch (program) {
    case 'node':
      return [nodeLeaf(args, spot, raw, scene)];
    case 'borp':
      return borpLeaves(args, spot, raw, scene);
    case 'bnt':
      return [bntLeaf(args, spot, raw, scene)];
    case 'tsx': {
      const { args: nodeArgs, env } = tsxArgs(args);
      return [nodeLeaf(nodeArgs, { ...spot, env: { ...spot.env, ...env } }, raw, scene, { typescript: true })];
    }
    default:
      return null;
  }
}

/** The command line inside `sh -c "…"`, `cross-env-shell "…"` or `glob -c "…"`; null for other programs. */
export function innerLine({ program, args }: Call, spot: Spot, scene: Scene): string | null {
  if (/^(?:sh|bash|dash|zsh)$/.test(program)) return args[0] === '-c' ? (args[1] ?? null) : null;
  if (program === 'cross-env-shell') {
    const [set, line] = [args.filter((arg) => asAssignment(arg) !== null), args.filter((arg) => asAssignment(arg) === null)];
    return [...set, ...line].join(' ');
  }
  const command = program === 'glob' ? globCommand(args, spot.cwd) : null;
  if (command === null) return null;
  scene.notes.add('The files that `glob` finds for the tests were found without it.');
  return [command.line, ...command.files.map((file) => quoted(file).raw)].join(' ');
}

/** What any other program is. `kept` is the spot its text runs in, `spot` where its arguments point. */
export function otherLeaf({ program, args, raw }: Call, spot: Spot, kept: Spot): Leaf {
  const runner = otherRunner(program, args);
  if (runner !== null) return { kind: 'other-runner', name: runner, raw, cwd: kept.cwd, env: kept.env };
  if (isCheck(program, args, spot.cwd)) return leafAt(kept, raw, 'check');
  if (NOTHING.has(program)) return leafAt(kept, raw, 'nothing');
  return leafAt(kept, raw, mentionsTests(raw) || startsTests(program, args, spot) ? 'observed' : 'command');
}

/** A script file, of any shell, whose text starts node:test. */
function startsTests(program: string, args: readonly string[], spot: Spot): boolean {
  const isShell = /^(?:sh|bash|dash|zsh|source|\.)$/.test(program);
  const file = isShell ? args.find((arg) => !arg.startsWith('-')) : program.includes('/') ? program : undefined;
  return file !== undefined && mentionsTests(readText(join(spot.cwd, file)) ?? '');
}
