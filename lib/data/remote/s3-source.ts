/** Files of a dataset below a prefix of an S3 bucket. */
import { isObjectError, ObjectError, type Objects } from '../../storage/objects.ts';
import { RemoteError, safePath, type RemoteFile, type RemoteSource } from './source.ts';

const PIECE_BYTES = 8 * 1024 * 1024;

type Sink = Parameters<RemoteSource['read']>[2];

export class S3Source implements RemoteSource {
  readonly #objects: Objects;
  readonly #wants: (path: string) => boolean;

  /** @param objects which try again what may then succeed; closed with the source */
  constructor(objects: Objects, wants: (path: string) => boolean) {
    this.#objects = objects;
    this.#wants = wants;
  }

  async list(): Promise<readonly RemoteFile[]> {
    const found = await told(this.#objects.list(''));
    return found.flatMap(({ key, sizeBytes, tag }) => {
      if (!this.#wants(key) || safePath(key) === undefined) return [];
      return [{ path: key, url: this.#objects.url + key, sizeBytes, version: tag }];
    });
  }

  async read({ path, sizeBytes, version }: RemoteFile, offset: number, sink: Sink): Promise<void> {
    for (let at = offset; at < sizeBytes; at += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, sizeBytes - at);
      const range = { offset: at, length, ...(version === '' ? {} : { tag: version }) };
      await sink.write(await told(this.#objects.read(path, range)));
    }
  }

  close(): void {
    this.#objects.close();
  }
}

async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    const kind = isObjectError(error, 'conflict')
      ? 'changed'
      : isObjectError(error, 'transient')
        ? 'transient'
        : 'refused';
    throw new RemoteError(kind, error.message, { cause: error });
  }
}
