// The ambient guard: while code of a simulated host runs, every ambient source of Node throws
// OP-E210 with the caller's file and line and the replacement; at all other times it works as ever.
// One process, one guard. It finds mistakes; it is no sandbox against code that means harm.

import { OnceproofError } from '../../engine/core/errors.ts';
import type { StepScope } from '../kernel/scope.ts';
import { AMBIENT_GROUPS, type AmbientGroup } from './ambient-sources.ts';
import { callingFile, callPlace } from './call-place.ts';

export interface AmbientGuard extends StepScope {
  /** Names of what is trapped on this version of Node. */
  readonly sources: readonly string[];
  /** Puts everything back. */
  restore(): void;
}

type Callable = (...values: readonly unknown[]) => unknown;
type Holder = Record<PropertyKey, unknown>;

/** The little of Node that the guard itself needs, taken before anything is replaced. */
interface NodeProcess {
  readonly getBuiltinModule: (name: string) => Holder | undefined;
}

const OWN_FILE = callingFile();
const node = (globalThis as unknown as { readonly process: NodeProcess }).process;
const builtin = node.getBuiltinModule.bind(node);

/** Installs the traps for the whole process; they spring only between `enter` and `leave`. */
export function installGuard(): AmbientGuard {
  const state = new GuardState();
  const traps = new Traps(state);
  for (const group of AMBIENT_GROUPS) traps.set(group);
  syncExports();
  return {
    sources: traps.names,
    enter: () => state.activate(true),
    leave: () => state.activate(false),
    unguarded: (work) => state.unguarded(work),
    takeViolation: () => state.takeViolation(),
    restore: () => {
      traps.undo();
      syncExports();
    },
  };
}

class GuardState {
  #isActive = false;
  #violation: OnceproofError | undefined;

  activate(isActive: boolean): void {
    this.#isActive = isActive;
  }

  unguarded<T>(work: () => T): T {
    const wasActive = this.#isActive;
    this.#isActive = false;
    try {
      return work();
    } finally {
      this.#isActive = wasActive;
    }
  }

  /** Throws if code of a host is running. The host may swallow that, so it is kept as well. */
  check(name: string, replacement: string): void {
    if (!this.#isActive) return;
    const place = this.unguarded(() => callPlace(OWN_FILE));
    const violation = new OnceproofError('OP-E210', `Cannot use ${name} in a simulated host`, {
      place,
      remedy: replacement,
    });
    this.#violation ??= violation;
    throw violation;
  }

  takeViolation(): OnceproofError | undefined {
    const violation = this.#violation;
    this.#violation = undefined;
    return violation;
  }
}

class Traps {
  readonly names: string[] = [];
  readonly #state: GuardState;
  readonly #undos: (() => void)[] = [];

  constructor(state: GuardState) {
    this.#state = state;
  }

  set(group: AmbientGroup): void {
    const holder = holderOf(group.holder);
    // Older and newer versions of Node lack some of them.
    if (holder === undefined) return;
    for (const member of group.members ?? functionsOf(holder)) {
      const name = group.holder === 'globalThis' ? member : `${group.holder}.${member}`;
      this.#replace({ holder, member, name, replacement: group.replacement });
    }
  }

  undo(): void {
    for (const undo of this.#undos.splice(0).reverse()) undo();
  }

  #replace(source: Source): void {
    // Some members of modules replace themselves when they are first read: let them do it now.
    if (source.name.startsWith('node:')) Reflect.get(source.holder, source.member);
    const found = findProperty(source.holder, source.member);
    if (found?.descriptor.configurable !== true) return;
    const { owner, descriptor } = found;
    Object.defineProperty(owner, source.member, this.#trapped(source, descriptor));
    this.names.push(source.name);
    this.#undos.push(() => Object.defineProperty(owner, source.member, descriptor));
  }

  #trapped(source: Source, descriptor: PropertyDescriptor): PropertyDescriptor {
    const check = () => this.#state.check(source.name, source.replacement);
    const value: unknown = descriptor.value;
    const isPlain = 'value' in descriptor;
    if (typeof value === 'function') {
      const trap = source.name === 'Date' ? trapDate : trapCalls;
      return { ...descriptor, value: trap(value as Callable, check) };
    }
    const { configurable = true, enumerable = false } = descriptor;
    // The original property lives on in here, with its getter, its setter and its value.
    const original: object = Object.create(null, { own: descriptor }) as object;
    return {
      configurable,
      enumerable,
      get(this: unknown): unknown {
        check();
        return Reflect.get(original, 'own', isPlain ? original : this);
      },
      set(this: unknown, next: unknown) {
        Reflect.set(original, 'own', next, isPlain ? original : this);
      },
    };
  }
}

interface Source {
  readonly holder: Holder;
  readonly member: string;
  readonly name: string;
  readonly replacement: string;
}

function trapCalls(original: Callable, check: () => void): unknown {
  return new Proxy(original, {
    apply(target, self, values) {
      check();
      return Reflect.apply(target, self, values);
    },
    construct(target, values, newTarget) {
      check();
      return Reflect.construct(target, values, newTarget) as object;
    },
  });
}

/** A date made from a number or a text says nothing about now. */
function trapDate(original: Callable, check: () => void): unknown {
  return new Proxy(original, {
    apply(target, self, values) {
      check();
      return Reflect.apply(target, self, values);
    },
    construct(target, values, newTarget) {
      if (values.length === 0) check();
      return Reflect.construct(target, values, newTarget) as object;
    },
  });
}

function holderOf(path: string): Holder | undefined {
  const [first = '', ...rest] = path.split('.');
  const isModule = first.startsWith('node:');
  let holder: unknown = isModule ? builtin(first) : globalThis;
  if (!isModule && first !== 'globalThis') rest.unshift(first);
  for (const name of rest) {
    if (!isHolder(holder)) return undefined;
    holder = holder[name];
  }
  return isHolder(holder) ? holder : undefined;
}

function isHolder(value: unknown): value is Holder {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function functionsOf(holder: Holder): readonly string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(holder))
    .filter(([, descriptor]) => typeof descriptor.value === 'function')
    .map(([name]) => name);
}

function findProperty(
  holder: Holder,
  name: string,
): { readonly owner: Holder; readonly descriptor: PropertyDescriptor } | undefined {
  let owner: unknown = holder;
  while (isHolder(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor !== undefined) return { owner, descriptor };
    owner = Object.getPrototypeOf(owner);
  }
  return undefined;
}

/** Named imports of built-in modules see a replaced property only after this. */
function syncExports(): void {
  const sync = builtin('node:module')?.['syncBuiltinESMExports'];
  if (typeof sync === 'function') Reflect.apply(sync, undefined, []);
}
