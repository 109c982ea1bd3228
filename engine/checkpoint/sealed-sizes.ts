// How large an encrypted artefact is, and how large its content: each follows from the other.

export const SEALED = {
  /** Magic, version, length of the key's id, six zero bytes, the id, salt, commitment, checksum. */
  HEADER_BYTES: 128,
  SALT_BYTES: 32,
  /** Of plain bytes. At some 30 MB/s a frame is 2 ms: nothing else waits long meanwhile. */
  FRAME_BYTES: 64 * 1024,
  TAG_BYTES: 16,
} as const;

const { HEADER_BYTES, FRAME_BYTES, TAG_BYTES } = SEALED;

/** Of the plain bytes, from the size of the encrypted ones; at least 0. */
export function plainSizeOf(sealedBytes: number): number {
  const body = Math.max(0, sealedBytes - HEADER_BYTES);
  return Math.max(0, body - framesIn(sealedBytes) * TAG_BYTES);
}

/** How many frames stand behind the header; an empty artefact has one. */
export function framesIn(sealedBytes: number): number {
  return Math.max(1, Math.ceil((sealedBytes - HEADER_BYTES) / (FRAME_BYTES + TAG_BYTES)));
}
