// Text in the addresses of S3: percent-encoding as AWS defines it. Pure and synchronous, the same
// on every machine. Requires well-formed Unicode, which paths of a store are.

/** Everything but the unreserved characters A-Z a-z 0-9 - . _ ~ is encoded. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Undoes what a listing with `encoding-type=url` did, where a plus is a space. */
export function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
