// Tries the law that an incremental run is the full one on many generated projects: `node --import tsx test/bench/law.ts [edits] [seed]`.
import { holdLaw } from '../support/incremental-law.ts';

const EDITS_EACH = 10;

const [edits = '300', from = String(Date.now() % 1_000_000)] = process.argv.slice(2);
let [runs, reused, files] = [0, 0, 0];
for (let seed = Number(from), left = Number(edits); left > 0; seed += 1, left -= EDITS_EACH) {
  // oxlint-disable-next-line no-await-in-loop -- projects one after the other
  const held = await holdLaw(seed, Math.min(EDITS_EACH, left));
  runs += held.runs;
  reused += held.reused;
  files += held.files;
  console.log(`seed ${seed}: equal; ${runs} runs so far, ${reused} of ${files} test files reused`);
}
