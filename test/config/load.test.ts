import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { DEFAULT_EXCLUDE } from '../../src/config/defaults.ts';
import { CONFIG_KEYS, loadConfig } from '../../src/config/load.ts';
import { policyOf } from '../../src/config/policy.ts';
import type { LoadedConfig } from '../../src/model/config.ts';
import { PushgateError } from '../../src/model/error.ts';

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function aProject(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'pushgate-config-'));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

function loaded(text: string): LoadedConfig {
  return loadConfig(aProject({ 'pushgate.jsonc': text }));
}

function refused(files: Record<string, string>, path?: string): PushgateError {
  try {
    loadConfig(aProject(files), path);
  } catch (error) {
    assert.ok(error instanceof PushgateError, String((error as Error).stack));
    assert.equal(error.exitCode, 2);
    assert.ok(error.advice.length > 0, 'an error names the next step');
    return error;
  }
  return assert.fail('the configuration was accepted');
}

test('without a file every value is a default', () => {
  const { config, file, origins } = loadConfig(aProject({}));
  assert.equal(file, null);
  assert.deepEqual([...origins.keys()], CONFIG_KEYS);
  assert.ok([...origins.values()].every((origin) => origin.kind === 'default'));
  assert.deepEqual(config.coverage.include, ['**']);
  assert.deepEqual(
    [config.coverage.floor, config.coverage.baseline, config.coverage.target],
    [{ lines: 64 }, { lines: 65 }, { lines: 80 }],
  );
  assert.deepEqual(config.suite, { budgetMs: 120_000, idealMs: 60_000 });
  assert.deepEqual(config.slow, { limitMs: 10_000, targetMs: 5_000, allowlist: 'known-slow.jsonc' });
  assert.deepEqual(config.limits, { clock: 'wall' });
  assert.deepEqual(config.tests, { skipNeedsReason: true, flaky: 'fail' });
  assert.equal(config.run.timeoutMs, 600_000);
});

test('a src folder is what is measured by default', () => {
  const root = aProject({});
  mkdirSync(join(root, 'src'));
  assert.deepEqual(loadConfig(root).config.coverage.include, ['src/**']);
});

test("the default exclude is c8's own list", () => {
  const require = createRequire(createRequire(import.meta.url).resolve('c8'));
  assert.deepEqual(DEFAULT_EXCLUDE, require('@istanbuljs/schema/default-exclude'));
});

test('every value of the file is taken, with the place it stands at', () => {
  const { config, file, origins } = loaded(`\uFEFF{
  // the team's lines
  "$schema": "./node_modules/pushgate/dist/schema/config.json",
  "run": { "command": "node --test", "files": ["test/*.ts"], "timeout": "1.5m", "inputs": ["db/*.sql"], "always": ["test/live.ts"], "env": ["STAGE"], "trustSubprocess": ["git"], "turbo": false },
  "coverage": { "include": ["lib/**"], "exclude": [], "floor": 64.25, "baseline": { "lines": 70, "branches": 50 }, "target": 80,
    "perFile": 50, "overrides": { "lib/gen/**": null, "lib/core/*.ts": { "functions": 90 } }, "maxDrop": 0.5, "changed": 80 },
  "suite": { "budget": "30s", "ideal": "20s" },
  "slow": { "limit": "2s", "target": "500ms", "allowlist": "test/slow.jsonc" }, "limits": { "clock": "calibrated" },
  "tests": { "skipNeedsReason": false, "flaky": "warn" },
  "push": { "triggers": ["lib/**"], "isolate": "always", "prepare": "npm ci", "sshIdle": "90s", "loosening": "fail", },
}`);
  assert.equal(file, 'pushgate.jsonc');
  assert.deepEqual(config.run, {
    command: 'node --test',
    files: ['test/*.ts'],
    timeoutMs: 90_000,
    inputs: ['db/*.sql'],
    always: ['test/live.ts'],
    env: ['STAGE'],
    trustSubprocess: ['git'],
    turbo: false,
  });
  const { overrides, ...coverage } = config.coverage;
  assert.deepEqual(coverage, {
    include: ['lib/**'],
    exclude: [],
    floor: { lines: 64.25 },
    baseline: { lines: 70, branches: 50 },
    target: { lines: 80 },
    perFile: { lines: 50 },
    maxDrop: 0.5,
    changed: { lines: 80 },
  });
  assert.deepEqual(
    overrides.map(({ glob, limits }) => [glob, limits]),
    [
      ['lib/gen/**', {}],
      ['lib/core/*.ts', { functions: 90 }],
    ],
  );
  assert.match('lib/core/a.ts', new RegExp(overrides[1]?.regex ?? '^$'));
  assert.deepEqual(config.suite, { budgetMs: 30_000, idealMs: 20_000 });
  assert.deepEqual(config.slow, { limitMs: 2_000, targetMs: 500, allowlist: 'test/slow.jsonc' });
  assert.deepEqual(config.limits, { clock: 'calibrated' });
  assert.deepEqual(config.tests, { skipNeedsReason: false, flaky: 'warn' });
  assert.deepEqual(config.push, { triggers: ['lib/**'], isolate: 'always', prepare: 'npm ci', sshIdleMs: 90_000, loosening: 'fail' });
  assert.deepEqual(origins.get('suite.ideal'), { kind: 'file', file: 'pushgate.jsonc', line: 7, column: 31 });
  assert.ok([...origins.values()].every((origin) => origin.kind === 'file'));
});

test('turbo is on unless it is switched off, and nothing else', () => {
  assert.equal(loaded('{}').config.run.turbo, 'auto');
  assert.equal(loaded('{"run":{"turbo":"auto"}}').config.run.turbo, 'auto');
  assert.match(refused({ 'pushgate.jsonc': '{"run":{"turbo":true}}' }).message, /run\.turbo.*"auto" or false/s);
});

test("a floor of one's own brings neither baseline nor target", () => {
  const { coverage } = loaded('{"coverage":{"floor":90}}').config;
  assert.deepEqual([coverage.floor, coverage.baseline, coverage.target], [{ lines: 90 }, {}, {}]);
});

test('null switches a limit off', () => {
  const { config } = loaded(
    '{"coverage":{"floor":null,"target":null,"changed":null},"suite":{"budget":"50s","ideal":null},"slow":{"target":null}}',
  );
  assert.deepEqual([config.coverage.floor, config.coverage.target, config.coverage.changed], [{}, {}, null]);
  assert.equal(config.suite.idealMs, 50_000);
  assert.equal(config.slow.targetMs, 10_000);
});

test('default goals never exceed a smaller limit', () => {
  const { config } = loaded('{"suite":{"budget":"10s"},"slow":{"limit":"1s"}}');
  assert.deepEqual([config.suite.idealMs, config.slow.targetMs], [10_000, 1_000]);
});

test('the pushgate key of package.json counts, with its place', () => {
  const { config, file, origins } = loadConfig(
    aProject({ 'package.json': '{\n  "name": "x",\n  "pushgate": { "suite": { "budget": "5s" } }\n}' }),
  );
  assert.equal(file, 'package.json');
  assert.equal(config.suite.budgetMs, 5_000);
  assert.deepEqual(origins.get('suite.budget'), { kind: 'file', file: 'package.json', line: 3, column: 28 });
});

test('a package.json without the key is no configuration, whatever else is in it', () => {
  const { file } = loadConfig(aProject({ 'package.json': '{ "a": 1, "a": 2, "unknown": [] }' }));
  assert.equal(file, null);
});

test('two configurations are refused, both named', () => {
  const error = refused({ 'pushgate.jsonc': '{}', 'package.json': '{\n"pushgate": {} }' });
  assert.match(error.message, /pushgate\.jsonc/);
  assert.match(error.message, /package\.json:2:13/);
});

test('an explicit path wins over what would be found, and has to exist', () => {
  const root = aProject({ 'pushgate.jsonc': '{ nonsense', 'strict.jsonc': '{"coverage":{"floor":99}}' });
  assert.deepEqual(loadConfig(root, 'strict.jsonc').config.coverage.floor, { lines: 99 });
  assert.match(refused({}, 'missing.jsonc').message, /missing\.jsonc/);
});

const REFUSED: readonly (readonly [why: string, text: string, message: RegExp])[] = [
  ['unknown key', '{\n "coverage": { "flor": 64 } }', /^pushgate\.jsonc:2:16: coverage has no key "flor"; did you mean "floor"\?$/],
  ['unknown section', '{ "zzzzzz": {} }', /^pushgate\.jsonc:1:3: the file has no key "zzzzzz"; known are \$schema, run,/],
  ['unknown metric', '{"coverage":{"floor":{"line":1}}}', /:1:23: coverage\.floor has no key "line"; did you mean "lines"\?/],
  ['key of Object.prototype', '{"toString":1}', /no key "toString"/],
  ['__proto__', '{"__proto__":{"coverage":{}}}', /:1:2: the file has no key "__proto__"/],
  ['__proto__ as a glob', '{"coverage":{"overrides":{"__proto__":1}}}', /:1:27: "__proto__" cannot be a key/],
  ['text for a number', '{"coverage":{"floor":"64"}}', /:1:22: coverage\.floor is "64"; it must be a percentage/],
  ['number without a unit', '{"suite":{"budget":120}}', /:1:20: suite\.budget is 120; it must be a duration with its unit/],
  ['text without a unit', '{"suite":{"budget":"120"}}', /is "120"; it must be a duration/],
  ['nothing as a duration', '{"suite":{"budget":"0s"}}', /it must be from 1ms to 500h/],
  ['longer than timers hold', '{"run":{"timeout":"501h"}}', /it must be from 1ms to 500h/],
  ['negative', '{"coverage":{"maxDrop":-1}}', /coverage\.maxDrop is -1/],
  ['over 100 %', '{"coverage":{"perFile":{"branches":100.01}}}', /coverage\.perFile\.branches is 100\.01/],
  ['three decimals', '{"coverage":{"floor":64.123}}', /two decimals/],
  ['infinity', '{"coverage":{"floor":1e999}}', /coverage\.floor is 1e999/],
  ['no metric', '{"coverage":{"floor":{}}}', /must name lines/],
  ['null root', 'null', /^pushgate\.jsonc:1:1: the file is null/],
  ['array root', '[]', /the file is \[\]; it must be an object/],
  ['array section', '{"coverage":[]}', /coverage is \[\]; it must be an object/],
  ['array of overrides', '{"coverage":{"overrides":[1]}}', /coverage\.overrides is \[1\]/],
  ['null section', '{"slow":null}', /slow is null/],
  ['no glob', '{"run":{"files":[]}}', /at least one glob/],
  ['an empty glob for limits', '{"coverage":{"overrides":{"":50}}}', /:1:27: coverage\.overrides has the key ""; it must be a text/],
  ['a glob without end', `{"coverage":{"include":["${'a'.repeat(70_000)}"]}}`, /coverage\.include\[0\] is "a{39}…; it must have at most/],
  ['no text', '{"run":{"command":" "}}', /not empty/],
  ['word of no meaning', '{"tests":{"flaky":"ignore"}}', /"fail" or "warn"/],
  ['duplicate key', '{"coverage":{"floor":64,\n"floor":3}}', /^pushgate\.jsonc:2:1: "floor" stands here and on line 1\.$/],
  ['duplicate section', '{"suite":{},\n\n"suite":{}}', /:3:1: "suite" stands here and on line 1/],
  ['merge markers', '{\n<<<<<<< HEAD\n"suite":{}\n=======\n>>>>>>> x\n}', /^pushgate\.jsonc:2:1: a merge marker/],
  ['half a file', '{"coverage":{"floor":64', /:1:24: a closing \} is missing/],
  ['no file at all', ' \n', /the file is empty/],
  ['no JSON', 'floor: 64', /:1:1: this is not JSON/],
  ['a tower of brackets', '['.repeat(100_000), /nested too deeply/],
  ['a tower that is closed', `${'['.repeat(3_000)}${']'.repeat(3_000)}`, /nested too deeply/],
  [
    'a target below the floor',
    '{"coverage":{"floor":80,\n"target":70}}',
    /^pushgate\.jsonc:2:1: coverage\.target is 70 % of lines, below the floor of 80 %/,
  ],
  ['a baseline below the default floor', '{"coverage":{"baseline":50}}', /coverage\.baseline is 50 % of lines, below the floor of 64 %/],
  ['a floor above a goal, by metric', '{"coverage":{"floor":{"branches":60},"baseline":{"branches":59.99}}}', /59\.99 % of branches/],
  ['an ideal over the budget', '{"suite":{"budget":"30s","ideal":"31s"}}', /suite\.ideal is 31s, longer than suite\.budget \(30s\)/],
  ['a target over the slow limit', '{"slow":{"target":"11s"}}', /slow\.target is 11s, longer than slow\.limit \(10s\)/],
];

for (const [why, text, message] of REFUSED) {
  test(`refused: ${why}`, () => {
    assert.match(refused({ 'pushgate.jsonc': text }).message, message);
  });
}

test('every problem of a file is reported, in its order', () => {
  const error = refused({ 'pushgate.jsonc': '{"suite":{"budget":1,"ideal":2},\n"tset":{}}' });
  assert.deepEqual(
    error.message.split('\n').map((line) => line.split(': ')[0]),
    ['pushgate.jsonc:1:20', 'pushgate.jsonc:1:30', 'pushgate.jsonc:2:1'],
  );
});

test('problems of the package.json key are placed and named', () => {
  const error = refused({ 'package.json': '{\n"pushgate": { "siute": {} } }' });
  assert.match(error.message, /^package\.json:2:15: the "pushgate" key has no key "siute"; did you mean "suite"\?$/);
  assert.match(
    refused({ 'package.json': '{"pushgate":{},\n"pushgate":{}}' }).message,
    /^package\.json:2:1: "pushgate" stands here and on line 1/,
  );
});

test('a configuration that cannot be read is refused, not skipped', () => {
  const root = aProject({});
  mkdirSync(join(root, 'pushgate.jsonc'));
  assert.throws(() => loadConfig(root), /pushgate\.jsonc cannot be read: EISDIR/);
});

test('invisible characters of a value are shown', () => {
  assert.match(refused({ 'pushgate.jsonc': '{"tests":{"flaky":"\u202efail"}}' }).message, /tests\.flaky is "\\u202efail"/);
});

test('a ruler in a comment is no merge marker', () => {
  assert.equal(loaded('/*\n=======\n*/ {"suite":{"budget":"9s"}}').config.suite.budgetMs, 9_000);
});

test('the policy is the limits and the allowlist', () => {
  const { config } = loaded('{"slow":{"limit":"3s"}}');
  const knownSlow = { path: 'known-slow.jsonc', entries: [] };
  const policy = policyOf(config, knownSlow);
  assert.deepEqual(policy.slow, { limitMs: 3_000, targetMs: 3_000 });
  assert.equal(policy.knownSlow, knownSlow);
  assert.equal(policy.coverage, config.coverage);
});
