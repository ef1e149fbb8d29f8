import { performance } from 'node:perf_hooks';
import type { Output } from './io.ts';

/** The line that shows a running suite; `live` is for a terminal, `heartbeat` for a log. */
export type LiveLine = {
  readonly update: (live: string, heartbeat: string) => void;
  /** Takes the line off the screen, so that other lines can be written; the next update draws it again. */
  readonly clear: () => void;
  /** Takes the line off the screen for good. */
  readonly done: () => void;
};

export type LiveLineOptions = {
  /** Redraw one line in place; otherwise write a line every `heartbeatMs`. */
  readonly animate: boolean;
  readonly heartbeatMs: number;
  /** The clock, in ms. */
  readonly nowMs?: () => number;
};

type Env = Readonly<Record<string, string | undefined>>;

// More often than this nobody can read, and drawing costs the suite time.
const REDRAW_MS = 80;

/**
 * Whether a line may be redrawn in place: on a terminal that has a width (the pseudo-terminal of a hook often has none, and some redraw
 * for ever there), that is not dumb, and not in CI.
 */
export function canAnimate(output: Pick<Output, 'isTTY' | 'columns'>, env: Env): boolean {
  return output.isTTY && output.columns > 0 && env['TERM'] !== 'dumb' && !isSet(env['CI']);
}

/** Opens the line. What draws it is loaded only when it is drawn. */
export async function openLiveLine(output: Output, options: LiveLineOptions): Promise<LiveLine> {
  const nowMs = options.nowMs ?? (() => performance.now());
  return options.animate ? animated(output, nowMs) : heartbeats(output, options.heartbeatMs, nowMs);
}

async function animated(output: Output, nowMs: () => number): Promise<LiveLine> {
  const { createLogUpdate } = await import('log-update');
  // The cursor stays visible: whatever ends this process, there is nothing to restore.
  const draw = createLogUpdate(streamOf(output), { showCursor: true });
  let drawnMs = Number.NEGATIVE_INFINITY;
  let open = true;
  return {
    update: (live) => {
      if (!open || nowMs() - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs();
      draw(live);
    },
    clear: () => {
      draw.clear();
      drawnMs = Number.NEGATIVE_INFINITY;
    },
    done: () => {
      if (open) draw.clear();
      open = false;
    },
  };
}

function heartbeats(output: Output, everyMs: number, nowMs: () => number): LiveLine {
  let saidMs = nowMs();
  let open = true;
  return {
    update: (_live, heartbeat) => {
      if (!open || nowMs() - saidMs < everyMs) return;
      saidMs = nowMs();
      output.write(`${heartbeat}\n`);
    },
    clear: () => {},
    done: () => {
      open = false;
    },
  };
}

/** What log-update uses of a stream. */
function streamOf(output: Output): NodeJS.WritableStream {
  const stream = {
    write: (text: string) => output.write(text),
    isTTY: output.isTTY,
    get columns() {
      return output.columns;
    },
  };
  return stream as unknown as NodeJS.WritableStream;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
