// Finds out whether a server keeps its word on `If-None-Match: *`, by asking it to overwrite an
// object of ours that says so. Servers that ignore the condition would let one JobManager replace
// what another has published, so they are refused before anything is written.

import { OnceproofError } from '../../core/errors.ts';
import type { PutOutcome, S3Objects } from './s3-objects.ts';
import { utf8Of } from '../../stream/text-bytes.ts';
import type { S3Uploads } from './s3-uploads.ts';

export interface S3ConditionsOptions {
  readonly objects: S3Objects;
  readonly uploads: S3Uploads;
  /** Of the object that is asked for; it stays, so that the next one needs one request alone. */
  readonly key: string;
  readonly place: string;
  /** Unlike that of any other. */
  readonly writer: string;
}

/** Somebody may delete the object between two requests; not every time. */
const TRIES = 3;
const CONTENT = utf8Of('Shows that this server takes If-None-Match. May be deleted.\n');

export class S3Conditions {
  readonly #options: S3ConditionsOptions;
  #putsAreConditional = false;
  #uploadsAreConditional = false;

  constructor(options: S3ConditionsOptions) {
    this.#options = options;
  }

  /** OP-E552 if the server would overwrite. */
  async requirePuts(): Promise<void> {
    if (this.#putsAreConditional) return;
    const { objects, key, writer } = this.#options;
    await this.#require('PutObject', USE_ANOTHER_SERVER, () =>
      objects.putOnce(key, CONTENT, writer),
    );
    this.#putsAreConditional = true;
  }

  /** The same of uploads in parts; AWS took years from the one to the other. */
  async requireUploads(): Promise<void> {
    if (this.#uploadsAreConditional) return;
    await this.requirePuts();
    await this.#require('CompleteMultipartUpload', AVOID_PARTS, () => this.#uploadOnce());
    this.#uploadsAreConditional = true;
  }

  async #require(
    operation: string,
    remedy: string,
    attempt: () => Promise<PutOutcome>,
  ): Promise<void> {
    let outcome: PutOutcome = 'stored';
    for (let tries = 0; tries < TRIES && outcome === 'stored'; tries += 1)
      outcome = await attempt();
    if (outcome === 'taken' || outcome === 'unsettled') return;
    throw new OnceproofError(
      'OP-E552',
      `Cannot use S3 storage: the server ignores If-None-Match in ${operation}`,
      { place: this.#options.place, remedy },
    );
  }

  async #uploadOnce(): Promise<PutOutcome> {
    const { objects, uploads, key, writer } = this.#options;
    const probe = `${writer}-upload`;
    const upload = await uploads.begin(key, probe);
    const part = await uploads.putPart(upload, 1, CONTENT);
    const outcome = await uploads.completeOnce(upload, [part]);
    if (outcome === 'taken' || outcome === 'unsettled') await uploads.abort(upload);
    if (outcome !== 'unsettled') return outcome;
    // Gone with the answer of an attempt that did overwrite?
    return (await objects.head(key))?.writer === probe ? 'unsupported' : 'taken';
  }
}

const USE_ANOTHER_SERVER = 'Use AWS S3, or a server and version that knows conditional writes';
const AVOID_PARTS =
  'Use a server that knows conditional completion, or set partBytes above the largest artefact';
