import { createInterface } from 'node:readline/promises';

/**
 * Asks on the terminal and returns the answer as typed; null when the input ends or `signal` is aborted instead. The line is edited by the
 * terminal, so Ctrl-C stays a signal to the process.
 */
export async function askOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  question: string,
  signal: AbortSignal,
): Promise<string | null> {
  const lines = createInterface({ input, output, terminal: false });
  const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  try {
    return await Promise.race([lines.question(question, { signal }), closed]);
  } catch {
    return null;
  } finally {
    lines.close();
  }
}
