/** An object store in memory that fails as a test asks, call by call. */
import { createHash } from 'node:crypto';
import {
  ObjectError,
  type ByteRange,
  type Objects,
  type ObjectSummary,
  type UnfinishedUpload,
} from '../../lib/storage/objects.ts';

type Call = Exclude<keyof Objects, 'url' | 'close'>;

/** What happens to one call: an error before or after it is carried out, or no answer at all. */
export type Fault =
  | { readonly before: Error }
  | { readonly after: Error }
  | { readonly until: Promise<void> }
  | 'hangs';

/** As clients tell them. */
export const SLOW_DOWN = new ObjectError('transient', '503 SlowDown: Please reduce your rate');
export const RESET = new ObjectError('transient', 'Error: socket hang up');
export const FORBIDDEN = new ObjectError('refused', '403 AccessDenied: Access Denied');

interface Upload extends UnfinishedUpload {
  readonly parts: Map<number, Uint8Array>;
}

function tagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

/** What is in a bucket; several clients may use it. */
export class Bucket {
  readonly objects = new Map<string, Uint8Array>();
  readonly uploads = new Map<string, Upload>();
  /** Whether it heeds `If-None-Match`. */
  hasConditions = true;
  nextUpload = 1;
}

export class MemoryObjects implements Objects {
  readonly url = 's3://bucket/run/';
  readonly bucket: Bucket;
  /** The calls that came, and the bytes that parts brought. */
  readonly calls: Call[] = [];
  partBytes = 0;
  #faultOf: (call: Call, key: string) => Fault | undefined = () => undefined;

  constructor(bucket = new Bucket()) {
    this.bucket = bucket;
  }

  /** From now on. @param faultOf undefined where a call succeeds */
  fail(faultOf: (call: Call, key: string) => Fault | undefined): void {
    this.#faultOf = faultOf;
  }

  /** The next calls of a kind, one fault for each; then they succeed. */
  failNext(call: Call, ...faults: Fault[]): void {
    this.fail((one) => (one === call ? faults.shift() : undefined));
  }

  list(prefix: string, signal?: AbortSignal): Promise<readonly ObjectSummary[]> {
    return this.#call('list', prefix, signal, () =>
      [...this.bucket.objects]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([key, bytes]) => ({ key, sizeBytes: bytes.length, tag: tagOf(bytes) })),
    );
  }

  read(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#call('read', key, signal, () => {
      const bytes = this.bucket.objects.get(key);
      if (bytes === undefined) throw new ObjectError('missing', '404 NoSuchKey');
      if (range === undefined) return bytes.slice();
      if (range.tag !== undefined && range.tag !== tagOf(bytes)) {
        throw new ObjectError('conflict', '412 PreconditionFailed');
      }
      const part = bytes.slice(range.offset, range.offset + range.length);
      if (part.length === range.length) return part;
      throw new ObjectError('transient', `${part.length} bytes of ${range.length} came`);
    });
  }

  write(
    key: string,
    bytes: Uint8Array,
    condition: 'absent' | 'any',
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#call('write', key, signal, () => {
      const { objects, hasConditions } = this.bucket;
      if (condition === 'absent' && !hasConditions) {
        throw new ObjectError('unsupported', '501 NotImplemented');
      }
      if (condition === 'absent' && objects.has(key)) throw new ObjectError('conflict', '412');
      objects.set(key, bytes.slice());
    });
  }

  remove(key: string, signal?: AbortSignal): Promise<void> {
    return this.#call('remove', key, signal, () => {
      this.bucket.objects.delete(key);
    });
  }

  beginUpload(key: string, signal?: AbortSignal): Promise<string> {
    return this.#call('beginUpload', key, signal, () => {
      const uploadId = String(this.bucket.nextUpload++);
      this.bucket.uploads.set(uploadId, { key, uploadId, parts: new Map() });
      return uploadId;
    });
  }

  uploadPart(
    upload: UnfinishedUpload,
    part: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#call('uploadPart', upload.key, signal, () => {
      this.#uploadOf(upload).parts.set(part, bytes.slice());
      this.partBytes += bytes.length;
      return `tag-${part}`;
    });
  }

  completeUpload(
    upload: UnfinishedUpload,
    tags: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#call('completeUpload', upload.key, signal, () => {
      const { parts } = this.#uploadOf(upload);
      const contents = tags.map((tag, index) => {
        const content = parts.get(index + 1);
        if (content === undefined || tag !== `tag-${index + 1}`) {
          throw new ObjectError('refused', '400 InvalidPart');
        }
        return content;
      });
      this.bucket.objects.set(upload.key, Buffer.concat(contents));
      this.bucket.uploads.delete(upload.uploadId);
    });
  }

  abortUpload(upload: UnfinishedUpload, signal?: AbortSignal): Promise<void> {
    return this.#call('abortUpload', upload.key, signal, () => {
      this.#uploadOf(upload);
      this.bucket.uploads.delete(upload.uploadId);
    });
  }

  listUploads(prefix: string, signal?: AbortSignal): Promise<readonly UnfinishedUpload[]> {
    return this.#call('listUploads', prefix, signal, () =>
      [...this.bucket.uploads.values()].filter(({ key }) => key.startsWith(prefix)),
    );
  }

  close(): void {
    return;
  }

  async #call<T>(
    call: Call,
    key: string,
    signal: AbortSignal | undefined,
    action: () => T,
  ): Promise<T> {
    this.calls.push(call);
    const fault = this.#faultOf(call, key);
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) throw new ObjectError('transient', 'AbortError: aborted');
    if (fault === undefined) return action();
    if (fault === 'hangs') return new Promise(() => undefined);
    if ('until' in fault) {
      await fault.until;
      return action();
    }
    if ('before' in fault) throw fault.before;
    action();
    throw fault.after;
  }

  #uploadOf({ uploadId }: UnfinishedUpload): Upload {
    const upload = this.bucket.uploads.get(uploadId);
    if (upload === undefined) throw new ObjectError('missing', '404 NoSuchUpload');
    return upload;
  }
}
