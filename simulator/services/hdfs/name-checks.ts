// What a NameNode checks before each edit, and the edit that follows, in the order and with the
// exceptions of the real one. Undefined is nothing to do, which is fine.

import type { ActiveNameNode, EditToMake } from './active-name-node.ts';
import { HdfsException } from './hdfs-exception.ts';
import { nameOf, parentOf } from './name-space.ts';

export function checkMkdirs(
  { nameSpace }: ActiveNameNode,
  path: string,
  owner: string,
): EditToMake | undefined {
  nameSpace.checkAncestors(path);
  const there = nameSpace.find(path);
  if (there === undefined) return { op: 'mkdirs', path, owner };
  if (there.children !== undefined) return undefined;
  throw new HdfsException('FileAlreadyExistsException', `Path is not a directory: ${path}`);
}

export function checkCreate(
  active: ActiveNameNode,
  options: {
    readonly path: string;
    readonly owner: string;
    readonly writer: string;
    readonly createParent: boolean;
  },
): EditToMake {
  const { nameSpace } = active;
  const { path, owner, writer, createParent } = options;
  nameSpace.checkAncestors(path);
  const there = nameSpace.find(path);
  if (there?.children !== undefined) {
    throw new HdfsException('FileAlreadyExistsException', `${path} already exists as a directory`);
  }
  if (there !== undefined) {
    active.checkWriters(there);
    throw new HdfsException('FileAlreadyExistsException', `${path} for client already exists`);
  }
  if (!createParent && nameSpace.find(parentOf(path)) === undefined) {
    const message = `Parent directory doesn't exist: ${parentOf(path)}`;
    throw new HdfsException('FileNotFoundException', message);
  }
  return { op: 'create', path, owner, writer };
}

export function checkDelete(
  { nameSpace }: ActiveNameNode,
  path: string,
  isRecursive: boolean,
): EditToMake | undefined {
  const there = nameSpace.find(path);
  if (there === undefined || path === '/') return undefined;
  if (!isRecursive && (there.children?.size ?? 0) > 0) {
    const message = `\`${path} is non empty': Directory is not empty`;
    throw new HdfsException('PathIsNotEmptyDirectoryException', message);
  }
  return { op: 'delete', path };
}

/** RENAME with options: never replaces, and says what stands in its way. */
export function checkRename({ nameSpace }: ActiveNameNode, from: string, to: string): EditToMake {
  const source = nameSpace.find(from);
  if (source === undefined) {
    throw new HdfsException('FileNotFoundException', `rename source ${from} is not found.`);
  }
  if (to.startsWith(`${from}/`)) {
    const message = `Rename destination ${to} is a directory or file under source ${from}`;
    throw new HdfsException('IOException', message);
  }
  const there = nameSpace.find(to);
  const isOfKind = (there?.children === undefined) === (source.children === undefined);
  if (there !== undefined && !isOfKind) {
    throw new HdfsException('IOException', `Source ${from} and destination ${to} are of two kinds`);
  }
  if (there !== undefined) {
    const message = `rename destination ${to} already exists`;
    throw new HdfsException('FileAlreadyExistsException', message);
  }
  nameSpace.checkAncestors(to);
  if (nameSpace.find(parentOf(to)) === undefined) {
    const message = `rename destination parent ${parentOf(to)} not found.`;
    throw new HdfsException('FileNotFoundException', message);
  }
  return { op: 'rename', from, to };
}

/** RENAME without options: into a directory that is there, and undefined for all that cannot be. */
export function checkOldRename(
  { nameSpace }: ActiveNameNode,
  from: string,
  to: string,
): EditToMake | undefined {
  const target = nameSpace.find(to)?.children === undefined ? to : `${to}/${nameOf(from)}`;
  const cannot =
    from === '/' ||
    nameSpace.find(from) === undefined ||
    nameSpace.find(target) !== undefined ||
    `${target}/`.startsWith(`${from}/`) ||
    nameSpace.find(parentOf(target))?.children === undefined;
  return cannot ? undefined : { op: 'rename', from, to: target };
}
