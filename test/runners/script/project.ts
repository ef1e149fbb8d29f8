import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { planSuite, type PlanRequest } from '../../../src/runners/node-test/plan-suite.ts';
import type { SuitePlan } from '../../../src/runners/plan.ts';

/** A test of node:test in one line. */
export const A_TEST = "require('node:test').test('works', () => {});\n";

/** A folder with these files, removed after the test. A list of names stands for test files of one line. */
export function folderWith(t: TestContext, files: Readonly<Record<string, string>> | readonly string[]): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'plan-suite-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const entries: [string, string][] = Array.isArray(files) ? files.map((file: string) => [file, A_TEST]) : Object.entries(files);
  for (const [file, text] of entries) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

/** A package with these scripts and files. */
export function packageWith(
  t: TestContext,
  scripts: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): string {
  return folderWith(t, { 'package.json': JSON.stringify({ name: 'example', scripts }), 'test/one.test.js': A_TEST, ...files });
}

/** The plan of a package on Node 22.20, unless the request says otherwise. */
export function planOf(root: string, request: Partial<PlanRequest> = {}): Promise<SuitePlan> {
  const env = { PATH: process.env['PATH'] };
  return planSuite({ root, command: null, from: null, files: null, nodeVersion: '22.20.0', env, ...request });
}

/** Steps in one line each, with paths relative to the root: enough to see what runs, where, on what. */
export function stepLines(plan: SuitePlan, root: string): string[] {
  return plan.steps.map((step) => {
    const env = Object.entries(step.env).map(([name, value]) => `${name}=${value} `);
    const place = step.cwd === root ? '' : ` in ${step.cwd.slice(root.length + 1)}`;
    if (step.kind === 'node-test')
      return `${env.join('')}${['node', ...step.nodeArgs, '--test', ...step.reporterArgs, ...step.files].join(' ')}${place}`;
    if (step.kind === 'node-script')
      return `${env.join('')}${['node', ...step.nodeArgs, ...step.reporterArgs, step.script, ...step.args].join(' ')}${place}`;
    return `${step.kind}: ${env.join('')}${step.command}${place}`;
  });
}
