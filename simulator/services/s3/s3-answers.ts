// Answers in the words of S3: errors as XML documents with their codes and statuses, and the few
// other documents. Models what clients act on; leaves out host ids and most of the optional fields.

import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/** Code, status and text as the real one has them. */
const REFUSALS = new Map<string, readonly [status: number, message: string]>([
  ['AccessDenied', [403, 'Access Denied']],
  ['AuthorizationHeaderMalformed', [400, 'The region is wrong']],
  ['BadDigest', [400, 'The checksum you specified did not match what we received.']],
  ['ConditionalRequestConflict', [409, 'A conflicting operation is under way on this object.']],
  ['EntityTooSmall', [400, 'Your proposed upload is smaller than the minimum allowed size']],
  ['ExpiredToken', [400, 'The provided token has expired.']],
  ['InternalError', [500, 'We encountered an internal error. Please try again.']],
  ['InvalidAccessKeyId', [403, 'The access key Id you provided does not exist in our records.']],
  ['InvalidArgument', [400, 'Invalid Argument']],
  ['InvalidPart', [400, 'One or more of the specified parts could not be found.']],
  ['InvalidPartOrder', [400, 'The list of parts was not in ascending order.']],
  ['InvalidRange', [416, 'The requested range is not satisfiable']],
  ['InvalidRequest', [400, 'Invalid Request']],
  ['InvalidToken', [400, 'The provided token is malformed or otherwise not valid.']],
  ['InvalidURI', [400, 'Could not parse the specified URI.']],
  ['KeyTooLongError', [400, 'Your key is too long']],
  ['MalformedXML', [400, 'The XML you provided was not well-formed']],
  ['MethodNotAllowed', [405, 'The specified method is not allowed against this resource.']],
  ['NoSuchBucket', [404, 'The specified bucket does not exist']],
  ['NoSuchKey', [404, 'The specified key does not exist.']],
  ['NoSuchUpload', [404, 'The specified upload does not exist.']],
  ['NotImplemented', [501, 'A header you provided implies functionality not implemented']],
  ['PreconditionFailed', [412, 'At least one of the pre-conditions you specified did not hold']],
  ['RequestTimeTooSkewed', [403, 'The difference between the clocks is too large.']],
  ['SignatureDoesNotMatch', [403, 'The request signature we calculated does not match yours.']],
  ['SlowDown', [503, 'Please reduce your request rate.']],
  ['XAmzContentSHA256Mismatch', [400, 'The x-amz-content-sha256 does not match the body.']],
  // MinIO's word for a full disk; AWS has none.
  ['XMinioStorageFull', [507, 'Storage backend has reached its minimum free drive threshold.']],
]);

export function refusal(code: string, details = ''): HttpResponse {
  const [status, message] = REFUSALS.get(code) ?? [500, code];
  const text = `<Code>${code}</Code><Message>${message}</Message>${details}`;
  return xmlAnswer(`<Error>${text}</Error>`, status);
}

export function xmlAnswer(document: string, status = 200): HttpResponse {
  const body = utf8ToBytes(`<?xml version="1.0" encoding="UTF-8"?>\n${document}`);
  return { status, headers: new Map([['content-type', 'application/xml']]), body };
}

export function emptyAnswer(status: number, headers: Headers = []): HttpResponse {
  return { status, headers: new Map(headers), body: new Uint8Array(0) };
}

export function element(name: string, text: string | number | boolean): string {
  const escaped = String(text).replace(
    /[&<>"'\0-\x1f]/g,
    (character) => `&#x${character.charCodeAt(0).toString(16)};`,
  );
  return `<${name}>${escaped}</${name}>`;
}
