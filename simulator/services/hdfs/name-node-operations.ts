// The operations of WebHDFS that an active NameNode carries out, or sends on to a DataNode.

import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import type { ActiveNameNode } from './active-name-node.ts';
import type { DataNodes } from './data-nodes.ts';
import { HdfsException, jsonAnswer } from './hdfs-exception.ts';
import {
  booleanAnswer,
  listAnswer,
  redirectAnswer,
  statusAnswer,
  summaryAnswer,
} from './name-node-answers.ts';
import { checkDelete, checkMkdirs, checkOldRename, checkRename } from './name-checks.ts';
import type { Inode } from './name-space.ts';
import { checkedPath, flagOf, numberOf, type WebHdfsRequest } from './web-hdfs-request.ts';

export interface OperationContext {
  readonly active: ActiveNameNode;
  readonly dataNodes: DataNodes;
  /** Where a DataNode asks for more: `namenode:8020`, or the name of the pair. */
  readonly rpcAddress: string;
  readonly blockSizeBytes: number;
  /** Refuses where nothing may be changed yet. */
  readonly checkSafeMode: (what: string) => void;
}

export async function carryOut(
  context: OperationContext,
  request: WebHdfsRequest,
): Promise<HttpResponse> {
  const { active } = context;
  const { operation, path } = request;
  const [method] = operation.split(' ');
  if (method === 'GET') {
    const answer = look(context, request);
    await active.confirm();
    return answer;
  }
  const isReferral = operation === 'PUT CREATE' || operation === 'POST APPEND';
  // The DataNode will learn it.
  if (!isReferral) context.checkSafeMode(`${operation} ${path}`);
  switch (operation) {
    case 'PUT MKDIRS':
      await active.edit(() => checkMkdirs(active, path, request.user));
      return booleanAnswer(true);
    case 'PUT RENAME':
      return rename(active, request);
    case 'DELETE DELETE': {
      const isRecursive = flagOf(request, 'recursive', false);
      const removed = await active.edit(() => checkDelete(active, path, isRecursive));
      return booleanAnswer(removed !== undefined);
    }
    case 'POST TRUNCATE': {
      const length = numberOf(request, 'newlength') ?? 0;
      return booleanAnswer(await active.truncate(path, length, isAtBoundary(length)));
    }
    case 'PUT CREATE':
    case 'POST APPEND': {
      if (operation === 'POST APPEND') active.nameSpace.getFile(path);
      const answer = redirect(context, request);
      await active.confirm();
      return answer;
    }
    default:
      throw unknown(operation);
  }
}

function look(context: OperationContext, request: WebHdfsRequest): HttpResponse {
  const { active, blockSizeBytes } = context;
  const { nameSpace } = active;
  const shown = { blockSizeBytes, lengthOf: (inode: Inode) => active.lengthOf(inode) };
  const { operation, path, user } = request;
  switch (operation) {
    case 'GET GETFILESTATUS':
      return statusAnswer(nameSpace.get(path), shown);
    case 'GET LISTSTATUS':
      return listAnswer(nameSpace.get(path), shown);
    case 'GET GETCONTENTSUMMARY':
      return summaryAnswer(nameSpace.get(path));
    case 'GET GETHOMEDIRECTORY':
      return jsonAnswer({ Path: `/user/${user}` });
    case 'GET OPEN': {
      // Of a directory too: the DataNode finds that it cannot be read.
      const length = active.lengthOf(nameSpace.get(path));
      const offset = numberOf(request, 'offset') ?? 0;
      if (offset >= length && length > 0) {
        const message = `Offset=${offset} out of the range [0, ${length}); OPEN, path=${path}`;
        throw new HdfsException('IOException', message);
      }
      return redirect(context, request);
    }
    case 'GET GETFILECHECKSUM':
      nameSpace.getFile(path);
      return redirect(context, request);
    default:
      throw unknown(operation);
  }
}

async function rename(active: ActiveNameNode, request: WebHdfsRequest): Promise<HttpResponse> {
  const { path, parameters } = request;
  const to = checkedPath(parameters.get('destination') ?? '');
  const options = parameters.get('renameoptions')?.toUpperCase();
  if (options === undefined) {
    const renamed = await active.edit(() => checkOldRename(active, path, to));
    return booleanAnswer(renamed !== undefined);
  }
  if (options !== 'NONE') throw unknown(`RENAME with ${options}`);
  await active.edit(() => checkRename(active, path, to));
  const headers = new Map([['content-type', 'application/octet-stream']]);
  return { status: 200, headers, body: new Uint8Array() };
}

function redirect(context: OperationContext, request: WebHdfsRequest): HttpResponse {
  const { active, dataNodes, rpcAddress } = context;
  const dataNode = dataNodes.choose(active.nameSpace.find(request.path));
  const pairs = [...request.parameters].filter(([name]) => name !== 'noredirect');
  pairs.push(['namenoderpcaddress', rpcAddress]);
  const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const location = `http://${dataNode}:9864/webhdfs/v1${request.encodedPath}?${query}`;
  return redirectAnswer(location, flagOf(request, 'noredirect', false));
}

/** Where a cut goes between two blocks, no copy has to be changed. */
function isAtBoundary(
  length: number,
): (file: { readonly blocks: readonly { length: number }[] }) => boolean {
  return ({ blocks }) => {
    let at = 0;
    return length === 0 || blocks.some((block) => (at += block.length) === length);
  };
}

function unknown(operation: string): HdfsException {
  const [method, op] = operation.split(' ');
  const message = `Invalid value for webhdfs parameter "op": No enum constant ${method} ${op}`;
  return new HdfsException('IllegalArgumentException', message);
}
