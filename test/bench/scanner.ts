import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from 'tinybench';
import type { RawSlice } from '../../src/model/test-run.ts';

const V8 = '../../dist/src/runners/node-test/v8';

export type Speeds = { readonly scanMbPerS: number; readonly mergeMsPer1000: number };

/** Speed of the scanner on recorded files in memory, and of the merge on their slices. In the Node that runs the benchmark. */
export async function measureScanner(root: string, raw: string): Promise<Speeds> {
  const { openScanner } = (await import(`${V8}/scan.js`)) as typeof import('../../src/runners/node-test/v8/scan.ts');
  const { openSources } = (await import(`${V8}/c8.js`)) as typeof import('../../src/runners/node-test/v8/c8.ts');
  const { wantedBy } = (await import(`${V8}/wanted.js`)) as typeof import('../../src/runners/node-test/v8/wanted.ts');
  const { fewestScripts } = (await import(`${V8}/merge.js`)) as typeof import('../../src/runners/node-test/v8/merge.ts');
  const wanted = wantedBy(await openSources({ root, include: ['src/**'], exclude: [], testFiles: [] }));
  const buffers = readdirSync(raw)
    .slice(0, 100)
    .map((name) => readFileSync(join(raw, name)));
  const slices: RawSlice[] = buffers.flatMap((buffer) => {
    const found = openScanner(wanted).scan(buffer);
    return 'reason' in found ? [] : found.slices.map((slice) => ({ ...slice, count: 1 }));
  });

  const bench = new Bench({ time: 2000 });
  bench.add('scan', () => {
    const { scan } = openScanner(wanted);
    for (const buffer of buffers) scan(buffer);
  });
  bench.add('merge', () => void fewestScripts(slices));
  await bench.run();
  const mb = buffers.reduce((sum, buffer) => sum + buffer.length, 0) / 1e6;
  return { scanMbPerS: (mb / msOf(bench, 'scan')) * 1000, mergeMsPer1000: (msOf(bench, 'merge') / slices.length) * 1000 };
}

function msOf(bench: Bench, name: string): number {
  const result = bench.getTask(name)?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`${name} was not measured.`);
  return result.latency.p50;
}
