import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generate, type Size } from './generate.ts';

/** A synthetic project to measure with, and the Node that runs it. */
export type Project = {
  /** In a git repository, with everything committed: what pushgate knows of earlier runs is kept. */
  readonly root: string;
  /** The same outside any repository: nothing is kept. */
  readonly outside: string;
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;
};

/** Generates a project in an empty folder, which also takes the caches it leaves behind. */
export function makeProject(dir: string, node: string, size: Size): Project {
  const [root, outside] = [join(dir, 'project'), join(dir, 'outside')];
  mkdirSync(root, { recursive: true });
  generate(root, size);
  const config = JSON.parse(readFileSync(join(root, 'pushgate.jsonc'), 'utf8')) as { run: object };
  writeFileSync(join(root, 'plain.jsonc'), JSON.stringify({ ...config, run: { ...config.run, turbo: false } }));
  writeFileSync(join(root, '.gitignore'), 'node_modules/\nc8/\ntaken/\n');
  cpSync(root, outside, { recursive: true });
  const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: root, env: envOf(node, dir), stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', 'commit', '--quiet', '--message', 'Generate');
  return { root, outside, node, env: envOf(node, dir) };
}

/** The environment without what a test runner, a hook, CI or a person's git left in it. */
function envOf(node: string, dir: string): NodeJS.ProcessEnv {
  const outer = /^(NODE_OPTIONS|NODE_TEST_CONTEXT|NODE_V8_COVERAGE|NODE_COMPILE_CACHE|CI|GIT_.*|PUSHGATE_.*)$/;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name))),
    PATH: `${dirname(node)}:${process.env['PATH']}`,
    XDG_CACHE_HOME: join(dir, 'cache'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CEILING_DIRECTORIES: dir,
  };
}
