/** Copies a file of this machine to an object store, part by part. */
import type { Files, LargeFileReader } from './files.ts';
import { isObjectError, type Objects, type UnfinishedUpload } from './objects.ts';

/** Bytes in memory; all parts but the last must have the same size for some servers. */
const PART_BYTES_MIN = 16 * 1024 * 1024;
/** S3 takes 10,000. */
const PARTS_MAX = 9_000;

/**
 * The object is replaced once all of the file is there.
 * @throws ObjectError, errors of the system
 */
export async function uploadFile(
  files: Files,
  path: string,
  objects: Objects,
  key: string,
): Promise<void> {
  const sizeBytes = files.sizeOf(path) ?? 0;
  const file = files.openLarge(path);
  try {
    const partBytes = Math.max(PART_BYTES_MIN, Math.ceil(sizeBytes / PARTS_MAX));
    if (sizeBytes <= partBytes) {
      await objects.write(key, await read(file, 0, sizeBytes), 'any');
      return;
    }
    const upload = { key, uploadId: await objects.beginUpload(key) };
    try {
      const tags: string[] = [];
      for (let at = 0; at < sizeBytes; at += partBytes) {
        const content = await read(file, at, Math.min(partBytes, sizeBytes - at));
        tags.push(await objects.uploadPart(upload, tags.length + 1, content));
      }
      await completeUpload(objects, upload, tags, sizeBytes);
    } catch (error) {
      objects.abortUpload(upload).catch(() => undefined);
      throw error;
    }
  } finally {
    file.close(() => undefined);
  }
}

/**
 * Completes a multipart upload; one that is not known any more was completed by an earlier try,
 * whose answer was lost, if its object is there.
 * @throws ObjectError
 */
export async function completeUpload(
  objects: Objects,
  upload: UnfinishedUpload,
  tags: readonly string[],
  sizeBytes: number,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await objects.completeUpload(upload, tags, signal);
  } catch (error) {
    if (!isObjectError(error, 'missing')) throw error;
    const found = (await objects.list(upload.key, signal)).find(({ key }) => key === upload.key);
    if (found?.sizeBytes !== sizeBytes) throw error;
  }
}

function read(file: LargeFileReader, offset: number, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    file.read(offset, length, (error, bytes) => {
      if (error !== undefined) reject(error);
      else if (bytes.length === length) resolve(bytes);
      else reject(new Error(`the file ends after ${offset + bytes.length} bytes`));
    });
  });
}
