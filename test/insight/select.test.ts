import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleOf, select } from '../../src/insight/select.ts';
import type { FileRecord, Input } from '../../src/model/inputs.ts';
import { aFileRun } from '../support/builders.ts';

const KEY = new Map([
  ['the Node version', '24.1.0'],
  ['the test command', 'node --test'],
]);
const now = (states: Record<Input, string> = {}) => ({
  files: ['test/a.test.js', 'test/b.test.js'],
  key: KEY,
  stateOf: (input: Input) => states[input] ?? 'same',
  always: () => false,
});

function record(file: string, states: readonly Input[] = [`file ${file}`], untracked: string | null = null): [string, FileRecord] {
  return [file, { run: aFileRun(file), states: new Map(states.map((input) => [input, 'same'])), untracked }];
}

const kept = (...records: [string, FileRecord][]) => ({ key: KEY, records: new Map(records) });

describe('a test file runs again', () => {
  it('not at all while nothing it depends on has changed', () => {
    assert.deepEqual(select(kept(record('test/a.test.js'), record('test/b.test.js')), now()), new Map());
  });

  it('when nothing is kept of it, or of any', () => {
    const reasons = select(kept(record('test/a.test.js')), now());
    assert.deepEqual([...reasons], [['test/b.test.js', { kind: 'new' }]]);
    assert.equal(select(null, now()).size, 2);
  });

  it('when the state of an input is another one, which is named', () => {
    const input: Input = 'names test/fixtures';
    const reasons = select(kept(record('test/a.test.js', ['file src/a.js', input]), record('test/b.test.js')), now({ [input]: 'other' }));
    assert.deepEqual([...reasons], [['test/a.test.js', { kind: 'changed', input }]]);
  });

  it('when it did what no input stands for, and when the configuration says so', () => {
    const all = kept(record('test/a.test.js', [], 'it failed'), record('test/b.test.js'));
    const reasons = select(all, { ...now(), always: (file) => file === 'test/b.test.js' });
    assert.deepEqual([...reasons.values()], [{ kind: 'untracked', why: 'it failed' }, { kind: 'always' }]);
  });

  it('with all others when a part of the key differs, is new, or is gone', () => {
    const all = kept(record('test/a.test.js'), record('test/b.test.js'));
    for (const key of [
      new Map([...KEY, ['the Node version', '26.0.0']]),
      new Map([...KEY, ['a new part', '']]),
      new Map([['the test command', 'node --test']]),
    ]) {
      const reasons = select(all, { ...now(), key });
      assert.deepEqual([...new Set([...reasons.values()].map(({ kind }) => kind))], ['key']);
      assert.equal(reasons.size, 2);
    }
  });

  it('never for a test file that is gone', () => {
    assert.deepEqual(
      select(kept(record('test/gone.test.js', ['file src/x.js'])), { ...now({ 'file src/x.js': 'other' }), files: [] }),
      new Map(),
    );
  });
});

describe('a sample', () => {
  const files = ['a', 'b', 'c', 'd'];
  const chosen = new Map([['b', { kind: 'new' as const }]]);

  it('is taken from the files that need not run, each once', () => {
    assert.deepEqual(sampleOf(files, chosen, [0, 0, 0]), ['a', 'c', 'd']);
    assert.deepEqual(sampleOf(files, chosen, [0.99]), ['d']);
  });

  it('ends where no file is left', () => {
    assert.deepEqual(sampleOf(files, chosen, [0.5, 0.5, 0.5, 0.5, 0.5]).toSorted(), ['a', 'c', 'd']);
    assert.deepEqual(sampleOf([], new Map(), [0]), []);
  });
});
