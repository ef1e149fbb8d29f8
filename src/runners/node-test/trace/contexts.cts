// Knows for every async resource whose code made it and where. Part of the tracing preload.

type Context = import('./record.ts').Context;
type Contexts = import('./record.ts').Contexts;
type Account = import('./record.ts').Account;
type TimerResource = { _idleTimeout?: number; _repeat?: number | null };

const { capture } = require('./sites.cjs') as { capture: () => Error | null };

/** Origins kept behind a resource: a timer that sets the next one for ever must not keep them all. */
const MOST_HOPS = 10;
const PARSER = /^HTTP(?:INCOMINGMESSAGE|CLIENTREQUEST)$/;
const CHILD = /^(?:PROCESSWRAP|PIPEWRAP)$/;

// oxlint-disable-next-line typescript/no-extraneous-class -- a class is the one way to that
class Itself {
  constructor(object: object) {
    // oxlint-disable-next-line no-constructor-return -- the way to put a private field on an object that is there
    return object;
  }
}

/** Puts a context on a resource where no code but ours can see it, and which goes when the resource goes. */
class Stamp extends Itself {
  #context: Context | null = null;
  static put(resource: object, context: Context): void {
    const stamped = #context in resource ? resource : new Stamp(resource);
    stamped.#context = context;
  }
  static on(resource: object): Context | null {
    return #context in resource ? resource.#context : null;
  }
}

type Groups = { readonly of: (type: string, current: Context) => object; readonly isOfChild: (type: string) => boolean };

/** A child process has its pipes, a thread its ports: they are made together, and count as one. */
function openGroups(): Groups {
  let lastChild: object | null = null;
  let lastThread: { readonly group: object; readonly madeIn: Context } | null = null;
  return {
    isOfChild: (type) => type === 'PIPEWRAP' && lastChild !== null,
    of(type, current) {
      if (!CHILD.test(type)) lastChild = null;
      if (type === 'PIPEWRAP' && lastChild !== null) return lastChild;
      if (type === 'MESSAGEPORT' && lastThread?.madeIn === current) return lastThread.group;
      const group = {};
      if (type === 'PROCESSWRAP') lastChild = group;
      if (type === 'WORKER') lastThread = { group, madeIn: current };
      return group;
    },
  };
}

/** What is being executed, and what is made meanwhile. */
function openContexts(clock: () => number): Contexts {
  // Node runs a parser's callbacks under another object than the one that it announced.
  const parsers = new Map<number, Context>();
  const groups = openGroups();

  const contextOf = (type: string, resource: object, current: Context, owner: Account | null): Context => {
    const origin = current.isMicro ? current.origin : current;
    const hops = origin === null || origin.hops >= MOST_HOPS ? 0 : origin.hops + 1;
    const { _idleTimeout: delay = 0, _repeat: repeat = null }: TimerResource = type === 'Timeout' ? resource : {};
    return {
      isMicro: false,
      owner,
      type: groups.isOfChild(type) ? 'PROCESSWRAP' : type,
      made: type === 'Test' || type === 'Immediate' ? null : capture(),
      origin: hops === 0 ? null : origin,
      hops,
      group: groups.of(type, current),
      delay,
      due: clock() + delay,
      repeats: repeat !== null,
      micro: null,
    };
  };

  return {
    made(id, type, resource, current, owner) {
      if (type === 'PROMISE' && owner === undefined) return Stamp.put(resource, microOf(current));
      const context = contextOf(type, resource, current, owner ?? current.owner);
      Stamp.put(resource, context);
      if (PARSER.test(type)) parsers.set(id, context);
      return undefined;
    },
    find: (id, resource) => parsers.get(id) ?? Stamp.on(resource),
  };
}

/** The one context of all promises made in a callback. */
function microOf(current: Context): Context {
  if (current.isMicro) return current;
  current.micro ??= { ...current, isMicro: true, made: null, origin: current };
  return current.micro;
}

/** Code that belongs to no resource: the main script. */
function rootContext(): Context {
  return {
    isMicro: false,
    owner: null,
    type: '',
    made: null,
    origin: null,
    hops: 0,
    group: {},
    delay: 0,
    due: 0,
    repeats: false,
    micro: null,
  };
}

module.exports = { openContexts, rootContext };
