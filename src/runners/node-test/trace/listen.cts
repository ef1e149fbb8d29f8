// Listens to async hooks: when which resource is made, and when its callbacks run. Part of the tracing preload.
const asyncHooks: typeof import('node:async_hooks') = require('node:async_hooks');
const { performance }: typeof import('node:perf_hooks') = require('node:perf_hooks');

type Account = import('./record.ts').Account;
type Accounts = import('./record.ts').Accounts;
type Context = import('./record.ts').Context;
type Contexts = import('./record.ts').Contexts;
type TestObject = import('./record.ts').TestObject;

const { openContexts, rootContext } = require('./contexts.cjs') as {
  openContexts: (clock: () => number) => Contexts;
  rootContext: () => Context;
};
const { openAccounts } = require('./accounts.cjs') as { openAccounts: (clock: () => number) => Accounts };
const { isWithinTurn } = require('./kinds.cjs') as { isWithinTurn: (type: string) => boolean };

/** Promises that go on so soon after the last callback, in ms, are not looked at closer. */
const UNSEEN_MS = 0.5;

const utilization = performance.eventLoopUtilization.bind(performance);

/** How long the event loop has idled so far; too little, for the profiler's signals interrupt it, but never unchanged when it has. */
const idleMs = (): number => utilization().idle;

/** What runs, the innermost last. */
type Running = { readonly outermost: Context; readonly stack: Context[]; current: Context; lastSeen: number; idleSeen: number };

/** Switches the hooks on. What they are told of is in the accounts. */
function listen(clock: () => number): Accounts {
  const contexts = openContexts(clock);
  const accounts = openAccounts(clock);
  const testOf = new WeakMap<object, Account>();
  const outermost = rootContext();
  const running: Running = { outermost, stack: [], current: outermost, lastSeen: clock(), idleSeen: idleMs() };
  asyncHooks
    .createHook({
      init(id, type, _trigger, resource) {
        const account = type === 'Test' ? accounts.watch(resource as TestObject) : undefined;
        if (account !== undefined) testOf.set(resource, account);
        contexts.made(id, type, resource, running.current, account);
        if (!isWithinTurn(type)) accounts.made(running.current);
      },
      before(id) {
        const resource = asyncHooks.executionAsyncResource();
        const context = contexts.find(id, resource) ?? outermost;
        const at = clock();
        if (running.stack.length === 0) turnBegins(accounts, running, context, at);
        running.stack.push(running.current);
        running.current = context;
        const account = context.type === 'Test' ? testOf.get(resource) : undefined;
        if (account !== undefined) accounts.call(account, at);
        accounts.enter(context, at);
      },
      after() {
        running.current = running.stack.pop() ?? outermost;
        if (running.stack.length === 0) running.lastSeen = clock();
      },
    })
    .enable();
  return accounts;
}

/**
 * At the bottom of the stack the event loop has called: what nothing ran in ends here. Promises mostly go on in the turn before, even when a
 * busy machine makes them late; only when the loop has idled since were they brought on by something that has no hooks.
 */
function turnBegins(accounts: Accounts, running: Running, context: Context, at: number): void {
  const { lastSeen, outermost, idleSeen } = running;
  const isTurn = !context.isMicro && !isWithinTurn(context.type);
  if (!isTurn && at - lastSeen < UNSEEN_MS) return;
  running.idleSeen = idleMs();
  if (!isTurn && running.idleSeen === idleSeen) return;
  accounts.leave(lastSeen);
  accounts.wake(isTurn ? context : outermost, lastSeen, at);
}

module.exports = { listen };
