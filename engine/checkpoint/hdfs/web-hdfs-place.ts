// Places in HDFS as people write them: `webhdfs://namenode:9870,other:9870/path?user.name=flink`.
// Several hosts are the NameNodes of one cluster, in any order: which one is active is found out.

import { OnceproofError } from '../../core/errors.ts';

export interface WebHdfsPlace {
  /** `http://namenode:9870`, without a slash at its end. */
  readonly nameNodes: readonly string[];
  /** Absolute, without a slash at its end; '/' is the root. */
  readonly path: string;
  readonly user?: string;
  readonly delegationToken?: string;
}

const PLACE = /^(webhdfs|swebhdfs):\/\/([^/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/;
const HOST = /^[A-Za-z0-9_.-]+(?::[0-9]{1,5})?$/;
/** Of a NameNode since Hadoop 3. */
const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['webhdfs', '9870'],
  ['swebhdfs', '9871'],
]);

/** OP-E540 for what is no such place. */
export function parseWebHdfsPlace(place: string): WebHdfsPlace {
  const [, scheme = '', authority = '', path = '/', query = ''] = PLACE.exec(place) ?? [];
  const hosts = authority.split(',');
  if (!hosts.every((host) => HOST.test(host))) throw noPlace(place);
  const protocol = scheme === 'swebhdfs' ? 'https' : 'http';
  const port = DEFAULT_PORTS.get(scheme) ?? '';
  const parameters = parametersOf(query);
  const user = parameters.get('user.name');
  const delegationToken = parameters.get('delegation');
  for (const name of parameters.keys()) {
    if (name !== 'user.name' && name !== 'delegation') throw noPlace(place);
  }
  return {
    nameNodes: hosts.map(
      (host) => `${protocol}://${host.includes(':') ? host : `${host}:${port}`}`,
    ),
    path: trimmed(decoded(path, place)),
    ...(user === undefined ? {} : { user: decoded(user, place) }),
    ...(delegationToken === undefined ? {} : { delegationToken: decoded(delegationToken, place) }),
  };
}

/** Without user and token: what a person may see in a log. */
export function printWebHdfsPlace(nameNodes: readonly string[], path: string): string {
  const scheme = nameNodes[0]?.startsWith('https:') === true ? 'swebhdfs' : 'webhdfs';
  return `${scheme}://${nameNodes.map(hostOf).join(',')}${encodePath(path)}`;
}

/** The path, if the place is in a cluster with one of these NameNodes, or is a path already. */
export function pathInCluster(nameNodes: readonly string[], place: string): string | undefined {
  if (place.startsWith('/')) return place;
  if (!PLACE.test(place)) return undefined;
  const parsed = parseWebHdfsPlace(place);
  return parsed.nameNodes.some((node) => nameNodes.includes(node)) ? parsed.path : undefined;
}

export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function hostOf(nameNode: string): string {
  return nameNode.replace(/^https?:\/\//, '');
}

function trimmed(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const pairs = query.split('&').filter((part) => part !== '');
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function decoded(text: string, place: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw noPlace(place, error);
  }
}

function noPlace(place: string, cause?: unknown): OnceproofError {
  return new OnceproofError('OP-E540', `Cannot use "${place}" as a place in HDFS`, {
    place,
    remedy:
      'Write webhdfs://<namenode>:<http port>[,<namenode>:<http port>]/<path>?user.name=<user>',
    cause,
  });
}
