// Listens to async hooks: when which resource is made, and when its callbacks run. Part of the tracing preload.
const asyncHooks: typeof import('node:async_hooks') = require('node:async_hooks');
const path: typeof import('node:path') = require('node:path');

type Account = import('./record.ts').Account;
type Accounts = import('./record.ts').Accounts;
type Context = import('./record.ts').Context;
type Contexts = import('./record.ts').Contexts;
type TestObject = import('./record.ts').TestObject;

const { openContexts, rootContext } = require(path.join(__dirname, 'contexts.cjs')) as {
  openContexts: (clock: () => number) => Contexts;
  rootContext: () => Context;
};
const { openAccounts } = require(path.join(__dirname, 'accounts.cjs')) as { openAccounts: (clock: () => number) => Accounts };
const { isWithinTurn } = require(path.join(__dirname, 'kinds.cjs')) as { isWithinTurn: (type: string) => boolean };

/** Promises that go on so long after the last callback were brought on by something that has no hooks, or by the main script. */
const UNSEEN_MS = 0.5;

/** What runs, the innermost last. */
type Running = { readonly outermost: Context; readonly stack: Context[]; current: Context; lastSeen: number };

/** Switches the hooks on. What they are told of is in the accounts. */
function listen(clock: () => number): Accounts {
  const contexts = openContexts(clock);
  const accounts = openAccounts(clock);
  const testOf = new WeakMap<object, Account>();
  const outermost = rootContext();
  const running: Running = { outermost, stack: [], current: outermost, lastSeen: clock() };
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

/** At the bottom of the stack the event loop has called: what nothing ran in ends here. Promises mostly go on in the turn before. */
function turnBegins(accounts: Accounts, { lastSeen, outermost }: Running, context: Context, at: number): void {
  const isTurn = !context.isMicro && !isWithinTurn(context.type);
  if (!isTurn && at - lastSeen < UNSEEN_MS) return;
  accounts.leave(lastSeen);
  accounts.wake(isTurn ? context : outermost, lastSeen, at);
}

module.exports = { listen };
