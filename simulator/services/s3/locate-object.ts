// Where on the server's disk an object lies, for whoever wants to damage it or to look at it after
// a run. By the files alone: no server needs to be up.

import { decodeUtf8 } from './text.ts';
import type { RecordHeader } from './record-kinds.ts';

export interface ObjectPlace {
  readonly path: string;
  /** The object's bytes begin here and go to the end of the file. */
  readonly bodyOffset: number;
  readonly sizeBytes: number;
}

/** `files`: of the server's disk, ascending by path. The last record of a key is the one. */
export function locateObject(
  files: ReadonlyMap<string, Uint8Array>,
  bucket: string,
  key: string,
): ObjectPlace | undefined {
  let place: ObjectPlace | undefined;
  for (const [path, bytes] of files) {
    const header = headerOf(path, bytes);
    if (header?.kind !== 'object' && header?.kind !== 'deleted') continue;
    if (header.bucket !== bucket || header.key !== key) continue;
    const bodyOffset = bytes.indexOf(LINE_FEED) + 1;
    place =
      header.kind === 'deleted' ? undefined : { path, bodyOffset, sizeBytes: header.sizeBytes };
  }
  return place;
}

const LINE_FEED = 0x0a;
const RECORD_PATH = /^\/s3\/\d+$/;

function headerOf(path: string, bytes: Uint8Array): RecordHeader | undefined {
  if (!RECORD_PATH.test(path)) return undefined;
  const line = decodeUtf8(bytes.subarray(0, Math.max(0, bytes.indexOf(LINE_FEED))));
  try {
    return JSON.parse(line ?? '') as RecordHeader;
  } catch {
    return undefined;
  }
}
