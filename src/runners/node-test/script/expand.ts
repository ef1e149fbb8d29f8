import { usageError } from '../../../model/error.ts';
import { scriptPath } from '../../../system/script-path.ts';
import { shellOutput } from '../../../system/shell.ts';
import { asAssignment, quoted } from './shell-words.ts';
import type { SimpleCommand } from './shell.ts';

/** Where a command runs: folder and environment. */
export type Place = { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> };

const LIMIT_MS = 30_000;

/** What a shell starts programs for when it expands a word, `$(…)` and its older form; in quotes as outside. */
const STARTS_PROGRAMS = /\$\(|`/;

/** A command whose words and assignments hold nothing left to expand. Asks `sh`, which also runs what stands in `$(…)`. */
export async function expand(command: SimpleCommand, place: Place): Promise<SimpleCommand> {
  const open = [...command.words, ...command.assignments.map((assignment) => assignment.value)];
  if (open.every((word) => word.text !== null)) return command;
  // Expanded words come first and a lone NUL ends them: no argument can hold one.
  const script = [
    `for __word in ${command.words.map((word) => word.raw).join(' ')}; do printf '=%s\\0' "$__word"; done; printf '\\0'`,
    ...command.assignments.map(({ name, value }) => `${name}=${value.raw}; printf '%s=%s\\0' ${name} "$${name}"`),
  ].join('\n');
  const output = await ask(script, command.raw, place);
  const end = output.startsWith('\0') ? 0 : output.indexOf('\0\0') + 1;
  const words = output.slice(0, end).split('\0').slice(0, -1);
  const assignments = output
    .slice(end + 1)
    .split('\0')
    .slice(0, -1);
  return {
    ...command,
    words: words.map((word) => quoted(word.slice(1))),
    assignments: assignments.flatMap((text) => {
      const equals = text.indexOf('=');
      const assignment = asAssignment(`${text.slice(0, equals)}=`);
      return assignment === null ? [] : [{ name: assignment.name, value: quoted(text.slice(equals + 1)) }];
    }),
  };
}

async function ask(script: string, raw: string, place: Place): Promise<string> {
  const timeoutMs = STARTS_PROGRAMS.test(raw) ? LIMIT_MS : null;
  const { stdout, failure } = await shellOutput(script, {
    cwd: place.cwd,
    env: { ...place.env, PATH: scriptPath(place.cwd, place.env['PATH']) },
    timeoutMs,
  });
  if (failure !== null)
    throw usageError(
      `The shell could not expand \`${raw}\`: ${failure}.`,
      'Correct it in package.json, or set run.command in pushgate.jsonc.',
    );
  return stdout;
}
