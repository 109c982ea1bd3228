// The seam. Everything the engine learns from, or does to, the outside passes through one of these
// objects; production and simulation differ in nothing else. It is handed to constructors, never
// global. One Environment is one host: what it holds in memory dies with that host.

import type { Clock } from './clock.ts';
import type { FileSystem } from './filesystem.ts';
import type { ForeignServices } from './foreign-services.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';

export interface Environment {
  readonly clock: Clock;
  readonly network: Network;
  readonly filesystem: FileSystem;
  readonly random: Random;
  /** What lies outside the host: HTTP, an embedded store. Not every host has them. */
  readonly services?: ForeignServices;
  /**
   * Announces that this host's code has just started promises of its own, so that a simulator lets
   * their continuations run before its next step. Whoever starts asynchronous work calls it, which
   * in the engine is one place: ActorSystem.io. Does nothing in production.
   */
  expectContinuations(): void;
}
