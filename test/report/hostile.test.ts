import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PushgateError, usageError } from '../../src/model/error.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Unproven } from '../../src/model/test-run.ts';
import { explained } from '../../src/insight/cause.ts';
import { renderAudit } from '../../src/report/audit.ts';
import { renderAuditHtml } from '../../src/report/audit/html.ts';
import { renderAuditJson } from '../../src/report/audit/json.ts';
import { coloursFor } from '../../src/report/colours.ts';
import { renderAnnotations } from '../../src/report/github.ts';
import { renderJson, renderJsonError } from '../../src/report/json.ts';
import { liveText } from '../../src/report/progress.ts';
import { renderError, renderVerdict } from '../../src/report/terminal.ts';
import { aCoverage, aFileRun, anEntry, aPolicy, aRun, aTrace, aWait } from '../support/builders.ts';
import { tagsOf } from '../support/html.ts';
import { anAudit, aVerdict, context, findings, unproven } from './samples.ts';

// Every text of every finding is replaced by each payload; no sink may let one act on a terminal or a CI log.

const PAYLOADS: readonly string[] = [
  '\n::error::x',
  '\r\n::set-output name=a::b',
  '::stop-commands::token',
  '  ::add-mask::x',
  '\n##[error]x',
  '##vso[task.setvariable]x',
  '\x1b[2J\x1b[1;1H',
  '\x1b]0;title\x07',
  '\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\',
  '\x1b]52;c;aGk=\x07',
  '\x9b31m',
  '\x07\0\b\x7f',
  'a\u202egnp.js',
  '\u2066hidden\u2069',
  '\ud800',
  '\udc00x\ud83d',
  '\u2028\u2029',
  '\ufeff\u200b\u{e0041}',
  '<img src=x onerror=alert(1)>',
  '`|` <details> @everyone ![](http://example.com)',
  '$(touch x) `id` ; rm -rf ~ "\'',
  '-rf',
  '__proto__',
  'constructor',
  ':',
  '',
  'x'.repeat(1_000_000),
  '日本語 👩‍👩‍👧 e\u0301',
  '%0A::error::x',
  '$& $1 $$',
];

/** All that a page of an audit is made of. */
const PAGE_TAGS = [
  '!doctype html',
  'body',
  'div class',
  'div class style',
  'h1',
  'h2',
  'head',
  'html lang',
  'li',
  'meta charset',
  'meta http-equiv content',
  'meta name content',
  'p',
  'table',
  'td',
  'td class',
  'th',
  'th class',
  'title',
  'tr',
  'ul',
];

const KEPT = new Set(['code', 'kind', 'severity', 'metric', 'why', 'outcome']);

/** A copy in which every free text is the payload. */
function poisoned<Value>(value: Value, payload: string, key = ''): Value {
  if (typeof value === 'string') return (KEPT.has(key) ? value : payload) as Value;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, payload, key)) as Value;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poisoned(item, payload, name)])) as Value;
}

function noneActs(text: string, says: string): void {
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/, says);
  assert.doesNotMatch(text, /##(?:\[|vso\[)/i, says);
  assert.doesNotMatch(text, /\p{Cs}/u, says);
}

const plain = { colours: coloursFor(false), detail: 'verbose' } as const;
const coloured = { colours: coloursFor(true), detail: 'normal' } as const;
// oxlint-disable-next-line no-control-regex
const COLOURS = /\x1b\[\d+m/g;

for (const payload of PAYLOADS) {
  test(`the payload ${JSON.stringify(payload.slice(0, 40))} does not act`, () => {
    const evil = poisoned({ said: Object.values(findings) as Finding[], missing: Object.values(unproven) as Unproven[] }, payload);
    const run = aRun([], { coverage: poisoned(aCoverage({ 'src/a.ts': 0.5 }), payload) });
    const poison = { ...context, preface: [payload], again: 'push again', whereIs: () => payload, testCommand: () => payload };
    for (const verdict of [
      aVerdict(evil.said, [], run),
      aVerdict(evil.said, evil.missing, run),
      aVerdict([...evil.said, ...evil.said], [], run),
    ]) {
      for (const screen of [plain, coloured, { ...plain, detail: 'quiet' as const }]) {
        const shown = renderVerdict(verdict, poison, screen).replace(COLOURS, '');
        noneActs(shown, 'terminal');
        assert.doesNotMatch(shown, /^\s*::/m, 'terminal');
        assert.ok(
          shown.split('\n').every((line) => line.length < 2_500),
          'no line is endless',
        );
      }
      const json = renderJson(verdict, poison);
      noneActs(json, 'json');
      assert.doesNotMatch(json, /^\s*::/m, 'json');
      assert.equal(JSON.parse(json).coverage.files[0].file, payload, 'JSON keeps the exact name');
      noneActs(renderAnnotations(verdict, poison), 'annotations');
      const commands = renderAnnotations(verdict, poison).trimEnd().split('\n');
      assert.ok(
        commands.every((line) => /^::(error|warning|notice) /.test(line)),
        'annotations',
      );
      assert.ok(commands.length <= 30);
    }
  });

  test(`an audit with the payload ${JSON.stringify(payload.slice(0, 40))} does not act`, () => {
    const policy = aPolicy({ knownSlow: [anEntry({ file: payload, name: payload }), anEntry({ file: 'a', name: payload })] });
    const times = { aroundMs: 50, peakRssBytes: 60e6 };
    const runs = [12_000, 24_000].map((durationMs, index) => {
      const odd = { name: `${payload}2`, outcome: index === 0 ? 'failed' : 'passed', failure: index === 0 ? payload : null } as const;
      const coverage = poisoned(aCoverage({ 'src/a.ts': index / 2 }), payload, '');
      return aRun([aFileRun(payload, [{ name: payload, durationMs }, odd], { ...times, peakRssBytes: 60e6 * (index + 1) })], { coverage });
    });
    const [test] = runs[1]?.files[0]?.tests ?? [];
    const place = { file: payload, line: 1 };
    const trace = aTrace({ timers: 900 }, { waits: [aWait({ place, what: payload })] });
    assert.ok(test);
    const looked = [{ test, durationMs: 18_000, known: true, explanation: explained(trace, null) }];
    const flaky: Finding = { code: 'flaky-test', severity: 'error', test, before: null };
    const audited = { ...anAudit(runs, policy, { looked }), verdict: aVerdict([flaky], [], runs[1]) };
    const shown = renderAudit(audited, context, plain);
    noneActs(shown, 'audit');
    assert.doesNotMatch(shown, /^\s*::/m, 'audit');
    const page = renderAuditHtml(audited, context);
    noneActs(page, 'audit as a page');
    assert.deepEqual(tagsOf(page), PAGE_TAGS);
    noneActs(renderAuditJson(audited, context), 'audit as JSON');
  });

  test(`an error with the payload ${JSON.stringify(payload.slice(0, 40))} does not act`, () => {
    for (const error of [usageError(payload, payload), new PushgateError(3, `one\n${payload}`), new Error(payload), payload]) {
      const shown = renderError(error, 'run it again', plain);
      noneActs(shown, 'terminal');
      assert.doesNotMatch(shown, /^\s*::/m);
      noneActs(renderJsonError(error), 'json');
    }
    const live = liveText(
      {
        building: null,
        elapsedMs: 3_100,
        filesDone: 1,
        filesTotal: 2,
        testsDone: 1,
        failed: 0,
        slowest: { file: payload, name: payload, elapsedMs: 2_000 },
      },
      120_000,
      80,
    );
    noneActs(live, 'live line');
    assert.ok(!live.includes('\n'));
  });
}

test('a name with a percent sign or a comma stays inside its annotation', () => {
  const file = findings['coverage-file'];
  const verdict = aVerdict([{ ...file, gap: { ...file.gap, file: 'a,b:c%\n::error::x' } }]);
  assert.match(
    renderAnnotations(verdict, context),
    /^::error file=a%2Cb%3Ac%25\\n%3A%3Aerror%3A%3Ax,line=40,title=pushgate%3A coverage-file::[^\n]*\n$/,
  );
});
