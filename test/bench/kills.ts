import { parseArgs } from 'node:util';
import { killWriters } from '../support/kill-writes.ts';
import { killGates, type Place } from '../support/kills.ts';

// Kills the gate and the writers of its state at random moments and counts what that broke. Exit code: 0 nothing, 1 something.
const { values } = parseArgs({
  options: { count: { type: 'string', default: '300' }, writes: { type: 'string', default: '1000' } },
});

const cleanUp: (() => void)[] = [];
// What `after` of a test's context does.
const whenDone = { after: (done?: unknown) => void cleanUp.push(done as () => void) };

function show(text: string): void {
  process.stderr.write(`\r… ${text}   `);
}

const TURNS: readonly Place[] = ['in place', 'in a copy', 'in place', 'in a new copy'];
const places = Array.from({ length: Number(values.count) }, (_, round) => TURNS[round % TURNS.length] ?? 'in place');
const gates = await killGates(whenDone, places, ({ rounds, killed }) => show(`${killed} gates killed in ${rounds} rounds`));
const writes = await killWriters(whenDone, Number(values.writes), ({ kills }) => show(`${kills} writers killed`));
for (const done of cleanUp) done();

const broken = [gates.changed, gates.alive, gates.wrong, gates.left, writes.lost, writes.unreadable, writes.left];
process.stdout.write(
  `\n${[
    `gates: ${gates.rounds} rounds, ${gates.killed} killed while they ran, ${gates.inCopy} of them in a private copy`,
    `  the user's repository changed: ${gates.changed.length}`,
    `  processes alive after 3 s: ${gates.alive.length}; the slowest run was gone after ${Math.round(gates.slowestEndMs)} ms`,
    `  next run not right: ${gates.wrong.length}`,
    `  left in TMPDIR after the next run: ${gates.left.length}`,
    `writers of state: ${writes.kills} killed, ${writes.committed} records announced`,
    `  lost: ${writes.lost.length}; unreadable: ${writes.unreadable.length}; temporary files after the next write: ${writes.left.length}`,
    ...broken.flat().map((each) => `✖ ${each}`),
  ].join('\n')}\n`,
);
process.exitCode = broken.flat().length === 0 ? 0 : 1;
