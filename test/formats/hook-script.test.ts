import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { callsPushgate, hookLine, isShellScript, standsInTheWay, withHookLine, type HookCall } from '../../src/formats/hook-script.ts';

const CALL: HookCall = { hook: 'pre-push', folder: '', onPath: true, install: 'npm install' };

describe('a hook with a line for pushgate', () => {
  it('keeps what is there and is not extended twice', () => {
    for (const text of [null, '', 'npm test\n', 'npm test', '#!/bin/sh\nexit 0\n', '#!/bin/sh\ngit lfs pre-push "$@"\n', 'npm test\r\n']) {
      const once = withHookLine(text, CALL, true);
      assert.equal(withHookLine(once, CALL, true), once);
      assert.equal(once.split('\n').filter((line) => line.endsWith('# pushgate')).length, 1);
      const kept = (text ?? '')
        .trim()
        .split('\n')
        .filter((line) => line !== '');
      for (const line of kept) assert.ok(once.split(/\r?\n/).includes(line), line);
      assert.equal(standsInTheWay(once, 'pre-push', ''), null, once);
    }
  });

  it('has it at the end, unless what is there could leave before or read what is pushed', () => {
    const first = (text: string): boolean => {
      const live = withHookLine(text, CALL, false)
        .split('\n')
        .filter((line) => !/^\s*(?:#|$)/.test(line));
      return live[0]?.endsWith('# pushgate') === true;
    };
    const atEnd = [
      'npm run lint',
      'npm test || exit 1',
      'npx lint-staged\nnpm test',
      'cat file.txt',
      '# exit 0\nnpm test',
      'exec 2>&1\nnpm test',
    ];
    const atHead = [
      'exit 0',
      'npm test; exit $?',
      'if true; then\n  exit 0\nfi',
      'exec npm test',
      'while read ref; do :; done',
      'cat | sh x',
      'git-lfs x',
      'sh x "$@"',
    ];
    assert.deepEqual(atEnd.filter(first), []);
    assert.deepEqual(
      atHead.filter((text) => !first(text)),
      [],
    );
  });

  it('goes behind what prepares the shell', () => {
    const text = '#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n\nexport PATH="/opt/node:$PATH"\nwhile read ref; do :; done\n';
    const lines = withHookLine(text, CALL, false).split('\n');
    assert.match(lines[4] ?? '', /# pushgate$/);
    assert.equal(lines[5], 'while read ref; do :; done');
  });

  it('is told apart from comments, from talk, and from the line of another package', () => {
    assert.equal(callsPushgate('# pushgate hook pre-push "$@"\n', ''), false);
    assert.equal(callsPushgate('echo "pushgate comes later"\n', ''), false);
    assert.equal(callsPushgate('npx pushgate check\n', ''), true);
    const ofA = hookLine({ ...CALL, folder: 'packages/a' });
    assert.deepEqual([callsPushgate(ofA, 'packages/a'), callsPushgate(ofA, 'packages/ab'), callsPushgate(ofA, '')], [true, false, false]);
    assert.equal(callsPushgate(hookLine({ ...CALL, onPath: false }), ''), true);
  });

  it('is a shell script or not', () => {
    const shells = ['npm test', '#!/bin/sh\n', '#!/usr/bin/env bash\n', '#! /bin/dash -e\n'];
    assert.deepEqual(
      shells.filter((text) => !isShellScript(text)),
      [],
    );
    assert.deepEqual(['#!/usr/bin/env node\n', '#!/usr/bin/python3\n'].filter(isShellScript), []);
  });
});

describe('in a shell, the line', () => {
  const top = mkdtempSync(join(tmpdir(), 'pushgate-hook-'));
  after(() => rmSync(top, { recursive: true, force: true }));
  const said = join(top, 'said');
  const folder = "it's $HOME/a b";

  function command(dir: string, exitCode: number): void {
    mkdirSync(join(dir, 'node_modules/.bin'), { recursive: true });
    const path = join(dir, 'node_modules/.bin/pushgate');
    writeFileSync(path, `#!/bin/sh\n{ echo "$PWD"; echo "$@"; cat; } >'${said}'\nexit ${exitCode}\n`);
    chmodSync(path, 0o755);
  }
  function run(text: string, path = process.env['PATH'] ?? ''): { status: number | null; stdout: string; stderr: string } {
    writeFileSync(join(top, 'hook'), text);
    const ended = spawnSync('/bin/sh', ['-e', 'hook', 'origin', 'url'], {
      cwd: top,
      input: 'refs/heads/main 1 2 3\n',
      encoding: 'utf8',
      env: { PATH: path },
    });
    return { status: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  }

  it('hands on arguments, standard input and the exit code, in the folder of the project', () => {
    for (const [dir, call] of [
      [top, { ...CALL, onPath: false }],
      [join(top, folder), { ...CALL, folder, onPath: false }],
    ] as const) {
      for (const exitCode of [0, 1, 3]) {
        command(dir, exitCode);
        assert.equal(run(withHookLine(null, call, true)).status, exitCode);
        const real = execFileSync('/bin/sh', ['-c', 'pwd -P'], { cwd: dir, encoding: 'utf8' });
        assert.equal(readFileSync(said, 'utf8').replace(/^.*\n/, real), `${real}hook pre-push origin url\nrefs/heads/main 1 2 3\n`);
      }
    }
  });

  it('lets a hook of before read what is pushed as well', () => {
    command(top, 0);
    const text = withHookLine('while read ref rest; do echo "saw $ref"; done\nexit 0\n', { ...CALL, onPath: false }, false);
    const { status, stdout } = run(text);
    assert.deepEqual([status, stdout], [0, 'saw refs/heads/main\n']);
    assert.match(readFileSync(said, 'utf8'), /hook pre-push origin url\nrefs\/heads\/main 1 2 3\n$/);
    command(top, 1);
    assert.deepEqual(run(text), { status: 1, stdout: '', stderr: '' });
  });

  it('runs for every package of a checkout, each with what is pushed', () => {
    const other = join(top, 'other');
    command(other, 0);
    command(join(top, folder), 0);
    const both = withHookLine(
      withHookLine(null, { ...CALL, folder, onPath: false }, true),
      { ...CALL, folder: 'other', onPath: false },
      true,
    );
    assert.equal(run(both).status, 0);
    assert.match(readFileSync(said, 'utf8'), /refs\/heads\/main 1 2 3\n$/);
    command(other, 7);
    assert.equal(run(both).status, 7);
  });

  it('blocks with a sentence where pushgate, or node for it, is missing', () => {
    rmSync(join(top, 'node_modules'), { recursive: true, force: true });
    for (const text of ['', 'read x\n'].map((before) => withHookLine(before, { ...CALL, onPath: false, install: 'pnpm install' }, false))) {
      const { status, stderr } = run(text, '/usr/bin:/bin');
      assert.equal(status, 127);
      assert.match(stderr, /pushgate or node was not found: pnpm install here, then push again\./);
    }
    command(top, 0);
    writeFileSync(join(top, 'node_modules/.bin/pushgate'), '#!/usr/bin/env node\n');
    const { status, stderr } = run(withHookLine(null, { ...CALL, onPath: false }, false), join(top, 'no-such-folder'));
    assert.notEqual(status, 0, stderr);
  });
});
