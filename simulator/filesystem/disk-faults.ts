// What can go wrong with a disk, as handles that start and heal. Each fault owns its dice, so that
// adding one leaves the others' draws alone, and what was injected is counted by name.

import { FileSystemError, type FileSystemErrorCode } from '../../engine/environment/filesystem.ts';
import type { Random } from '../../engine/environment/random.ts';

export type DiskOperation =
  | 'read'
  | 'write'
  | 'create'
  | 'append'
  | 'truncate'
  | 'sync'
  | 'rename'
  | 'link'
  | 'remove'
  | 'make directory'
  | 'list'
  | 'status';

export interface FaultHandle {
  /** Ends the fault; what it has broken stays broken. Again does nothing. */
  heal(): void;
}

export interface FaultScope {
  /** Paths that start with this; all, if absent. */
  readonly prefix?: string;
  /** Chance of each call to fail; 1, if absent. */
  readonly probability?: number;
  /** Heals by itself after so many failures; never, if absent. */
  readonly countMax?: number;
  /** Told of every file that holds other bytes than it was given, or is read as if it did. */
  readonly damaged?: (path: string) => void;
}

/**
 * What nobody is told. 'short-io': a call takes or gives only a first part. 'lost-write': a sync
 * says that it is done, and the device never got the data. 'misdirected-write': the data replaces
 * that of another file. 'stale-read': what the file of this name was before it was replaced.
 */
export type SilentFault = 'short-io' | 'lost-write' | 'misdirected-write' | 'stale-read';

export interface InjectedError {
  readonly error: FileSystemError;
  /** Whether the failed call may have been applied in part. */
  readonly mayApply: boolean;
}

interface Rule {
  readonly name: string;
  readonly code: FileSystemErrorCode;
  readonly operations: ReadonlySet<DiskOperation>;
  readonly scope: FaultScope;
  readonly dice: Random;
  failureCount: number;
}

const NEEDS_SPACE: readonly DiskOperation[] = [
  'write',
  'create',
  'append',
  'sync',
  'rename',
  'link',
  'make directory',
];
const CHANGES: readonly DiskOperation[] = [...NEEDS_SPACE, 'truncate', 'remove'];
const FAILS_ANYWHERE: readonly DiskOperation[] = [...CHANGES, 'read', 'list', 'status'];

const STORES: readonly DiskOperation[] = ['write', 'create', 'append'];
const SILENT_OPERATIONS: Readonly<Record<SilentFault, readonly DiskOperation[]>> = {
  'short-io': [...STORES, 'read'],
  'lost-write': ['sync'],
  'misdirected-write': STORES,
  'stale-read': ['read'],
};

export class DiskFaults {
  readonly #random: Random;
  readonly #rules = new Set<Rule>();
  readonly #silent = new Set<Rule>();
  readonly #slowdowns = new Set<{ readonly factor: number }>();
  readonly #counters = new Map<string, number>();
  #ruleCount = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The next sync of a path in `prefix` fails with EIO and leaves the pages clean. */
  failNextSync(prefix = '/'): FaultHandle {
    return this.syncFailure({ prefix, countMax: 1 });
  }

  /** Syncs fail with EIO; the data they should have made durable never will be. */
  syncFailure(scope: FaultScope = {}): FaultHandle {
    return this.#add('sync-failure', 'EIO', ['sync'], scope);
  }

  /** Calls fail with EIO; changes may have been applied in part. */
  ioError(scope: FaultScope = {}, operations = FAILS_ANYWHERE): FaultHandle {
    return this.#add('io-error', 'EIO', operations, scope);
  }

  /** Everything that needs space fails with ENOSPC, syncs included: allocation is delayed. */
  noSpace(scope: FaultScope = {}): FaultHandle {
    return this.#add('no-space', 'ENOSPC', NEEDS_SPACE, scope);
  }

  /** Every change fails with EROFS, and so does a sync that would have to write. */
  readOnly(scope: FaultScope = {}): FaultHandle {
    return this.#add('read-only', 'EROFS', CHANGES, scope);
  }

  /** Something goes wrong behind everybody's back. */
  silently(name: SilentFault, scope: FaultScope = {}): FaultHandle {
    const operations = new Set(SILENT_OPERATIONS[name]);
    return this.#begin(this.#silent, { name, code: 'EIO', operations, scope });
  }

  /** Multiplies all latencies; of several at a time, the greatest counts. */
  slow(factor: number): FaultHandle {
    const slowdown = { factor };
    this.#slowdowns.add(slowdown);
    return { heal: () => void this.#slowdowns.delete(slowdown) };
  }

  get latencyFactor(): number {
    let greatest = 1;
    for (const { factor } of this.#slowdowns) greatest = Math.max(greatest, factor);
    return greatest;
  }

  /** How often each fault struck, by name, ascending. */
  counters(): ReadonlyMap<string, number> {
    return new Map([...this.#counters].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  count(name: string): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + 1);
  }

  /** Decides whether this call fails. Every matching rule draws, whatever the others say. */
  strike(operation: DiskOperation, path: string): InjectedError | undefined {
    let struck: Rule | undefined;
    for (const rule of this.#rules) {
      if (!concerns(rule, operation, path)) continue;
      if (rule.dice.chance(rule.scope.probability ?? 1)) struck ??= rule;
    }
    if (struck === undefined) return undefined;
    this.#note(struck, this.#rules);
    const mayApply = struck.code !== 'EROFS';
    return { error: new FileSystemError(struck.code, operation, path), mayApply };
  }

  /**
   * Whether such a thing happens to this call, which `isPossible` has found that it can. Returns
   * what is to be told of every file that is damaged.
   */
  hit(
    name: SilentFault,
    operation: DiskOperation,
    path: string,
    isPossible = true,
  ): ((path: string) => void) | undefined {
    for (const rule of this.#silent) {
      if (rule.name !== name || !concerns(rule, operation, path)) continue;
      if (!rule.dice.chance(rule.scope.probability ?? 1) || !isPossible) continue;
      this.#note(rule, this.#silent);
      return rule.scope.damaged ?? (() => undefined);
    }
    return undefined;
  }

  #note(rule: Rule, rules: Set<Rule>): void {
    this.count(rule.name);
    rule.failureCount += 1;
    if (rule.failureCount >= (rule.scope.countMax ?? Infinity)) rules.delete(rule);
  }

  #add(
    name: string,
    code: FileSystemErrorCode,
    operations: readonly DiskOperation[],
    scope: FaultScope,
  ): FaultHandle {
    return this.#begin(this.#rules, { name, code, operations: new Set(operations), scope });
  }

  #begin(rules: Set<Rule>, what: Omit<Rule, 'dice' | 'failureCount'>): FaultHandle {
    const dice = this.#random.fork(`${what.name} ${this.#ruleCount++}`);
    const rule = { ...what, dice, failureCount: 0 };
    rules.add(rule);
    return { heal: () => void rules.delete(rule) };
  }
}

function concerns({ operations, scope }: Rule, operation: DiskOperation, path: string): boolean {
  return operations.has(operation) && path.startsWith(scope.prefix ?? '/');
}
