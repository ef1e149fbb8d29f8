import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCli, runJson } from '../support/cli.ts';
import { PACKAGE } from '../support/package.ts';
import { aProject } from '../support/projects.ts';
import { projectFor } from '../support/repo.ts';

describe('the command line', () => {
  it('refuses what it does not know, and says what was meant', async (t) => {
    const project = aProject(t);
    const at = { cwd: project.dir, env: project.env };
    const cases: readonly [args: string[], says: RegExp][] = [
      [['check', '--quite'], /--quite[^]*--quiet/],
      [['covrage'], /covrage[^]*coverage/],
      [['audit', '--repeat', 'often'], /--repeat takes a whole number/],
      [['hook', 'post-merge'], /post-merge/],
    ];
    for (const [args, says] of cases) {
      // oxlint-disable-next-line no-await-in-loop -- two processors
      const { code, stdout, stderr } = await runCli(args, at);
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
      assert.equal(stdout, '');
      assert.match(stderr, says);
    }
    const { report } = await runJson(['check', '--quite'], at);
    assert.equal(report.outcome, 'error');
    assert.match(report.error?.message ?? '', /--quite/);
  });

  it('under a Node that it does not run on says so, and what it needs', async (t) => {
    const project = projectFor(t, {
      'older.cjs': "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });",
    });
    const env = { ...project.env, NODE_OPTIONS: `--require ${join(project.dir, 'older.cjs')}` };
    const { code, stderr } = await runCli(['check'], { cwd: project.dir, env });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^✖ This is Node 18\.20\.8; pushgate needs Node 20\.19 or later, or 22\.12 or later\.$/m);
    const { engines } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { engines: { node: string } };
    assert.equal(engines.node, '^20.19.0 || >=22.12.0', 'what it needs stands there too');
  });

  it('says its version and its commands', async (t) => {
    const project = projectFor(t);
    const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
    assert.equal((await runCli(['--version'], { cwd: project.dir })).stdout, `${version}\n`);
    const help = await runCli(['--help'], { cwd: project.dir });
    assert.equal(help.code, 0);
    for (const command of ['check', 'coverage', 'budget', 'slow', 'audit', 'allow', 'config', 'hook']) {
      assert.match(help.stdout, new RegExp(`^ {2}${command}\\b`, 'm'));
    }
  });

  it('in a package below the one that is set up says where that is', async (t) => {
    const project = aProject(t, {
      'packages/a/package.json': { scripts: { test: 'node --test' } },
      'packages/a/index.js': 'exports.one = 1;\n',
      'packages/a/test/a.test.js': "require('node:test')('one', () => require('../index.js'));\n",
      'packages/b/package.json': {},
    });
    const judged = await runCli(['check'], { cwd: join(project.dir, 'packages/a'), env: project.env });
    assert.match(
      judged.stdout,
      /^ℹ No pushgate\.jsonc here: the defaults hold\. \.\.\/\.\. has one, and a push from there is judged by that\.$/m,
    );
    const none = await runCli(['check'], { cwd: join(project.dir, 'packages/b'), env: project.env });
    assert.match(none.stderr, /→ cd \.\.\/\.\. {3}pushgate is set up there/);
  });

  it('outside a project is exit 2', async (t) => {
    const project = projectFor(t);
    const { code, stderr } = await runCli(['check'], { cwd: project.dir, env: project.env });
    assert.equal(code, 2);
    assert.match(stderr, /No package\.json here or in any folder above\./);
  });
});

describe('one gate each', () => {
  it('judges that gate alone', async (t) => {
    const project = aProject(t, { 'pushgate.jsonc': { coverage: { floor: 90 }, suite: { budget: '1ms', ideal: null } } });
    const at = { cwd: project.dir, env: project.env };
    const coverage = await runJson(['coverage'], at);
    assert.deepEqual([coverage.code, ...coverage.report.findings.map((finding) => finding.code)], [1, 'coverage-floor']);
    const budget = await runJson(['budget'], at);
    assert.deepEqual([budget.code, ...budget.report.findings.map((finding) => finding.code)], [1, 'suite-budget']);
    assert.equal(budget.report.coverage, null);
    assert.equal((await runCli(['slow'], at)).code, 0);
  });
});
