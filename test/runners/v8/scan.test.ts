import assert from 'node:assert/strict';
import test from 'node:test';
import { layoutOf } from '../../../src/runners/node-test/v8/layout.ts';
import { openScanner, type Scanned, type Scanner, type Slice, type Unusable, type Wanted } from '../../../src/runners/node-test/v8/scan.ts';

const ROOT = '/p';
const FUNCTIONS = [
  { functionName: 'f "{\\"scriptId\\":\\"" é', ranges: [{ startOffset: 0, endOffset: 10, count: 2 }], isBlockCoverage: true },
];
const TEXT = JSON.stringify(FUNCTIONS);

type Script = { scriptId: string; url: string; functions: unknown };
const script = (url: string, functions: unknown = FUNCTIONS): Script => ({ scriptId: '7', url, functions });
const NODE = script('node:internal/process');
const A = script('file:///p/src/a.js');
const B = script('file:///p/src/b.js', [{ ...FUNCTIONS[0], functionName: 'b' }]);

const MAPS = {
  'file:///p/dist/d.js': {
    lineLengths: [1, 2],
    data: { version: 3, sources: ['../src/d.ts'], mappings: 'AAAA', names: ['":{"lineLengths":['] },
    url: 'd.js.map',
  },
  'file:///p/dist/t.js': { lineLengths: [], data: { version: 3, sources: ['../test/t.ts'], mappings: '' }, url: null },
  'file:///p/node_modules/x/x.js': { lineLengths: [3], data: null, url: 'x.js.map' },
};

function fileOf(scripts: readonly unknown[], maps?: object): Buffer {
  return Buffer.from(JSON.stringify({ result: scripts, timestamp: 12.5, ...(maps && { 'source-map-cache': maps }) }));
}

function scannerOf(asked: string[] = []): Scanner {
  const wanted: Wanted = {
    root: ROOT,
    decide: (url) => {
      asked.push(url);
      if (url.includes('/src/')) return 'source';
      return url.includes('/dist/') ? 'maybe' : 'no';
    },
    madeFromSource: (_, map) => map.data?.sources.some((source) => source.includes('src/')) === true,
    fileOf: (url) => (url.startsWith(`file://${ROOT}/`) && !url.includes('/node_modules/') ? url.slice(`file://${ROOT}/`.length) : null),
  };
  return openScanner(wanted);
}

/** The slices of a usable file. */
function slicesOf(scanned: Scanned | Unusable): readonly Slice[] {
  assert.ok('slices' in scanned, JSON.stringify(scanned));
  return scanned.slices;
}

test('tells every file of the repository that was loaded, wanted or not', () => {
  const scanned = scannerOf().scan(fileOf([NODE, A, script('file:///p/test/a.test.js'), script('file:///p/node_modules/x/x.js')], MAPS));
  assert.deepEqual('loaded' in scanned && scanned.loaded, ['src/a.js', 'test/a.test.js']);
});

test('takes the wanted scripts, in the text V8 wrote', () => {
  const asked: string[] = [];
  const { scan } = scannerOf(asked);
  assert.deepEqual(slicesOf(scan(fileOf([NODE, A, script('file:///elsewhere/src/a.js'), B, script('')]))), [
    { url: A.url, text: TEXT },
    { url: B.url, text: JSON.stringify(B.functions) },
  ]);
  assert.deepEqual(asked, [A.url, B.url]);
  scan(fileOf([A, B]));
  assert.deepEqual(asked, [A.url, B.url], 'decided once per url');
});

test('a query or fragment makes no other script', () => {
  const { scan } = scannerOf();
  assert.deepEqual(slicesOf(scan(fileOf([script(`${A.url}?v=1`), script(`${A.url}#x`), A]))), [
    { url: A.url, text: TEXT },
    { url: A.url, text: TEXT },
    { url: A.url, text: TEXT },
  ]);
});

test('an absolute path, as vm scripts have, counts like a file url', () => {
  assert.deepEqual(slicesOf(scannerOf().scan(fileOf([NODE, script('/p/src/vm.js')]))), [{ url: '/p/src/vm.js', text: TEXT }]);
});

test('a built script is taken when its source map leads to a source, from then on also without the map', () => {
  const scanner = scannerOf();
  const built = [NODE, script('file:///p/dist/d.js'), script('file:///p/dist/t.js'), script('file:///p/dist/unmapped.js'), A];
  const expected = [
    { url: 'file:///p/dist/d.js', text: TEXT },
    { url: A.url, text: TEXT },
  ];
  assert.deepEqual(slicesOf(scanner.scan(fileOf(built, MAPS))), expected);
  assert.deepEqual([...scanner.sourceMaps], [['file:///p/dist/d.js', MAPS['file:///p/dist/d.js']]]);
  assert.deepEqual(slicesOf(scanner.scan(fileOf(built))), expected);
  assert.deepEqual(slicesOf(scannerOf().scan(fileOf([A], {}))), [{ url: A.url, text: TEXT }]);
});

test('another layout of the same JSON gives the same', () => {
  const scripts = [NODE, script(`${A.url}?v=1`), B, script('file:///p/dist/d.js'), script('file:///p/dist/t.js')];
  const fast = scannerOf();
  const slow = scannerOf();
  const pretty = Buffer.from(JSON.stringify(JSON.parse(fileOf(scripts, MAPS).toString()), null, 1));
  assert.notEqual(layoutOf(fileOf(scripts, MAPS), []), null);
  assert.equal(layoutOf(pretty, []), null);
  assert.deepEqual(slow.scan(pretty), fast.scan(fileOf(scripts, MAPS)));
  assert.deepEqual(slow.sourceMaps, fast.sourceMaps);
});

test('a file cut off at any byte is unusable', () => {
  for (const whole of [fileOf([NODE, A, B], MAPS), fileOf([NODE, A, B]), fileOf([A], {})]) {
    assert.ok('slices' in scannerOf().scan(whole));
    for (let length = 0; length < whole.length; length++) {
      const cut = scannerOf().scan(whole.subarray(0, length));
      assert.ok('reason' in cut, whole.toString('utf8', 0, length));
    }
  }
});

const range = (startOffset: unknown, endOffset: unknown, count: unknown) => [
  { functionName: '', ranges: [{ startOffset, endOffset, count }], isBlockCoverage: true },
];
const BROKEN: Readonly<Record<string, Buffer | string>> = {
  empty: '',
  NUL: Buffer.alloc(4096),
  'NUL at the end': Buffer.concat([fileOf([A]), Buffer.alloc(8)]),
  'text after the end': Buffer.concat([fileOf([A]), Buffer.from('}')]),
  'two files in one': Buffer.concat([fileOf([A]), fileOf([B])]),
  garbage: Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 7919) % 256)),
  '{}': '{}',
  null: 'null',
  'an empty list': '[]',
  'a null result': '{"result":null}',
  'an empty result': fileOf([]),
  'a null script': '{"result":[null]}',
  'foreign JSON': '{"name":"x","result":[{"status":"ok"}]}',
  'no functions': '{"result":[{"scriptId":"1","url":"file:///p/src/a.js"}],"timestamp":1}',
  'empty functions': fileOf([script(A.url, [])]),
  'functions that are none': fileOf([script(A.url, [1])]),
  'a function without ranges': fileOf([script(A.url, [{ ...FUNCTIONS[0], ranges: [] }])]),
  'a range that ends before it starts': fileOf([script(A.url, range(5, 1, 1))]),
  'a negative offset': fileOf([script(A.url, range(-5, 1, 1))]),
  'a negative count': fileOf([NODE, A, script(A.url, range(0, 1, -1))]),
  'a fractional count': fileOf([script(A.url, range(0, 1, 0.5))]),
  'a null count': fileOf([script(A.url, range(0, 1, null))]),
  'a count beyond integers': fileOf([script(A.url, range(0, 1, 2 ** 60))]),
  'a text for a count': fileOf([script(A.url, range(0, 1, '1'))]),
};

for (const [name, content] of Object.entries(BROKEN)) {
  test(`is unusable: ${name}`, () => {
    assert.ok('reason' in scannerOf().scan(Buffer.from(content)));
  });
}
