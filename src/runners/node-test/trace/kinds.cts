// Names what a resource is waited for. Part of the tracing preload.
type WaitKind = import('./record.ts').WaitKind;

const NETWORK = /^(?:TCP|PIPE|UDP|TLS|HTTP|GETADDRINFO|GETNAMEINFO|QUERY|SHUTDOWNWRAP|WRITEWRAP|JSSTREAM|QUIC|UNDICI|DNSCHANNEL)/;
const FILES = /^(?:FSREQ|FILEHANDLE|FSEVENT|STATWATCHER|DIRHANDLE|BLOBREADER)/;
/** Node's own turns, and what the test runner keeps open. */
const NODE =
  /^(?:|Immediate|TickObject|Microtask|SIGNALWRAP|TTYWRAP|STREAMPIPE|Test|ELDHISTOGRAM|INSPECTORJSBINDING|KEYOBJECT|bound-anonymous-fn)$/;

/** The bucket of a resource's type. What native code does elsewhere (compression, ciphers, addons) is work on other threads. */
function kindOf(type: string): WaitKind {
  if (type === 'Timeout') return 'timers';
  if (type === 'PROCESSWRAP') return 'children';
  if (NETWORK.test(type)) return 'network';
  if (FILES.test(type)) return 'files';
  return NODE.test(type) ? 'node' : 'threads';
}

const isNetwork = (type: string): boolean => NETWORK.test(type);

/** Whether it runs after the callback that led to it, in the same turn of the event loop: it ends no wait. */
const isWithinTurn = (type: string): boolean => type === 'TickObject' || type === 'Microtask' || type === 'PROMISE';

const FALLBACK: Readonly<Record<WaitKind, string>> = {
  timers: 'timer',
  children: 'child process',
  network: 'socket',
  files: 'file',
  threads: 'thread',
  loading: 'import',
  node: 'event loop',
};

/** What to call a resource that no function of Node's named. */
const fallbackName = (kind: WaitKind): string => FALLBACK[kind];

module.exports = { kindOf, isNetwork, isWithinTurn, fallbackName };
