import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

import { config } from '../../src/commands/config.ts';
import { CONFIG_KEYS, loadConfig } from '../../src/config/load.ts';
import { PushgateError } from '../../src/model/error.ts';
import { anIo } from '../support/io.ts';

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function aProject(files: Record<string, string>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pushgate-show-')));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const TESTED = {
  'package.json': '{"scripts":{"build":"tsc","test":"npm run build && c8 --lines 90 --check-coverage node --test"}}',
  'test/a.test.js': '',
  'test/b.test.js': '',
};

test('every setting is shown with its value and its origin', async () => {
  const root = aProject({
    ...TESTED,
    'pushgate.jsonc':
      '{\n  "slow": { "limit": "3s" },\n  "coverage": { "perFile": { "lines": 50, "branches": 40 }, "overrides": { "src/gen/**": null, "src/core/**": 90 } } }',
  });
  const io = anIo(root);
  assert.equal(await config(io, {}), 0);
  const lines = io.out().split('\n');
  assert.equal(lines[0], 'Configuration, from pushgate.jsonc:');
  for (const key of CONFIG_KEYS) assert.equal(lines.filter((line) => line.trim().startsWith(`${key} `)).length, 1, key);
  const row = (key: string): string =>
    lines
      .find((line) => line.includes(` ${key} `))
      ?.trim()
      .replace(/ {2,}/g, '  ') ?? '';
  assert.equal(row('slow.limit'), 'slow.limit  3s  (pushgate.jsonc:2:13)');
  assert.equal(row('slow.target'), 'slow.target  3s  (default)');
  assert.equal(row('coverage.perFile'), 'coverage.perFile  lines 50, branches 40  (pushgate.jsonc:3:17)');
  assert.equal(row('coverage.overrides'), 'coverage.overrides  src/gen/**: none; src/core/**: lines 90  (pushgate.jsonc:3:61)');
  assert.match(row('coverage.floor'), /^coverage\.floor {2}lines 90.* {2}\(from c8 in scripts\.test\)$/);
  assert.equal(row('coverage.maxDrop'), 'coverage.maxDrop  none  (default)');
  assert.equal(row('run.command'), 'run.command  the test script of package.json  (default)');
});

test('what was understood of the test script is shown', async () => {
  const io = anIo(aProject(TESTED));
  assert.equal(await config(io, {}), 0);
  assert.match(io.out(), /^No pushgate\.jsonc: the defaults hold\.\n/);
  assert.match(io.out(), /Test command, from scripts\.test in package\.json:\n {2}npm run build && c8 --lines 90/);
  assert.match(io.out(), /\(2 test files\):\n[^]*node --test test\/a\.test\.js test\/b\.test\.js\n/);
});

test('as JSON, values stand as they are written in the file', async () => {
  const root = aProject({ ...TESTED, 'pushgate.jsonc': '{"suite":{"budget":"90s"},"coverage":{"floor":70}}' });
  const io = anIo(root);
  assert.equal(await config(io, { json: true }), 0);
  const shown = JSON.parse(io.out());
  assert.deepEqual(Object.keys(shown.settings), CONFIG_KEYS);
  assert.deepEqual(shown.settings['suite.budget'], { value: '90s', origin: { kind: 'file', file: 'pushgate.jsonc', line: 1, column: 11 } });
  assert.deepEqual(shown.settings['coverage.floor'].value, { lines: 70 });
  assert.deepEqual(shown.settings['coverage.target'], { value: null, origin: { kind: 'default' } });
  assert.deepEqual(shown.suite.testFiles, ['test/a.test.js', 'test/b.test.js']);
});

test('law: the settings shown, written into a file, are the configuration they were shown for', async () => {
  const root = aProject({
    ...TESTED,
    'pushgate.jsonc':
      '{"coverage":{"floor":{"lines":70,"branches":60},"overrides":{"a/**":null,"b":5},"changed":80,"target":90},"run":{"timeout":"1500ms"}}',
  });
  const io = anIo(root);
  await config(io, { json: true });
  const written: Record<string, Record<string, unknown>> = {};
  for (const [dotted, { value }] of Object.entries(JSON.parse(io.out()).settings as Record<string, { value: unknown }>)) {
    const [section = '', key = ''] = dotted.split('.');
    (written[section] ??= {})[key] = value;
  }
  const again = loadConfig(aProject({ 'pushgate.jsonc': JSON.stringify(written) }));
  assert.deepEqual(again.config, loadConfig(root).config);
});

test('a test script that cannot be understood ends it, after the configuration was shown', async () => {
  const root = aProject({ 'package.json': '{"scripts":{"test":"jest"}}' });
  const io = anIo(root);
  await assert.rejects(config(io, {}), PushgateError);
  assert.match(io.out(), /coverage\.floor +lines 64 {2}\(default\)/);
  const silent = anIo(root);
  await assert.rejects(config(silent, { json: true }), PushgateError);
  assert.equal(silent.out(), '');
});

test('a configuration that is wrong ends it without a table', async () => {
  const io = anIo(aProject({ ...TESTED, 'pushgate.jsonc': '{"suit":{}}' }));
  await assert.rejects(config(io, {}), /did you mean "suite"/);
  assert.equal(io.out(), '');
});
