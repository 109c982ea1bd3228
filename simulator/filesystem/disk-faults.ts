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
}

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

export class DiskFaults {
  readonly #random: Random;
  readonly #rules = new Set<Rule>();
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

  /** Multiplies all latencies. */
  slow(factor: number): FaultHandle {
    const slowdown = { factor };
    this.#slowdowns.add(slowdown);
    return { heal: () => void this.#slowdowns.delete(slowdown) };
  }

  get latencyFactor(): number {
    let product = 1;
    for (const { factor } of this.#slowdowns) product *= factor;
    return product;
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
      if (!rule.operations.has(operation) || !path.startsWith(rule.scope.prefix ?? '/')) continue;
      if (rule.dice.chance(rule.scope.probability ?? 1)) struck ??= rule;
    }
    if (struck === undefined) return undefined;
    this.count(struck.name);
    struck.failureCount += 1;
    if (struck.failureCount >= (struck.scope.countMax ?? Infinity)) this.#rules.delete(struck);
    const mayApply = struck.code !== 'EROFS';
    return { error: new FileSystemError(struck.code, operation, path), mayApply };
  }

  #add(
    name: string,
    code: FileSystemErrorCode,
    operations: readonly DiskOperation[],
    scope: FaultScope,
  ): FaultHandle {
    const dice = this.#random.fork(`${name} ${this.#ruleCount++}`);
    const rule = { name, code, operations: new Set(operations), scope, dice, failureCount: 0 };
    this.#rules.add(rule);
    return { heal: () => void this.#rules.delete(rule) };
  }
}
