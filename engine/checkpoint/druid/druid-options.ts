// What a user may say of a Druid cluster, with the defaults, and the errors that all clients of it
// share.

import { OnceproofError } from '../../core/errors.ts';
import { FileSystemError } from '../../environment/filesystem.ts';

export interface DruidOptions {
  /** The router, which passes on to the others: `http://router:8888`. */
  readonly url: string;
  /** Where there is no router, or it does not pass on management requests. Default: `url`. */
  readonly coordinatorUrl?: string;
  /** Default: `coordinatorUrl`, for they are usually one process. */
  readonly overlordUrl?: string;
  /** Default: `url`. */
  readonly brokerUrl?: string;
  /** HTTP basic authentication. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Begins the names of all our datasources. Default: 'onceproof_'. */
  readonly datasourcePrefix?: string;
  /** How long one request may take before it is made again. Default: 15,000. */
  readonly requestTimeoutMs?: number;
  /** How long requests are repeated while Druid cannot be reached. Default: 120,000. */
  readonly retryForMs?: number;
  /** How long a task may take, waiting included. Default: 600,000. */
  readonly taskTimeoutMs?: number;
  /** How long a restore waits until published rows can be queried. Default: 120,000. */
  readonly visibilityTimeoutMs?: number;
  /**
   * Rows are sent in tasks of about this size. Default: 4 MiB. Below 512 KiB where the Overlord
   * hands out tasks through ZooKeeper.
   */
  readonly taskBytes?: number;
  /** Remove from deep storage what is no longer needed, not only from view. Default: true. */
  readonly deleteUnused?: boolean;
}

export interface DruidSettings extends Required<Omit<DruidOptions, 'user'>> {
  readonly user: DruidOptions['user'] | undefined;
}

const PREFIX = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** OP-E561 for options that cannot work. */
export function druidSettings(options: DruidOptions): DruidSettings {
  const url = checkedUrl(options.url);
  const coordinatorUrl = checkedUrl(options.coordinatorUrl ?? url);
  const datasourcePrefix = options.datasourcePrefix ?? 'onceproof_';
  if (!PREFIX.test(datasourcePrefix)) {
    throw wrongOption(datasourcePrefix, 'Take up to 32 letters, digits, "_" and "-" as prefix');
  }
  return {
    url,
    coordinatorUrl,
    overlordUrl: checkedUrl(options.overlordUrl ?? coordinatorUrl),
    brokerUrl: checkedUrl(options.brokerUrl ?? url),
    user: options.user,
    datasourcePrefix,
    requestTimeoutMs: options.requestTimeoutMs ?? 15_000,
    retryForMs: options.retryForMs ?? 120_000,
    taskTimeoutMs: options.taskTimeoutMs ?? 600_000,
    visibilityTimeoutMs: options.visibilityTimeoutMs ?? 120_000,
    taskBytes: options.taskBytes ?? 4 * 1024 * 1024,
    deleteUnused: options.deleteUnused ?? true,
  };
}

/** Nothing is known then, so callers try again later. */
export function unreachable(operation: string, place: string, cause: unknown): FileSystemError {
  return new FileSystemError('EIO', operation, place, cause);
}

/** What Druid answered, in its own words. */
export function refused(operation: string, place: string, answer: string): OnceproofError {
  return new OnceproofError('OP-E560', `Druid refuses to ${operation}: ${answer}`, {
    place,
    remedy: 'See the logs of the Overlord and the Coordinator, and that the user may do this',
  });
}

function checkedUrl(url: string): string {
  const bare = url.replace(/\/+$/, '').replace(/^druid:/, 'http:');
  if (/^https?:\/\/[^/?#\s]+$/.test(bare)) return bare;
  throw wrongOption(url, 'Give the address of a Druid process as druid://host:port or https://...');
}

function wrongOption(place: string, remedy: string): OnceproofError {
  return new OnceproofError('OP-E561', 'Cannot use Druid as it is configured', { place, remedy });
}
