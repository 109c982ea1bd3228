// What DataNodes ask of an active NameNode while they write and read for a client, and what they
// tell both NameNodes about themselves.

import type { ActiveNameNode } from './active-name-node.ts';
import type { DataNodes } from './data-nodes.ts';
import { HdfsException } from './hdfs-exception.ts';
import type { Fields } from './hdfs-rpc.ts';
import { checkCreate, checkDelete } from './name-checks.ts';

export interface RpcContext {
  readonly dataNodes: DataNodes;
  /** StandbyException where there is none. */
  readonly active: () => ActiveNameNode;
  readonly checkSafeMode: (what: string) => void;
}

export async function answerRpc(
  context: RpcContext,
  method: string,
  fields: Fields,
): Promise<object> {
  const text = (name: string) => String(fields.get(name));
  const number = (name: string) => Number(fields.get(name));
  const active = context.active();
  switch (method) {
    case 'create':
      return create(context, {
        path: text('path'),
        owner: text('owner'),
        writer: text('writer'),
        createParent: fields.get('createParent') === true,
        overwrite: fields.get('overwrite') === true,
      });
    case 'append':
      context.checkSafeMode(`append to ${text('path')}`);
      return append(active, text('path'), text('writer'));
    case 'add-block': {
      const fileId = number('fileId');
      const writer = text('writer');
      const file = await active.edit(() => {
        active.leased(fileId, writer);
        return { op: 'add-block', fileId };
      });
      const block = file?.blocks.at(-1)?.id ?? 0;
      context.dataNodes.added(text('dataNode'), block);
      return { block };
    }
    case 'complete': {
      const fileId = number('fileId');
      const lengths = fields.get('lengths') as readonly number[];
      await active.edit(() => {
        active.leased(fileId, text('writer'));
        return { op: 'close', fileId, lengths };
      });
      return {};
    }
    case 'locations': {
      const { blocks } = active.nameSpace.getFile(text('path'));
      await active.confirm();
      return { blocks: blocks.map(({ id, length }) => [id, length]) };
    }
    default:
      throw new HdfsException('UnsupportedOperationException', `Unknown call ${method}`);
  }
}

async function create(
  { active, checkSafeMode }: RpcContext,
  options: Parameters<typeof checkCreate>[1] & { readonly overwrite: boolean },
): Promise<object> {
  checkSafeMode(`create file ${options.path}`);
  const node = active();
  if (options.overwrite) await node.edit(() => checkDelete(node, options.path, false));
  const file = await node.edit(() => checkCreate(node, options));
  return { fileId: file?.id };
}

async function append(active: ActiveNameNode, path: string, writer: string): Promise<object> {
  const file = await active.edit(() => {
    const there = active.nameSpace.getFile(path);
    active.checkWriters(there);
    return { op: 'reopen', fileId: there.id, writer };
  });
  return { fileId: file?.id, lengths: file?.blocks.map(({ length }) => length) };
}
