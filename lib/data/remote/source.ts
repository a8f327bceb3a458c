/** Where files of a dataset are that is not on this machine. */
import { CrescendoError } from '../../base/errors.ts';

export interface RemoteFile {
  /** Relative to the dataset's folder. */
  readonly path: string;
  readonly url: string;
  readonly sizeBytes: number;
  /** Another one where the content is another: an ETag, or when it was last modified. */
  readonly version: string;
}

export interface RemoteSource {
  /** All files, each path once. @throws CRESCENDO_DATASET_INVALID, RemoteError */
  list(): Promise<readonly RemoteFile[]>;
  /**
   * Gives the bytes from `offset` to the end, a piece at a time; each is awaited. Where the server
   * sends no ranges, it calls `restart` and begins at 0.
   * @throws RemoteError; what was given before stands
   */
  read(
    file: RemoteFile,
    offset: number,
    sink: { write(piece: Uint8Array): Promise<void>; restart(): Promise<void> },
  ): Promise<void>;
  close(): void;
}

/** `transient`: the same may succeed a little later. */
export class RemoteError extends Error {
  readonly kind: 'transient' | 'changed' | 'refused';

  constructor(kind: RemoteError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RemoteError';
    this.kind = kind;
  }
}

const REMEDIES: Readonly<Record<RemoteError['kind'], string>> = {
  transient: 'check the network and the server, and start again: what has come is kept',
  changed: 'datasets must not change while they are used',
  refused: 'check the URL and your rights',
};

/** What a user is told of a RemoteError; other errors pass. */
export function datasetError(url: string, error: unknown): Error {
  if (!(error instanceof RemoteError)) return error as Error;
  return new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `${url} cannot be read: ${error.message}; ${REMEDIES[error.kind]}`,
    { cause: error },
  );
}

/** A path that stays within a folder, or undefined. */
export function safePath(path: string): string | undefined {
  const parts = path.split('/');
  const isSafe = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  return isSafe && !path.includes('\\') && !path.includes('\0') ? path : undefined;
}
