// How an encrypted artefact begins, so that whoever has no keys can tell it from a damaged one.

/** "OPse". */
export const SEALED_MAGIC = 0x4f507365;

export function looksSealed(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) === SEALED_MAGIC;
}
