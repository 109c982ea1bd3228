// How records become the bytes of a file and back. Formats here frame records by ASCII bytes, which
// never occur inside a longer UTF-8 sequence, so files are cut at byte offsets without decoding.

/** Appended to a file as it is; text is written as UTF-8. Includes what ends a record. */
export type EncodedRecord = string | Uint8Array;

export interface RecordEncoder<T> {
  /** Of the files written: '.jsonl'. */
  readonly extension: string;
  /** What every file starts with, as a CSV header. Default: nothing. */
  readonly preamble?: EncodedRecord;
  /** Throws OnceproofError OP-E205 for a value that cannot be written. */
  encode(value: T): EncodedRecord;
}

/** What decoding one framed piece of a file gave; filled in anew for every piece. */
export interface DecodedRecord<T> {
  /**
   * 'nothing': an empty line. 'header': the decoder needs it again whenever reading starts later in
   * the file. 'malformed': this piece is not what the format says. 'unreadable': the whole file.
   */
  kind: 'record' | 'nothing' | 'header' | 'malformed' | 'unreadable';
  /** Of a 'record'. */
  value: T | undefined;
  /** Of a 'header'. */
  header: readonly string[] | undefined;
  /** Of what is 'malformed' or 'unreadable'. */
  problem: string;
}

export interface RecordDecoder<T> {
  /** What one framed piece is called in messages: 'line', 'record'. */
  readonly unit: string;
  /** Any line break ends a record, so that a file may be cut anywhere and read in pieces. */
  readonly splittable: boolean;
  /**
   * The offset behind the record that starts at `from`, its line break included; -1 where the
   * record does not end before `to`.
   */
  endOf(bytes: Uint8Array, from: number, to: number): number;
  /** `text` is one record without its line break. `header`: undefined at the start of a file. */
  decode(text: string, header: readonly string[] | undefined, into: DecodedRecord<T>): void;
}

export interface RecordFormat<T> extends RecordEncoder<T>, RecordDecoder<T> {
  readonly name: string;
}
