/**
 * Reading parts of the files of a dataset, as a folder and a server that knows ranges can do it
 * alike.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The system reads less than 2 GiB at a time. */
const READ_BYTES_MAX = 2 ** 30;

export interface ByteRanges {
  /** Bytes of a file. @throws where there is none */
  sizeOf(file: string): Promise<number>;
  /** Bytes `begin` to `end`, not including it. @throws Error where the file ends before */
  read(file: string, begin: number, end: number): Promise<Buffer>;
}

/** The files of a folder, by their paths in it. */
export function folderRanges(folder: string): ByteRanges {
  return {
    sizeOf: async (file) => (await stat(join(folder, file))).size,
    read: async (file, begin, end) => {
      const handle = await open(join(folder, file), 'r');
      try {
        const bytes = Buffer.allocUnsafe(end - begin);
        for (let filled = 0; filled < bytes.length;) {
          const left = Math.min(bytes.length - filled, READ_BYTES_MAX);
          const { bytesRead } = await handle.read(bytes, filled, left, begin + filled);
          if (bytesRead === 0) throw new Error(`it is cut off at ${begin + filled} bytes`);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}
