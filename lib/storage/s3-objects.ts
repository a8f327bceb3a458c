/**
 * Objects on a server that speaks S3, by the client of the AWS SDK, which finds credentials as all
 * AWS tools do: environment, profile files, roles of containers and instances. A server that is not
 * of AWS is named by AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL.
 */
import type * as S3 from '@aws-sdk/client-s3';
import { messageOf } from '../base/errors.ts';
import {
  ObjectError,
  type ByteRange,
  type ObjectErrorKind,
  type Objects,
  type ObjectSummary,
  type UnfinishedUpload,
} from './objects.ts';

/** Loaded when it is needed: a run without such a store does without it. */
type Sdk = typeof S3;

/** Connections at once to the server. */
const CONNECTIONS_MAX = 16;
const CONNECTION_TIMEOUT_MS = 5_000;

export interface S3Place {
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
}

/** @returns undefined where it is none, such as `s3://bucket/some/prefix` */
export function parseS3Url(url: string): S3Place | undefined {
  const [, bucket, rest = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(url) ?? [];
  if (bucket === undefined) return undefined;
  const prefix = rest.replace(/\/+$/, '');
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

/** The caller closes it. Nothing is asked of the server yet. */
export async function openS3Objects(place: S3Place): Promise<Objects> {
  // It is pinned, and this version runs on every Node that we support.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const sdk = await import('@aws-sdk/client-s3');
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  const region = AWS_REGION ?? AWS_DEFAULT_REGION ?? (endpoint === undefined ? [] : 'us-east-1');
  const client = new sdk.S3Client({
    ...(typeof region === 'string' ? { region } : {}),
    // Other servers than AWS's seldom have a host name for each bucket.
    forcePathStyle: endpoint !== undefined,
    followRegionRedirects: true,
    // What is sent is signed with its SHA-256; newer checksums are unknown to many servers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // PatientObjects tries again.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      httpAgent: { keepAlive: true, maxSockets: CONNECTIONS_MAX },
      httpsAgent: { keepAlive: true, maxSockets: CONNECTIONS_MAX },
    },
  });
  return new S3Objects(sdk, client, place);
}

class S3Objects implements Objects {
  readonly url: string;
  readonly #sdk: Sdk;
  readonly #client: S3.S3Client;
  readonly #place: S3Place;

  constructor(sdk: Sdk, client: S3.S3Client, place: S3Place) {
    this.url = `s3://${place.bucket}/${place.prefix}`;
    this.#sdk = sdk;
    this.#client = client;
    this.#place = place;
  }

  async list(prefix: string, signal?: AbortSignal): Promise<readonly ObjectSummary[]> {
    const found: ObjectSummary[] = [];
    let token: string | undefined;
    do {
      const command = new this.#sdk.ListObjectsV2Command({
        Bucket: this.#place.bucket,
        Prefix: this.#place.prefix + prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      const page = await this.#told(this.#client.send(command, options(signal)));
      for (const { Key: key, Size: sizeBytes, ETag: tag = '' } of page.Contents ?? []) {
        if (key === undefined || sizeBytes === undefined) continue;
        found.push({ key: key.slice(this.#place.prefix.length), sizeBytes, tag });
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
    return found;
  }

  read(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array> {
    const bytes =
      range === undefined
        ? {}
        : {
            Range: `bytes=${range.offset}-${range.offset + range.length - 1}`,
            ...(range.tag === undefined ? {} : { IfMatch: range.tag }),
          };
    const command = new this.#sdk.GetObjectCommand({ ...this.#at(key), ...bytes });
    return this.#told(
      this.#client
        .send(command, options(signal))
        .then(async ({ Body: body, ContentRange: got }) => {
          if (body === undefined) throw new ObjectError('transient', 'the answer has no body');
          if (range !== undefined && got === undefined) {
            (body as unknown as NodeJS.ReadableStream & { destroy?: () => void }).destroy?.();
            throw new ObjectError('unsupported', 'the server sends no ranges of an object');
          }
          const content = await body.transformToByteArray();
          if (range === undefined || content.length === range.length) return content;
          const what = `${content.length} bytes of ${range.length} came`;
          throw new ObjectError('transient', what);
        }),
    );
  }

  async write(
    key: string,
    bytes: Uint8Array,
    condition: 'absent' | 'any',
    signal?: AbortSignal,
  ): Promise<void> {
    const command = new this.#sdk.PutObjectCommand({
      ...this.#at(key),
      Body: bytes,
      ...(condition === 'absent' ? { IfNoneMatch: '*' } : {}),
    });
    await this.#told(this.#client.send(command, options(signal)));
  }

  async remove(key: string, signal?: AbortSignal): Promise<void> {
    const command = new this.#sdk.DeleteObjectCommand(this.#at(key));
    try {
      await this.#told(this.#client.send(command, options(signal)));
    } catch (error) {
      if (!(error instanceof ObjectError) || error.kind !== 'missing') throw error;
    }
  }

  async beginUpload(key: string, signal?: AbortSignal): Promise<string> {
    const command = new this.#sdk.CreateMultipartUploadCommand(this.#at(key));
    const { UploadId: id } = await this.#told(this.#client.send(command, options(signal)));
    if (id === undefined) throw new ObjectError('transient', 'the answer has no UploadId');
    return id;
  }

  async uploadPart(
    { key, uploadId }: UnfinishedUpload,
    part: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string> {
    const command = new this.#sdk.UploadPartCommand({
      ...this.#at(key),
      UploadId: uploadId,
      PartNumber: part,
      Body: bytes,
    });
    const { ETag: tag } = await this.#told(this.#client.send(command, options(signal)));
    if (tag === undefined) throw new ObjectError('transient', 'the answer has no ETag');
    return tag;
  }

  async completeUpload(
    { key, uploadId }: UnfinishedUpload,
    tags: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    const command = new this.#sdk.CompleteMultipartUploadCommand({
      ...this.#at(key),
      UploadId: uploadId,
      MultipartUpload: { Parts: tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) },
    });
    await this.#told(this.#client.send(command, options(signal)));
  }

  async abortUpload({ key, uploadId }: UnfinishedUpload, signal?: AbortSignal): Promise<void> {
    const command = new this.#sdk.AbortMultipartUploadCommand({
      ...this.#at(key),
      UploadId: uploadId,
    });
    await this.#told(this.#client.send(command, options(signal)));
  }

  async listUploads(prefix: string, signal?: AbortSignal): Promise<readonly UnfinishedUpload[]> {
    const found: UnfinishedUpload[] = [];
    let next: { KeyMarker: string; UploadIdMarker: string } | undefined;
    do {
      const command = new this.#sdk.ListMultipartUploadsCommand({
        Bucket: this.#place.bucket,
        Prefix: this.#place.prefix + prefix,
        ...next,
      });
      const page = await this.#told(this.#client.send(command, options(signal)));
      for (const { Key: key, UploadId: uploadId } of page.Uploads ?? []) {
        if (key === undefined || uploadId === undefined) continue;
        found.push({ key: key.slice(this.#place.prefix.length), uploadId });
      }
      const { IsTruncated: more, NextKeyMarker: key, NextUploadIdMarker: id } = page;
      const goesOn = more === true && key !== undefined && id !== undefined;
      next = goesOn ? { KeyMarker: key, UploadIdMarker: id } : undefined;
    } while (next !== undefined);
    return found;
  }

  close(): void {
    this.#client.destroy();
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#place.bucket, Key: this.#place.prefix + key };
  }

  async #told<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ObjectError) throw error;
      throw new ObjectError(kindOf(error), describe(error), { cause: error });
    }
  }
}

function options(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** What the client adds to errors that the server has answered with. */
interface Answered extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Names of errors that tell more than their status. */
const KIND_BY_NAME: ReadonlyMap<string, ObjectErrorKind> = new Map([
  ['NoSuchBucket', 'refused'],
  ['CredentialsProviderError', 'refused'],
  ['InvalidRange', 'refused'],
  // Credentials are read anew, and the clock is set by the answer.
  ['ExpiredToken', 'transient'],
  ['ExpiredTokenException', 'transient'],
  ['RequestTimeTooSkewed', 'transient'],
  ['RequestTimeout', 'transient'],
  ['SlowDown', 'transient'],
]);

const KIND_BY_STATUS: ReadonlyMap<number, ObjectErrorKind> = new Map([
  [404, 'missing'],
  [408, 'transient'],
  // Another conditional write of the same object is under way.
  [409, 'transient'],
  [412, 'conflict'],
  [429, 'transient'],
  [501, 'unsupported'],
]);

function kindOf(error: unknown): ObjectErrorKind {
  const { name, message, $metadata } = error as Answered;
  const status = $metadata?.httpStatusCode;
  if (message === 'Region is missing') return 'refused';
  const known = KIND_BY_NAME.get(name) ?? KIND_BY_STATUS.get(status ?? 0);
  if (known !== undefined) return known;
  // Without a status there was no answer, or not all of one.
  return status === undefined || status >= 500 || status < 400 ? 'transient' : 'refused';
}

function describe(error: unknown): string {
  const { name, $metadata } = error as Answered;
  const status = $metadata?.httpStatusCode;
  const prefix = status === undefined ? '' : `${status} `;
  const message = messageOf(error);
  return message.startsWith(name) ? `${prefix}${message}` : `${prefix}${name}: ${message}`;
}
