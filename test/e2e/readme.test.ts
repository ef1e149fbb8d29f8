import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openExample, prepare, STORY, type, wrongWith } from '../demo/story.ts';
import { findings, unproven } from '../report/samples.ts';
import { PACKAGE, runCli } from '../support/cli.ts';
import { blocksIn, normal, readme, writeBlocks } from '../support/readme.ts';
import { projectFor, type TempRepo } from '../support/repo.ts';

// What the README shows is what the program prints. UPDATE_README=1 writes it anew; read the difference before committing it.

const EXAMPLE = join(PACKAGE, 'test/fixtures/example/project');

/** Blocks after the story, on the project as it left it: name, command, and what is written before. */
const AFTER: readonly { name: string; command: string; write?: (repo: TempRepo) => void }[] = [
  { name: 'list', command: 'pushgate allow --list' },
  { name: 'audit', command: 'pushgate audit --top 1' },
  { name: 'budget', command: 'pushgate budget', write: tighten },
];

/** A budget that the suite misses on any machine, and one worker wherever there are more. */
function tighten(repo: TempRepo): void {
  repo.write({
    'pushgate.jsonc': repo.read('pushgate.jsonc').replace('"30s", "ideal": "20s"', '"1s"'),
    'package.json': repo.read('package.json').replace('node --test', 'node --test --test-concurrency=1'),
  });
}

/** Plays the story and what follows it; what was typed and printed, by block. */
async function play(): Promise<Map<string, string>> {
  const shown = new Map<string, string>();
  const repo = await openExample();
  const told = async (command: string): Promise<{ output: string; ended: Awaited<ReturnType<typeof type>> }> => {
    const ended = await type(repo, `{ ${command}; } 2>&1`);
    return { ended, output: ended.stdout };
  };
  const keep = (name: string, command: string, output: string): void => {
    shown.set(name, `$ ${command}\n${output.replaceAll(dirname(repo.dir), '/srv')}`);
  };
  try {
    let output = '';
    for (const step of STORY) {
      // oxlint-disable no-await-in-loop -- one thing after the other
      await prepare(repo, step);
      const command = step.command(output);
      const told_ = await told(command);
      output = told_.output;
      assert.equal(await wrongWith(repo, step, told_.ended, output), null, output);
      keep(step.name === 'allow' ? 'allow' : `push-${step.name}`, command, output);
    }
    shown.set('known-slow', repo.read('known-slow.jsonc'));
    for (const { name, command, write } of AFTER) {
      write?.(repo);
      keep(name, command, (await told(command)).output);
    }
    return shown;
  } finally {
    repo.remove();
  }
}

describe('the README', () => {
  let shown: Map<string, string>;
  before(async () => {
    shown = await play();
    if (process.env['UPDATE_README'] === '1') writeBlocks(shown);
  });

  for (const { kind, name, text } of blocksIn(readme())) {
    if (kind === 'shows') {
      it(`shows what the program prints: ${name}`, () => {
        const now = blocksIn(readme()).find((block) => block.kind === 'shows' && block.name === name)?.text ?? text;
        assert.ok(shown.has(name), `nothing produces the block ${name}`);
        assert.equal(forBlock(name, now), forBlock(name, shown.get(name) ?? ''));
      });
    }
    if (kind === 'file') {
      it(`gives ${name} as the example has it`, () => {
        assert.ok(readFileSync(join(EXAMPLE, name), 'utf8').includes(text.trimEnd()));
      });
    }
  }

  it('has every default right', async (t) => {
    const project = projectFor(t, { 'package.json': { scripts: { test: 'node --test' } }, 'test/a.test.js': '' });
    const { stdout } = await runCli(['config', '--json'], { cwd: project.dir, env: project.env });
    const { settings } = JSON.parse(stdout) as { settings: Record<string, { value: unknown }> };
    const rows = [...readme().matchAll(/^\| `([a-z]+\.\w+)` \| (?:`([^`]*)`|see below) \|/gm)];
    assert.deepEqual(
      rows.map(([, key]) => key),
      Object.keys(settings),
    );
    for (const [, key = '', written] of rows) {
      const value = settings[key]?.value;
      if (written === undefined) {
        assert.deepEqual(
          blocksIn(readme())
            .find((block) => block.kind === 'exclude')
            ?.text.trimEnd()
            .split('\n'),
          value,
        );
      } else assert.equal(written, JSON.stringify(linesAlone(value)), key);
    }
  });

  it('names the defaults in the table of what is checked', () => {
    const table = /## What it checks\n([^]*?)\n## /.exec(readme())?.[1] ?? '';
    for (const limit of ['64 % of lines', '65 %', '80 %', '120 s', '60 s', '10 s', '5 s', '14 days'])
      assert.ok(table.includes(limit), limit);
  });

  it('has a section for every finding and every kind of missing evidence', () => {
    const sections = [...readme().matchAll(/^### `([a-z-]+)`$/gm)].map(([, code]) => code);
    assert.deepEqual(sections.toSorted(), Object.keys(findings).toSorted());
    const kinds = [...(/### Evidence that is missing\n([^]*?)\n## /.exec(readme())?.[1] ?? '').matchAll(/^\| `([a-z-]+)` \|/gm)];
    assert.deepEqual(kinds.map(([, kind]) => kind).toSorted(), Object.keys(unproven).toSorted());
  });

  it('mentions commands and flags that exist', async (t) => {
    const { dir, env } = projectFor(t);
    const used = new Map<string, Set<string>>();
    for (const [, command = '', rest = ''] of readme().matchAll(
      /pushgate (check|coverage|budget|slow|audit|allow|config|hook)\b([^`\n#→]*)/g,
    )) {
      const flags = used.get(command) ?? new Set<string>();
      used.set(command, flags);
      for (const [flag] of rest.matchAll(/(?<=\s)--[a-z-]+/g)) flags.add(flag);
    }
    assert.ok([...used.keys()].length >= 7);
    const general = /^Flags of every command[^]*?\n\n/m.exec(readme())?.[0] ?? '';
    for (const [flag] of general.matchAll(/--[a-z-]+/g)) for (const command of ['check', 'audit']) used.get(command)?.add(flag);
    for (const [command, flags] of used) {
      // oxlint-disable-next-line no-await-in-loop -- two processors
      const help = (await runCli([command, '--help'], { cwd: dir, env })).stdout;
      for (const flag of flags) assert.match(help, new RegExp(`${flag}\\b`), `pushgate ${command} ${flag}`);
    }
  });
});

/** A value as the README writes it: limits of lines alone are a number. */
function linesAlone(value: unknown): unknown {
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  return keys.length === 1 && keys[0] === 'lines' ? (value as { lines: number }).lines : value;
}

/** Figures that hang on the machine's speed and processors, in the blocks that are about them. */
function forBlock(name: string, text: string): string {
  const same = normal(text);
  if (name !== 'audit' && name !== 'budget') return same;
  return same.replace(/\d+(\.\d+)? %/g, 'SHARE').replace(/\d+ (workers?|processors?)|concurrency=\d+/g, 'CORES');
}
