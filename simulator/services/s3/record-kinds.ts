// What the simulated S3 keeps on its disk, and how a life finds its way back into it: of several
// records of one key, the last one counts.

import type { StoredRecord } from './record-files.ts';

export interface ObjectHeader {
  readonly kind: 'object';
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** CRC-32C in base64, of the whole, or of the checksums of its parts with `-N`. */
  readonly checksum: string | undefined;
  readonly metadata: readonly (readonly [name: string, value: string])[];
  readonly modifiedMs: number;
  /** The upload that it was put together from: over with this record. */
  readonly upload: string | undefined;
}

/** Stands until no older record of the key can come back. */
export interface DeletedHeader {
  readonly kind: 'deleted';
  readonly bucket: string;
  readonly key: string;
}

export interface UploadHeader {
  readonly kind: 'upload';
  readonly bucket: string;
  readonly key: string;
  readonly id: string;
  readonly metadata: readonly (readonly [name: string, value: string])[];
  readonly initiatedMs: number;
}

export interface PartHeader {
  readonly kind: 'part';
  readonly upload: string;
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly checksum: string;
}

export type RecordHeader = ObjectHeader | DeletedHeader | UploadHeader | PartHeader;

/** A header with where its body lies. */
export type Kept<Header> = Header & { readonly sequence: number; readonly bodyOffset: number };

export interface PendingUpload {
  readonly header: Kept<UploadHeader>;
  /** By number. */
  readonly parts: Map<number, Kept<PartHeader>>;
}

export interface Recovered {
  /** By `bucket/key`. */
  readonly objects: Map<string, Kept<ObjectHeader>>;
  readonly uploads: Map<string, PendingUpload>;
  /** Records that nothing refers to any more. */
  readonly dead: readonly number[];
  /** Of deletions: to be kept until all of the dead are gone for good. */
  readonly marks: readonly number[];
}

export function nameOf(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}

export function recover(records: readonly StoredRecord[]): Recovered {
  const objects = new Map<string, Kept<ObjectHeader>>();
  const uploads = new Map<string, PendingUpload>();
  const dead: number[] = [];
  const marks: number[] = [];
  for (const { sequence, bodyOffset, header: stored } of records) {
    const header = stored as RecordHeader;
    const at = { sequence, bodyOffset };
    if (header.kind === 'upload') {
      uploads.set(header.id, { header: { ...header, ...at }, parts: new Map() });
    } else if (header.kind === 'part') {
      const upload = uploads.get(header.upload);
      const older = upload?.parts.get(header.number)?.sequence;
      upload?.parts.set(header.number, { ...header, ...at });
      dead.push(
        ...(upload === undefined ? [sequence] : []),
        ...(older === undefined ? [] : [older]),
      );
    } else {
      const name = nameOf(header.bucket, header.key);
      const older = objects.get(name)?.sequence;
      if (older !== undefined) dead.push(older);
      if (header.kind === 'object') {
        objects.set(name, { ...header, ...at });
        dead.push(...endUpload(uploads, header.upload));
      } else {
        objects.delete(name);
        marks.push(sequence);
      }
    }
  }
  return { objects, uploads, dead, marks };
}

/** Returns its records. */
export function endUpload(
  uploads: Map<string, PendingUpload>,
  id: string | undefined,
): readonly number[] {
  const upload = id === undefined ? undefined : uploads.get(id);
  if (upload === undefined) return [];
  uploads.delete(upload.header.id);
  const parts = [...upload.parts.values()].map(({ sequence }) => sequence);
  return [...parts, upload.header.sequence];
}
