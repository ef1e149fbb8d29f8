import { dirname, resolve } from 'node:path';
import { usageError } from '../../../model/error.ts';
import { expand } from './expand.ts';
import { mentionsTests } from './imports.ts';
import { kindByName } from './known-tools.ts';
import { linkOf, linkTo, missingScript, type Link, type Target } from './links.ts';
import { readNodeArgs } from './node-args.ts';
import { readPackage, type Package } from './packages.ts';
import { innerLine, otherLeaf, testLeaves } from './programs.ts';
import { leafAt, runsTests, type Bare, type Leaf, type Scene, type Spot } from './scene.ts';
import { asAssignment, quoted, type Word } from './shell-words.ts';
import { parseShell, type Group, type SimpleCommand, type Unit } from './shell.ts';
import { isCoverageReport, programOf, READS_ARGUMENTS, textsOf, unwrap } from './wrappers.ts';
import { workspaceDirs } from './workspaces.ts';

type Walked = { readonly leaves: readonly Leaf[]; readonly spot: Spot };

/** The leaves of a command line, in order. */
export async function walkLine(line: string, spot: Spot, scene: Scene): Promise<Leaf[]> {
  const units = parseShell(line);
  if (units === null) return [leafAt(spot, line, mentionsTests(line) ? 'observed' : 'command')];
  return walkUnits(units, line, spot, scene);
}

async function walkUnits(units: readonly Unit[], line: string, start: Spot, scene: Scene): Promise<Leaf[]> {
  const leaves: Leaf[] = [];
  let spot = start;
  for (const unit of units) {
    // oxlint-disable-next-line no-await-in-loop -- a `cd` or `export` holds for what follows it
    const walked = await walkUnit(unit, spot, scene);
    leaves.push(...walked.leaves);
    spot = walked.spot;
  }
  // Which tests run depends on other commands, or on processes beside them: only a shell can do that as it is written.
  const needsShell = leaves.some((leaf) => leaf.kind === 'background' || leaf.kind === 'either');
  return needsShell && leaves.some((leaf) => runsTests(leaf) || leaf.kind === 'either') ? [leafAt(start, line, 'observed')] : leaves;
}

async function walkUnit(unit: Unit, spot: Spot, scene: Scene): Promise<Walked> {
  const walked: Walked[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other keeps the notes in order
  for (const { part } of unit.parts) walked.push(await walkPart(part, spot, scene));
  const leaves = walked.flatMap((part) => part.leaves);
  const first = walked[0] ?? { leaves: [], spot };
  if (unit.background && !leaves.some(runsTests)) return { leaves: [leafAt(spot, unit.raw, 'background')], spot };
  if (unit.parts.length === 1 || first.spot !== spot) return first;
  if (leaves.some(runsTests)) return { leaves: joinedTests(unit, walked, spot, scene), spot };
  const runner = leaves.find((leaf) => leaf.kind === 'other-runner');
  const kind = first.leaves.every((leaf) => leaf.kind === 'check') ? 'check' : 'command';
  return { leaves: [runner ?? leafAt(spot, unit.raw, kind)], spot };
}

/** Tests joined to other commands: what feeds them or decides whether they run is for a shell, what reads their output is left out. */
function joinedTests(unit: Unit, walked: readonly Walked[], spot: Spot, scene: Scene): Leaf[] {
  const later = unit.parts.find((_, at) => at > 0 && walked[at]?.leaves.some(runsTests) === true);
  if (later !== undefined) return [leafAt(spot, unit.raw, later.joined === '||' ? 'either' : 'observed')];
  scene.notes.add(`Only the tests of \`${unit.raw}\` run, nothing that is joined to them by \`|\` or \`||\`.`);
  return walked.flatMap((part) => part.leaves.filter(runsTests));
}

async function walkPart(part: SimpleCommand | Group, spot: Spot, scene: Scene): Promise<Walked> {
  if (part.kind === 'group') return { leaves: await walkUnits(part.units, part.raw, spot, scene), spot };
  const assigned = await expand({ ...part, words: [] }, placeOf(spot, scene));
  const env = Object.fromEntries(assigned.assignments.map(({ name, value }) => [name, value.text ?? '']));
  if (part.words.length === 0) return { leaves: [], spot };
  return walkCommand({ words: part.words, env, raw: part.raw, changed: false }, spot, scene);
}

const placeOf = (spot: Spot, scene: Scene) => ({ cwd: spot.cwd, env: { ...scene.env, ...spot.env } });

/** Takes wrappers off until what is left is known, or known to be unknown. */
async function walkCommand(command: Bare, spot: Spot, scene: Scene): Promise<Walked> {
  let bare = command;
  for (;;) {
    const inner: Spot = { ...spot, env: { ...spot.env, ...bare.env } };
    // oxlint-disable-next-line no-await-in-loop -- each wrapper hides the next
    if (READS_ARGUMENTS.has(programOf(bare.words[0])) || bare.words[0]?.text === null) bare = await expandBare(bare, inner, scene);
    const program = programOf(bare.words[0]);
    if (program === 'cd' || program === 'pushd')
      return { leaves: [], spot: { ...spot, cwd: resolve(spot.cwd, bare.words[1]?.text ?? '.') } };
    if (program === 'export') return { leaves: [], spot: exported(bare.words.slice(1), spot) };
    const pack = packageAbove(inner.cwd, scene.root);
    const link = nodeRunLink(bare.words) ?? linkOf(bare.words, pack);
    // oxlint-disable-next-line no-await-in-loop -- returns
    if (link !== null && pack !== null) return { leaves: await walkLink(link, pack, bare, spot, inner, scene), spot };
    const missing = pack === null ? null : missingScript(bare.words, pack);
    if (missing !== null)
      throw usageError(
        `\`${bare.raw}\`: package.json has no script ${missing}.`,
        'Correct the name, or set run.command in pushgate.jsonc.',
      );
    if (isCoverageReport(bare.words, scene)) return { leaves: [leafAt(spot, bare.raw, 'check')], spot };
    const next = unwrap(bare, scene);
    // oxlint-disable-next-line no-await-in-loop -- returns
    if (next === null || next.words.length === 0) return { leaves: await programLeaves(bare, inner, spot, scene), spot };
    bare = next;
  }
}

async function expandBare(bare: Bare, spot: Spot, scene: Scene): Promise<Bare> {
  const command: SimpleCommand = { kind: 'command', raw: bare.raw, assignments: [], words: bare.words };
  return { ...bare, words: (await expand(command, placeOf(spot, scene))).words };
}

function exported(words: readonly Word[], spot: Spot): Spot {
  const pairs = words.flatMap(({ text }): [string, string][] => {
    const name = asAssignment(text ?? '')?.name;
    return name === undefined ? [] : [[name, (text ?? '').slice(name.length + 1)]];
  });
  return { ...spot, env: { ...spot.env, ...Object.fromEntries(pairs) } };
}

/** `node --run x` runs a script without its pre and post scripts. */
function nodeRunLink(words: readonly Word[]): Link | null {
  if (programOf(words[0]) !== 'node') return null;
  const { run, positionals } = readNodeArgs(textsOf(words.slice(1)));
  return run === null ? null : linkTo(run, positionals.map(quoted), false);
}

/** What a program without wrappers is. `inner` is where it runs, with the variables in front of it. */
async function programLeaves(bare: Bare, inner: Spot, spot: Spot, scene: Scene): Promise<Leaf[]> {
  const call = { program: programOf(bare.words[0]), args: textsOf(bare.words.slice(1)), raw: bare.raw };
  // What is kept as written still has its variables in front, unless a wrapper was cut away.
  const kept = bare.changed ? inner : spot;
  const script = call.program === 'node' ? readNodeArgs(call.args) : null;
  if (script !== null && !script.test && /(?:^|\/)node_modules\//.test(script.positionals[0] ?? '')) {
    const walked = await walkCommand({ ...bare, env: {}, words: script.positionals.map(quoted) }, inner, scene);
    return [...walked.leaves];
  }
  const tests = testLeaves(call, inner, scene);
  if (tests !== null) return tests;
  const line = innerLine(call, inner, scene);
  return line === null ? [otherLeaf(call, inner, kept)] : asOne(await walkLine(line, inner, scene), bare.raw, kept);
}

async function walkLink(link: Link, pack: Package, bare: Bare, spot: Spot, inner: Spot, scene: Scene): Promise<Leaf[]> {
  const leaves: Leaf[] = [];
  for (const dir of targetDirs(link, pack, inner)) {
    for (const target of link.targets) {
      // oxlint-disable-next-line no-await-in-loop -- in the order of the script
      leaves.push(...(await walkTarget(target, dir, inner, scene)));
    }
  }
  const kinds = new Set(link.targets.map((target) => ('script' in target ? kindByName(target.script) : 'command')));
  const [kind = 'command'] = kinds;
  return asOne(leaves, bare.raw, bare.changed ? inner : spot, kinds.size === 1 ? kind : 'command');
}

function targetDirs(link: Link, pack: Package, spot: Spot): readonly string[] {
  const dir = link.dir === null ? pack.dir : resolve(spot.cwd, link.dir);
  return link.workspaces === null ? [dir] : workspaceDirs(dir, link.workspaces);
}

/** Leaves of something nested: with tests in it each counts, without it stays one command. */
function asOne(leaves: readonly Leaf[], raw: string, spot: Spot, unknown: 'command' | 'unknown-tests' | 'check' = 'command'): Leaf[] {
  if (leaves.some((leaf) => runsTests(leaf) || ['other-runner', 'background', 'unknown-tests'].includes(leaf.kind))) return [...leaves];
  const idle = leaves.every((leaf) => leaf.kind === 'check' || leaf.kind === 'nothing');
  return [leafAt(spot, raw, idle && leaves.length > 0 ? 'check' : unknown)];
}

/** The leaves of one script of a package with its pre and post scripts, or of a command line. */
export async function walkTarget(target: Target, dir: string, spot: Spot, scene: Scene): Promise<Leaf[]> {
  if ('line' in target) return walkLine(target.line, spot, scene);
  const scripts = readPackage(dir)?.scripts ?? new Map<string, string>();
  const step = `${dir}\0${target.script}`;
  if (spot.trail.includes(step)) {
    throw usageError(`The script ${target.script} runs itself.`, 'Change it in package.json, or set run.command in pushgate.jsonc.');
  }
  const here: Spot = { ...spot, cwd: dir, trail: [...spot.trail, step] };
  const names = target.hooks ? [`pre${target.script}`, target.script, `post${target.script}`] : [target.script];
  const leaves: Leaf[] = [];
  for (const name of names) {
    const script = scripts.get(name);
    const line = name === target.script && target.args !== '' ? `${script} ${target.args}` : script;
    // oxlint-disable-next-line no-await-in-loop -- in the order they run
    if (script !== undefined && line !== undefined) leaves.push(...(await walkHook(name, line, name === target.script, here, scene)));
  }
  return leaves;
}

async function walkHook(name: string, line: string, isMain: boolean, here: Spot, scene: Scene): Promise<Leaf[]> {
  const leaves = await walkLine(line, here, scene);
  return isMain ? leaves : asOne(leaves, `npm run ${name}`, here);
}

/** The package.json that holds in a folder, searched upwards to the root. */
function packageAbove(cwd: string, root: string): Package | null {
  for (let dir = cwd; dir.startsWith(root); dir = dirname(dir)) {
    const pack = readPackage(dir);
    if (pack !== null) return pack;
    if (dir === dirname(dir)) break;
  }
  return null;
}
