import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTrace, Trace } from '../../../model/explanation.ts';
import { relativeTo } from '../assemble.ts';
import { placesIn, type Places } from './places.ts';
import type { TracedTest, TraceRecord } from './record.ts';
import { samplesOf, type Sample } from './samples.ts';
import { split } from './split.ts';

/** Reads what the tracing preload left in a run's folder. A process that was killed left nothing. */
export function readTraces(dir: string): FileTrace[] {
  return readdirSync(dir)
    .filter((name) => /^trace-\d+\.json$/.test(name))
    .flatMap((name) => traceIn(join(dir, name)));
}

function traceIn(path: string): FileTrace[] {
  try {
    return [traceOf(JSON.parse(readFileSync(path, 'utf8')) as TraceRecord)];
  } catch {
    // Cut off: the process was killed while it wrote.
    return [];
  }
}

/** The traces of one process. */
export function traceOf(record: TraceRecord): FileTrace {
  const places = placesIn(record.root);
  const samples = samplesOf(record, places);
  const first = Math.min(record.ended, ...record.tests.map((test) => test.start));
  const last = Math.max(first, ...record.tests.map((test) => test.end));
  return {
    file: relativeTo(record.root, record.script),
    tests: record.tests.map((test) => ({
      name: test.path.join(' > '),
      line: test.line,
      trace: split({ ...test, isForeign: foreignTo(test, record.turns) }, record, samples, places),
    })),
    load: outside(record, 0, first, samples, places),
    after: outside(record, last, record.ended, samples, places),
  };
}

function outside(record: TraceRecord, start: number, end: number, samples: readonly Sample[], places: Places): Trace {
  const gaps = record.outside.gaps.filter(([from, to]) => to > start && from < end);
  // Short waits have no times; they are told where most of the time is, before the tests.
  const waits = record.outside.waits.map((wait) => (start === 0 ? wait : { ...wait, ms: 0 }));
  return split({ start, end, inner: [], hooks: [], waits, gaps, isForeign: () => false }, record, samples, places);
}

/** Whose code ran at a time is in the turns; that of no test, and of the tests around one, is not foreign to it. */
function foreignTo(test: TracedTest, turns: readonly number[]): (at: number) => boolean {
  const known = new Set([0, test.index, ...test.around]);
  return (at) => {
    let low = 0;
    let high = turns.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((turns[middle * 2] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low > 0 && !known.has(turns[low * 2 - 1] ?? 0);
  };
}
