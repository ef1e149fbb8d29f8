import { availableParallelism } from 'node:os';
import { whenGitIsGone } from './ancestors.ts';
import { askOn } from './ask.ts';

/** The process as commands see it: they never touch `process` or `console` themselves. */
export type Io = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `20.19.0` */
  readonly nodeVersion: string;
  /** Processors this process may use. */
  readonly cores: number;
  readonly stdout: Output;
  readonly stderr: Output;
  /** All of standard input; empty when it is a terminal. */
  readonly readStdin: () => Promise<string>;
  /** Asks the person at the terminal; null when there is no answer. Absent where nobody can answer. */
  readonly ask?: (question: string) => Promise<string | null>;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; the reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Ends a hook with the git that called it, as a hangup would. */
  readonly watchGit?: () => void;
};

export type Output = {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  /** 0 on a pseudo-terminal without a size, as hooks often have. */
  readonly columns: number;
};

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- undefined for what is no terminal, whatever the type says
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 0;
    },
  };
}

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return '';
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  return text;
}

/** The real process. Listens for the signals that end a run from now on. */
export function processIo(): Io {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort(name));
  // A closed pipe (`pushgate | head -1`) must not change the verdict.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return {
    cwd: process.cwd(),
    env: process.env,
    nodeVersion: process.versions.node,
    cores: availableParallelism(),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    readStdin,
    ...(process.stdin.isTTY && process.stderr.isTTY
      ? { ask: (question: string) => askOn(process.stdin, process.stderr, question, controller.signal) }
      : {}),
    signal: controller.signal,
    watchGit: () => whenGitIsGone(() => controller.abort('SIGHUP')),
  };
}
