import type { Bucket, Cause, CauseKind, Explanation, Place, Wait } from '../../model/explanation.ts';
import { clean, plural, seconds } from '../units.ts';

const BUCKET: Readonly<Record<Bucket, string>> = {
  source: 'running its own source',
  packages: 'running packages',
  node: 'running Node itself',
  gc: 'collecting garbage',
  timers: 'waiting on timers',
  children: 'waiting on child processes',
  network: 'waiting on the network',
  files: 'reading and writing files',
  threads: 'waiting on other threads',
  blocked: 'blocked in a synchronous call',
  loading: 'loading modules',
  hooks: 'in hooks',
  others: 'while other tests of the file ran',
};

/** What a bucket is called: `waiting on timers`. */
export function bucketText(bucket: Bucket): string {
  return BUCKET[bucket];
}

/** `src/sync/retry.ts:52`. */
export function placeText({ file, line }: Place): string {
  return `${clean(file)}:${line}`;
}

/** `setTimeout ×4`. */
export function timesText({ what, count }: Pick<Wait, 'what' | 'count'>): string {
  return count > 1 ? `${clean(what)} ×${count}` : clean(what);
}

/** `waiting on timers 11.9 s  src/sync/retry.ts:52`. */
export function mostlyText({ cause, wallMs }: Explanation): string {
  const { kind, bucket, spentMs, at } = cause;
  if (kind === 'contention' && spentMs > wallMs) return `in the suite: alone it takes ${seconds(wallMs)}`;
  if (kind === 'mixed') return `nothing alone; ${BUCKET[bucket]} ${seconds(spentMs)}`;
  return `${BUCKET[bucket]} ${seconds(spentMs)}${at === null ? '' : `  ${placeText(at.place)}`}`;
}

const CAUSE: Readonly<Record<CauseKind, string>> = {
  timer: 'It waits on a real timer',
  retry: 'It retries, and backs off in real time',
  polling: 'It waits on a timer again and again',
  subprocess: 'It waits for other processes',
  network: 'It waits for the network',
  files: 'It is busy with files',
  threads: 'It waits for other threads',
  sleep: 'It blocks the thread to sleep',
  cpu: 'It computes',
  memory: 'It makes so much garbage that clearing it up takes longest',
  imports: 'It loads modules',
  hooks: 'It is set up, or torn down, for long',
  contention: 'Other work slows it down',
  mixed: 'No single thing takes most of its time',
};

/** One sentence: why a test is slow. */
export function causeText({ cause, wallMs }: Explanation): string {
  const { kind, at, spentMs } = cause;
  if (kind === 'contention' && spentMs > wallMs) return `It is slow only in the suite: ${seconds(spentMs)} less alone.`;
  if (at === null) return `${CAUSE[kind]}.`;
  const times = at.count > 1 ? `${plural(at.count, 'time')}, ` : '';
  const more = cause.moreLines > 0 ? `, and on ${plural(cause.moreLines, 'other line')}` : '';
  return `${CAUSE[kind]}: ${clean(at.what)} at ${placeText(at.place)}, ${times}${seconds(at.durationMs)}${more}.`;
}

/** `src/sync/retry.ts:52 and 2 other lines`. */
function linesText(place: Place, more: number): string {
  return more > 0 ? `${placeText(place)} and ${plural(more, 'other line')}` : placeText(place);
}

/** What to do about it, in at most two steps; empty when nothing stands out. */
export function causeAdvice({ cause }: Explanation): string[] {
  const { savesMs, at, kind } = cause;
  const line = at === null ? null : linesText(at.place, cause.moreLines);
  const removes = `that removes about ${seconds(savesMs)}.`;
  switch (kind) {
    case 'timer':
    case 'retry':
      return [timerAdvice(cause, line)];
    case 'polling':
      return [
        `Wait for the event${line === null ? '' : ` that ${line} asks for`} instead, or pass the interval in and make it shorter; that removes at most ${seconds(savesMs)}.`,
      ];
    case 'sleep':
      return [`Wait without blocking${line === null ? '' : ` at ${line}`}, and pass the delay in; ${removes}`];
    case 'subprocess':
      return [subprocessAdvice(cause, line)];
    case 'network':
      return [`Answer the request${line === null ? '' : ` at ${line}`} from memory, and keep one test that really goes out; ${removes}`];
    case 'files':
      return [`Read and write fewer files${line === null ? '' : ` at ${line}`}, or keep in memory what the test only needs as data.`];
    case 'threads':
      return [`Give the thread${line === null ? '' : ` that ${line} starts`} less to do, or start it once for all tests in before.`];
    case 'cpu':
    case 'memory':
      return [
        `Give ${at === null ? 'it' : `${clean(at.what)} at ${line}`} less to do: smaller inputs show as much; that removes at most ${seconds(savesMs)}.`,
      ];
    case 'imports':
      return [
        `Import what is heavy${line === null ? '' : ` (${line})`} only where it is needed, or once, at the top of the file; ${removes}`,
      ];
    case 'hooks':
      return [hookAdvice(cause, line)];
    case 'contention':
      return ['Look for what it shares with what runs before it and beside it: a port, a lock, the processors. Fewer workers may help.'];
    case 'mixed':
      return [];
    default:
      return kind satisfies never;
  }
}

function timerAdvice({ moreLines, savesMs }: Cause, line: string | null): string {
  const at = line === null ? '' : ` at ${line}`;
  const [delay, parameter] = moreLines > 0 ? ['delays', 'parameters'] : ['delay', 'a parameter'];
  return `Pass the ${delay}${at} in as ${parameter}, or use t.mock.timers; that removes about ${seconds(savesMs)}.`;
}

function subprocessAdvice({ at, savesMs }: Cause, line: string | null): string {
  if (at !== null && at.count > 1)
    return `Start the process of ${line} once instead of ${plural(at.count, 'time')}, or call what it runs directly; that removes about ${seconds(savesMs)}.`;
  return `Call what the process${line === null ? '' : ` of ${line}`} runs directly, and leave the process to one integration test; that removes about ${seconds(savesMs)}.`;
}

function hookAdvice({ at, savesMs }: Cause, line: string | null): string {
  if (at === null) return `Do less in its hooks; that removes about ${seconds(savesMs)}.`;
  if (at.what === 'beforeEach')
    return `Set up once, in before, what beforeEach at ${line} makes for each test; that removes about ${seconds(savesMs)} of each.`;
  return `Do less in ${clean(at.what)} at ${line}, or only for the tests that need it; that removes about ${seconds(savesMs)}.`;
}
