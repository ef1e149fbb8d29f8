import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { PACKAGE } from './package.ts';
import { runCommand, start, type Ended, type StartOptions } from './processes.ts';

/** The built command line: what users get. */
export const MAIN = `${PACKAGE}/dist/src/cli/main.js`;

function built(): string {
  assert.ok(existsSync(MAIN), 'dist is missing: run `npm run build` first');
  return MAIN;
}

/** Runs the built `pushgate` with some arguments. */
export function runCli(args: readonly string[], options: StartOptions): Promise<Ended> {
  return runCommand(process.execPath, [built(), ...args], options);
}

/** Starts the built `pushgate` without waiting for it. */
export function startCli(args: readonly string[], options: StartOptions): ReturnType<typeof start> {
  return start(process.execPath, [built(), ...args], options);
}

/** What stands in a JSON report, as far as tests look at it. */
export type Report = {
  readonly schemaVersion: number;
  readonly outcome: string;
  readonly exitCode: number;
  readonly run: Readonly<Record<string, number>> & { readonly runner: string; readonly mode: string };
  readonly coverage: ReportedCounts & { readonly files: readonly (ReportedCounts & { readonly file: string })[] };
  readonly tests: readonly {
    readonly file: string;
    readonly name: string;
    readonly line: number;
    readonly outcome: string;
    readonly durationMs: number;
    readonly attemptsMs: readonly number[];
    readonly known: boolean;
  }[];
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly message: string;
    readonly file: string | null;
  }[];
  readonly error: {
    readonly message: string;
    readonly reasons: readonly { readonly kind: string; readonly message: string; readonly file: string | null }[];
  } | null;
};

type Counted = { readonly covered: number; readonly total: number; readonly pct: number };
type ReportedCounts = { readonly lines: Counted; readonly branches: Counted; readonly functions: Counted };

/** Runs a command with `--json`; standard output must be one JSON document with the keys of the schema and nothing else. */
export async function runJson(args: readonly string[], options: StartOptions): Promise<Ended & { readonly report: Report }> {
  const ended = await runCli([...args, '--json'], options);
  let report: Report;
  try {
    report = JSON.parse(ended.stdout) as Report;
  } catch {
    throw new Error(`not one JSON document (exit ${ended.code}):\n${ended.stdout}\n${ended.stderr}`);
  }
  const keys = ['schemaVersion', 'outcome', 'exitCode', 'run', 'coverage', 'tests', 'findings', 'error'];
  assert.deepEqual(Object.keys(report), keys);
  assert.equal(report.schemaVersion, 1);
  assert.equal(report.exitCode, ended.code);
  return { ...ended, report };
}

/** The codes of a report's findings, `severity:code`, in order. */
export function codesOf(report: Report): string[] {
  return report.findings.map((finding) => `${finding.severity}:${finding.code}`);
}
