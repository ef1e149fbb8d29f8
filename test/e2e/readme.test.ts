import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { buildProgram } from '../../src/cli/program.ts';
import { openExample, openUnguarded, prepare, STORY, type, wrongWith } from '../demo/story.ts';
import { findings, unproven } from '../report/samples.ts';
import { runCli } from '../support/cli.ts';
import { PACKAGE } from '../support/package.ts';
import { anIo } from '../support/io.ts';
import { blocksIn, normal, readme, writeBlocks } from '../support/readme.ts';
import { projectFor, type TempRepo } from '../support/repo.ts';

// What the README shows is what the program prints. UPDATE_README=1 writes it anew; read the difference before committing it.

const EXAMPLE = join(PACKAGE, 'test/fixtures/example/project');

/** One command typed in the example; `name` is its block in the README, absent where none is shown. */
type Line = { readonly name?: string; readonly command: string; readonly write?: (repo: TempRepo) => void };

/** From the installed packages to the first pushes. */
const START: readonly Line[] = [
  { name: 'init', command: 'npx pushgate init' },
  { command: 'husky && git add --all && git commit --quiet -m "Judge every push"' },
  { name: 'doctor', command: 'npx pushgate doctor' },
  { name: 'push-first', command: 'git push' },
  { command: 'git commit --quiet --all -m "Note a rule" && npx pushgate check', write: comment('src/taxes.js') },
  { name: 'push-verified', command: 'git push' },
  { command: 'git commit --quiet --all -m "Note another"', write: comment('src/taxes.js') },
  { name: 'push-apart', command: 'git push', write: comment('src/money.js') },
];

/** After the story, on the project as it left it. */
const AFTER: readonly Line[] = [
  { name: 'list', command: 'pushgate allow --list' },
  { name: 'audit', command: 'pushgate audit --top 1' },
  { name: 'budget', command: 'pushgate budget', write: tighten },
];

function comment(path: string): (repo: TempRepo) => void {
  return (repo) => repo.write({ [path]: `${repo.read(path)}// Rounded once, at the end.\n` });
}

/** A budget that the suite misses on any machine, and one worker wherever there are more. */
function tighten(repo: TempRepo): void {
  repo.write({
    'pushgate.jsonc': repo.read('pushgate.jsonc').replace('"30s", "ideal": "20s"', '"1s"'),
    'package.json': repo.read('package.json').replace('node --test', 'node --test --test-concurrency=1'),
  });
}

/** What was typed and printed, by block. */
type Shown = Map<string, string>;

// What npx finds is on the PATH: npm itself takes a second to find it, and may look for a newer npm.
const NPX = 'npx() { "$@"; }; ';

/** Types a command; what it prints is kept under a name. */
async function told(shown: Shown, repo: TempRepo, name: string | undefined, command: string): Promise<Awaited<ReturnType<typeof type>>> {
  const ended = await type(repo, `${NPX}{ ${command}; } 2>&1`);
  if (name !== undefined) shown.set(name, `$ ${command}\n${ended.stdout.replaceAll(dirname(repo.dir), '/srv')}`);
  return ended;
}

async function tell(shown: Shown, repo: TempRepo, lines: readonly Line[]): Promise<void> {
  for (const { name, command, write } of lines) {
    write?.(repo);
    // oxlint-disable-next-line no-await-in-loop -- one thing after the other
    await told(shown, repo, name, command);
  }
}

async function tellStart(shown: Shown): Promise<void> {
  const repo = await openUnguarded();
  try {
    await tell(shown, repo, START);
  } finally {
    repo.remove();
  }
}

async function tellStory(shown: Shown): Promise<void> {
  const repo = await openExample();
  try {
    let output = '';
    for (const step of STORY) {
      // oxlint-disable no-await-in-loop -- one thing after the other
      await prepare(repo, step);
      const ended = await told(shown, repo, step.name === 'allow' ? 'allow' : `push-${step.name}`, step.command(output));
      output = ended.stdout;
      assert.equal(await wrongWith(repo, step, ended, output), null, output);
    }
    shown.set('known-slow', repo.read('known-slow.jsonc'));
    await tell(shown, repo, AFTER);
  } finally {
    repo.remove();
  }
}

describe('the README', () => {
  const shown: Shown = new Map();
  before(async () => {
    await tellStart(shown);
    await tellStory(shown);
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
    const sections = [...readme().matchAll(/^### `([a-z-]+)`$/gm)].map(([, code = '']) => code);
    assert.deepEqual(sections.toSorted(), Object.keys(findings).toSorted());
    const kinds = [...(/### Evidence that is missing\n([^]*?)\n## /.exec(readme())?.[1] ?? '').matchAll(/^\| `([a-z-]+)` \|/gm)];
    assert.deepEqual(kinds.map(([, kind = '']) => kind).toSorted(), Object.keys(unproven).toSorted());
  });

  it('mentions commands and flags that exist', () => {
    const used = new Map<string, Set<string>>();
    for (const [, command = '', rest = ''] of readme().matchAll(
      /pushgate (check|coverage|budget|slow|audit|allow|config|init|doctor|hook)\b([^`\n#→]*)/g,
    )) {
      const flags = used.get(command) ?? new Set<string>();
      used.set(command, flags);
      for (const [flag] of rest.matchAll(/(?<=\s)--[a-z-]+/g)) flags.add(flag);
    }
    assert.ok([...used.keys()].length >= 10);
    const general = /^Flags of every command[^]*?\n\n/m.exec(readme())?.[0] ?? '';
    for (const [flag] of general.matchAll(/--[a-z-]+/g)) for (const command of ['check', 'audit']) used.get(command)?.add(flag);
    const { commands } = buildProgram(anIo(PACKAGE), () => {});
    for (const [command, flags] of used) {
      const help = commands.find((each) => each.name() === command)?.helpInformation() ?? '';
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
  return same
    .replace(/\d+(\.\d+)? %/g, 'SHARE')
    .replace(/\d+ (workers?|processors?)|concurrency=\d+/g, 'CORES')
    .replace(/\d+ (of the slowest tests were|slow test was) looked at/, 'TESTS looked at')
    .replace(/\d+ MB in one process of a test file, \S+/, 'MEMORY')
    .split('\n')
    .filter((line) => !HANGS_ON_SPEED.test(line))
    .join('\n');
}

/** Lines of an audit that come and go with the machine: what goes on, on what the time was spent, what mending saves. */
const HANGS_ON_SPEED = /^Explaining: |^ +TIME +(SHARE|TIME less) |^ +Most of it is not in tests/;
