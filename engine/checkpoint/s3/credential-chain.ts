// Whose requests these are: options, then the variables of the process, then the profile in the
// shared credentials file, then the role of where it runs; the first that has both keys. Read once,
// and again when they are about to expire or S3 says they have. Does not ask: SSO, a credential
// process, profiles that assume roles.

import { OnceproofError } from '../../core/errors.ts';
import type { Clock } from '../../environment/clock.ts';
import { isFileSystemError } from '../file-system-outcome.ts';
import { type ExpiringCredentials, type RoleSources, roleCredentials } from './role-credentials.ts';
import type { S3Credentials } from './signature-v4.ts';
import { textOfUtf8 } from '../../stream/text-bytes.ts';

export interface CredentialSources extends RoleSources {
  readonly explicit?: S3Credentials;
  readonly clock: Pick<Clock, 'wallTime'>;
}

/** New ones are to be had from five minutes before; a request lasts less. */
const RENEW_MS = 3 * 60 * 1000;

export class CredentialChain {
  readonly #sources: CredentialSources;
  #found: ExpiringCredentials | undefined;

  constructor(sources: CredentialSources) {
    this.#sources = sources;
  }

  /** OP-E551 if nobody has any. */
  async credentials(): Promise<S3Credentials> {
    const known = this.#found;
    if (known !== undefined && !this.#expiresWithin(known, RENEW_MS)) return known;
    const found = await (known === undefined ? this.#find() : this.#renew(known));
    this.#found = found;
    return found;
  }

  /** They have expired: whoever hands them out may have newer ones. */
  forget(): void {
    this.#found = undefined;
  }

  /** Who hands them out may be away for a while: old ones count until they have expired. */
  async #renew(known: ExpiringCredentials): Promise<ExpiringCredentials> {
    try {
      return await this.#find();
    } catch (error) {
      if (this.#expiresWithin(known, 0)) throw error;
      return known;
    }
  }

  #expiresWithin({ expiresAtMs }: ExpiringCredentials, ms: number): boolean {
    return expiresAtMs !== undefined && this.#sources.clock.wallTime() >= expiresAtMs - ms;
  }

  async #find(): Promise<ExpiringCredentials> {
    const { explicit, variable } = this.#sources;
    if (explicit !== undefined) return explicit;
    const fromVariables = credentialsFrom((name) => variable(name.toUpperCase()));
    if (fromVariables !== undefined) return fromVariables;
    const path = this.#sharedFile();
    const profile = variable('AWS_PROFILE') ?? 'default';
    const settings = path === undefined ? undefined : await this.#profileIn(path, profile);
    const fromFile = credentialsFrom((name) => settings?.get(name));
    if (fromFile !== undefined) return fromFile;
    const ofRole = await roleCredentials(this.#sources);
    if (ofRole !== undefined) return ofRole;
    const where = path === undefined ? '' : `, nor in profile "${profile}" of "${path}"`;
    throw new OnceproofError(
      'OP-E551',
      `Cannot sign requests to S3: none in options, variables or of a role${where}`,
      {
        place: 'S3 credentials',
        remedy:
          'Give credentials: { accessKeyId, secretAccessKey }, or set AWS_ACCESS_KEY_ID and ' +
          'AWS_SECRET_ACCESS_KEY',
      },
    );
  }

  #sharedFile(): string | undefined {
    const { variable } = this.#sources;
    const home = variable('HOME');
    const path =
      variable('AWS_SHARED_CREDENTIALS_FILE') ??
      (home === undefined ? undefined : `${home.replace(/\/$/, '')}/.aws/credentials`);
    return path?.startsWith('/') === true ? path : undefined;
  }

  async #profileIn(path: string, profile: string): Promise<ReadonlyMap<string, string>> {
    try {
      const text = textOfUtf8(await this.#sources.filesystem.read(path));
      return settingsOf(text ?? '', profile);
    } catch (error) {
      if (isFileSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return new Map();
      throw error;
    }
  }
}

function credentialsFrom(setting: (name: string) => string | undefined): S3Credentials | undefined {
  const accessKeyId = setting('aws_access_key_id') ?? '';
  const secretAccessKey = setting('aws_secret_access_key') ?? '';
  const sessionToken = setting('aws_session_token') ?? '';
  if (accessKeyId === '' || secretAccessKey === '') return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) };
}

function settingsOf(text: string, profile: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*(?:profile\s+)?([^\]]*?)\s*\]/.exec(line);
    if (heading !== null) section = heading[1] ?? '';
    const setting = /^\s*([A-Za-z_]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (setting === null || section !== profile) continue;
    const [, name = '', value = ''] = setting;
    settings.set(name.toLowerCase(), value);
  }
  return settings;
}
