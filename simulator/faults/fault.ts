// Faults as data: a fault can be printed, compared, shrunk and pasted into a regression. Times are
// integer milliseconds of virtual time. Saying what a fault does to a world is `apply-plan.ts`'s.

import type { Address } from '../../engine/environment/network.ts';
import type { SilentFault } from '../filesystem/disk-faults.ts';
import type { HttpErrorAnswer } from '../services/http-service.ts';

/** A point in a run that a scenario announces by `world.mark`: `checkpoint-completed`, 3rd time. */
export interface Mark {
  readonly mark: string;
  /** Counted from 1. */
  readonly nth: number;
}

/** Times of a fault count from 0, or from `after`: then it fires on an event, not on a tick. */
interface Staged {
  readonly after?: Mark;
}

/** `fromMs` is inside the window, `toMs` is not. */
interface Window extends Staged {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A fault of the world itself: processes, network, clocks. */
export type WorldFault =
  /**
   * A power loss between two steps of one exact run: the same scenario, backend and seed, of the
   * same engine. For enumerating points of a run; anywhere else the number means nothing.
   */
  | {
      readonly kind: 'crash-point';
      readonly host: Address;
      /** Counted from 1. */
      readonly beforeStep: number;
      readonly downMs: number;
      readonly after?: Mark;
    }
  /** `crash` is a power loss; `kill` takes the process only, its machine keeps what was written. */
  | (Staged & {
      readonly kind: 'crash' | 'kill';
      readonly host: Address;
      readonly atMs: number;
      readonly downMs: number;
    })
  /** The host freezes and wakes as a zombie: others may have replaced it meanwhile. */
  | (Staged & {
      readonly kind: 'pause';
      readonly host: Address;
      readonly atMs: number;
      readonly forMs: number;
    })
  /** A crash whose restart is slow: the new process does nothing for `slowMs` after it began. */
  | (Staged & {
      readonly kind: 'slow-start';
      readonly host: Address;
      readonly atMs: number;
      readonly downMs: number;
      readonly slowMs: number;
    })
  /** Heals `healMs` after it began. */
  | (Staged & {
      readonly kind: 'partition';
      readonly from: Address;
      readonly to: Address;
      readonly atMs: number;
      readonly healMs: number;
      readonly twoWay: boolean;
    })
  | (Window & { readonly kind: 'loss'; readonly oneIn: number })
  | (Window & { readonly kind: 'duplicate'; readonly oneIn: number; readonly maxMs: number })
  | (Window & { readonly kind: 'reorder'; readonly oneIn: number; readonly maxMs: number })
  /** Everything from and to `host` takes this much longer. */
  | (Window & { readonly kind: 'latency'; readonly host: Address; readonly addMs: number })
  /** One way holds its messages and delivers them all, in order, at the end of the window. */
  | (Window & { readonly kind: 'clog'; readonly from: Address; readonly to: Address })
  /**
   * FoundationDB's swizzled clog: all links of one host after the other, evenly over the first half
   * of the window, hold their messages; over the second half they go on, in another order.
   */
  | (Window & {
      readonly kind: 'swizzle';
      readonly hosts: readonly Address[];
      /** The same hosts, in the order in which they go on. */
      readonly onward: readonly Address[];
    })
  /** Some bits of one message in `oneIn` are turned over on the way. */
  | (Window & { readonly kind: 'corruption'; readonly oneIn: number })
  /**
   * What is sent one way on connections from before the window vanishes, and nobody is told; new
   * connections work.
   */
  | (Window & { readonly kind: 'half-open'; readonly from: Address; readonly to: Address })
  /** `host` takes so long for every message that it receives. */
  | (Window & { readonly kind: 'slow-reader'; readonly host: Address; readonly eachMs: number })
  /**
   * `host` is short of memory: it has room for so many messages, gives the program one of them
   * every `drainMs`, and drops what finds no room.
   */
  | (Window & {
      readonly kind: 'memory-pressure';
      readonly host: Address;
      readonly room: number;
      readonly drainMs: number;
    })
  /** The date of `host` is wrong from its first moment on. */
  | (Staged & { readonly kind: 'clock-offset'; readonly host: Address; readonly byMs: number })
  /** A leap second: repeated at once, or spread over `smearMs`. */
  | (Staged & {
      readonly kind: 'clock-leap';
      readonly host: Address;
      readonly atMs: number;
      readonly smearMs: number;
    })
  /** The date of `host` stands still, and is right again afterwards. */
  | (Window & { readonly kind: 'clock-freeze'; readonly host: Address })
  | (Staged & {
      readonly kind: 'clock-step';
      readonly host: Address;
      readonly atMs: number;
      readonly byMs: number;
    })
  | (Window & { readonly kind: 'clock-drift'; readonly host: Address; readonly ppm: number });

/** A fault of a host's disk, for paths that start with `pathPrefix`. */
export type DiskFault =
  | (Window & {
      readonly kind: 'sync-failure' | 'no-space' | 'io-error' | SilentFault;
      readonly host: Address;
      readonly pathPrefix: string;
      /** One operation in `oneIn` is hit; 1 is all of them. */
      readonly oneIn: number;
    })
  /** Everything on the disk takes `factor` times as long. */
  | (Window & { readonly kind: 'slow-disk'; readonly host: Address; readonly factor: number })
  /** One bit of one file is another one from now on. */
  | (Staged & {
      readonly kind: 'bit-rot';
      readonly host: Address;
      readonly pathPrefix: string;
      readonly atMs: number;
    });

/** A fault of the service that answers HTTP on `host`: one request in `oneIn` is hit. */
export type ServiceFault =
  /** It is refused, without being carried out. */
  | (Window & {
      readonly kind: 'http-error';
      readonly host: Address;
      readonly oneIn: number;
      readonly answer: HttpErrorAnswer;
    })
  /** It is carried out, as far as the service got it, and its answer is lost. */
  | (Window & { readonly kind: 'http-lost'; readonly host: Address; readonly oneIn: number });

/**
 * What is done to an artefact. 'swap': exchanged with another one; 'stale': the content of an older
 * one; 'duplicate': its content twice over; 'wrong-length': a length in it is not the right one.
 */
export type Corruption =
  | 'bit-flip'
  | 'truncate'
  | 'missing'
  | 'swap'
  | 'stale'
  | 'duplicate'
  | 'wrong-length';

/** Damages what a checkpoint stored, after the checkpoint completed and before it is restored. */
export type CorruptionFault = Staged & {
  readonly kind: 'corrupt-checkpoint';
  /** Counted from 1: the damage is done after this many checkpoints were completed. */
  readonly afterCheckpoint: number;
  readonly artefact: 'newest' | 'any';
  readonly corruption: Corruption;
};

/**
 * What an operator does to the job that runs: no harm by itself, but everything else may go wrong
 * meanwhile. The world knows no jobs, so the caller carries it out.
 */
export type OperationFault =
  /** Taken beside the job, which goes on. */
  | (Staged & { readonly kind: 'savepoint'; readonly atMs: number })
  /** The job is submitted again, and goes on from it. */
  | (Staged & { readonly kind: 'stop-with-savepoint'; readonly atMs: number })
  /** 'failover': the JobManager dies, and the next one plans the job so. */
  | (Staged & {
      readonly kind: 'rescale';
      readonly atMs: number;
      readonly parallelism: number;
      readonly via: 'savepoint' | 'failover';
    })
  /** A new job goes on from the checkpoint that the canceled one has left. */
  | (Staged & { readonly kind: 'cancel'; readonly atMs: number })
  /** Stopped with a savepoint, from which the next version of the job goes on. */
  | (Staged & { readonly kind: 'upgrade'; readonly atMs: number })
  /** Stopped with a savepoint, from which the job goes on with its state in another backend. */
  | (Staged & { readonly kind: 'switch-backend'; readonly atMs: number; readonly backend: string });

/**
 * The engine does what it is free to do and hardly ever does: each time one of its hosts passes
 * `site`, once in `oneIn` times. No harm, but what comes of it may meet what is not prepared.
 */
export type ChoiceFault = Window & {
  readonly kind: 'buggify';
  readonly site: string;
  readonly oneIn: number;
};

/** A fault of the links: what happens to messages on their way. */
export type LinkFault = Extract<
  WorldFault,
  {
    kind:
      | 'loss'
      | 'duplicate'
      | 'reorder'
      | 'latency'
      | 'clog'
      | 'swizzle'
      | 'corruption'
      | 'half-open'
      | 'slow-reader'
      | 'memory-pressure';
  }
>;

export type Fault =
  | WorldFault
  | DiskFault
  | ServiceFault
  | CorruptionFault
  | OperationFault
  | ChoiceFault;
export type FaultKind = Fault['kind'];

/** Every kind, in the order of reports. */
export const FAULT_KINDS: readonly FaultKind[] = [
  'crash',
  'crash-point',
  'kill',
  'pause',
  'slow-start',
  'partition',
  'loss',
  'duplicate',
  'reorder',
  'latency',
  'clog',
  'swizzle',
  'corruption',
  'half-open',
  'slow-reader',
  'memory-pressure',
  'clock-offset',
  'clock-step',
  'clock-leap',
  'clock-freeze',
  'clock-drift',
  'sync-failure',
  'no-space',
  'io-error',
  'slow-disk',
  'short-io',
  'stale-read',
  'lost-write',
  'misdirected-write',
  'bit-rot',
  'corrupt-checkpoint',
  'http-error',
  'http-lost',
  'savepoint',
  'stop-with-savepoint',
  'rescale',
  'cancel',
  'upgrade',
  'switch-backend',
  'buggify',
];
