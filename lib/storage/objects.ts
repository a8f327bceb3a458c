/**
 * An object store as checkpoints and data use it, so that tests can run the same code on one that
 * fails in every way (test/support/memory-objects.ts). Keys are relative to the prefix that the
 * store was opened with. Errors are ObjectErrors.
 */
import { CrescendoError, messageOf } from '../base/errors.ts';

export interface ObjectSummary {
  readonly key: string;
  readonly sizeBytes: number;
  /** Its ETag: another one where the content is another. */
  readonly tag: string;
}

/** A multipart upload that is neither complete nor aborted. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** Bytes [offset, offset + length) of an object. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
  /** The object must still have this tag: else the read fails with `conflict`. */
  readonly tag?: string;
}

export interface Objects {
  /** Such as `s3://bucket/prefix/`, for messages; an object's URL is this with its key. */
  readonly url: string;
  /** Objects whose keys begin so, in the order of their keys. */
  list(prefix: string, signal?: AbortSignal): Promise<readonly ObjectSummary[]>;
  /** A range of an object, or all of it. Less than was asked for is an error. */
  read(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array>;
  /** @param condition `absent`: fails with `conflict` where there is such an object already */
  write(
    key: string,
    bytes: Uint8Array,
    condition: 'absent' | 'any',
    signal?: AbortSignal,
  ): Promise<void>;
  /** Nothing where there is no such object. */
  remove(key: string, signal?: AbortSignal): Promise<void>;
  /** @returns its uploadId */
  beginUpload(key: string, signal?: AbortSignal): Promise<string>;
  /** @returns what completeUpload needs of the part; parts count from 1 */
  uploadPart(
    upload: UnfinishedUpload,
    part: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string>;
  /** @param tags of the parts, in order */
  completeUpload(
    upload: UnfinishedUpload,
    tags: readonly string[],
    signal?: AbortSignal,
  ): Promise<void>;
  abortUpload(upload: UnfinishedUpload, signal?: AbortSignal): Promise<void>;
  /** Those of keys that begin so. */
  listUploads(prefix: string, signal?: AbortSignal): Promise<readonly UnfinishedUpload[]>;
  /** Once; nothing else may be called afterwards. */
  close(): void;
}

/**
 * `transient`: the same may succeed a little later; `missing`: there is no such object or upload;
 * `conflict`: a condition does not hold; `unsupported`: the server does not know how;
 * `refused`: anything else, such as missing rights.
 */
export type ObjectErrorKind = 'transient' | 'missing' | 'conflict' | 'unsupported' | 'refused';

export class ObjectError extends Error {
  readonly kind: ObjectErrorKind;

  constructor(kind: ObjectErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ObjectError';
    this.kind = kind;
  }
}

export function isObjectError(error: unknown, kind: ObjectErrorKind): boolean {
  return error instanceof ObjectError && error.kind === kind;
}

const REMEDIES: Readonly<Record<ObjectErrorKind, string>> = {
  transient: 'check the network and the store (AWS_ENDPOINT_URL names one that is not of AWS)',
  missing: 'look whether something else deletes objects there',
  conflict: 'look whether something else writes there',
  unsupported: 'use a server that does this as S3 does',
  refused:
    'check the name of the bucket, the region (AWS_REGION), the credentials, and what they may ' +
    'do there',
};

/**
 * What a user is told of an ObjectError; other errors pass.
 * @param what what could not be done, such as `s3://b/a cannot be written`
 */
export function storeError(what: string, error: unknown): Error {
  if (!(error instanceof ObjectError)) return error as Error;
  return new CrescendoError(
    'CRESCENDO_STORE_FAILED',
    `${what} (${messageOf(error)}): ${REMEDIES[error.kind]}`,
    { cause: error },
  );
}
