// CRC-32C (Castagnoli), the checksum of everything stored: it detects every burst of up to 32 bits
// and any three flipped bits in an artefact of usual size. Not a defense against intent.

/** The Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const TABLES = buildTables();

/** An unsigned u32. `previous`: the checksum of what came before, for bytes in pieces. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  let at = 0;
  // Eight bytes a step through eight tables ("slicing by 8"): five times the speed of one by one.
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8);
    crc ^= (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24);
    crc =
      lookUp(7, crc & 0xff) ^
      lookUp(6, (crc >>> 8) & 0xff) ^
      lookUp(5, (crc >>> 16) & 0xff) ^
      lookUp(4, crc >>> 24) ^
      lookUp(3, byteAt(bytes, at + 4)) ^
      lookUp(2, byteAt(bytes, at + 5)) ^
      lookUp(1, byteAt(bytes, at + 6)) ^
      lookUp(0, byteAt(bytes, at + 7));
  }
  for (; at < bytes.length; at++) crc = lookUp(0, (crc ^ byteAt(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function lookUp(table: number, byte: number): number {
  return TABLES[(table << 8) | byte] ?? 0;
}

/** Table k maps a byte to its effect on the checksum after k further zero bytes. */
function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256] ?? 0;
    tables[index] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}
