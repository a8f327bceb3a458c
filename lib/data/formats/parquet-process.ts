/**
 * A process that copies the images of Parquet files into files of their own for the one that
 * started it (parquet.ts). What a damaged file does to the library that reads it, such as taking
 * all memory, ends this process alone.
 */
import { open } from 'node:fs/promises';
import { CrescendoError, messageOf, type ErrorCode } from '../../base/errors.ts';
import { headerOf, orUnreadable } from '../index/image-header.ts';
import type { FoundImage, SplitName } from '../index/split-files.ts';
import { errorCode } from '../cache-folder.ts';
import { imagesOf, parquetSource } from './parquet-file.ts';

/** Images of one answer. */
const IMAGES_AT_ONCE = 1024;

export interface ParquetTask {
  /** Absolute. */
  readonly path: string;
  readonly split: SplitName;
  readonly labelColumn: string | undefined;
  /** Where the images go, absolute, and how the index names it. */
  readonly target: string;
  readonly targetName: string;
}

/** Answers to a task: classes, then images, then the end; or a failure at any time. */
export type ParquetAnswer =
  | { readonly kind: 'classes'; readonly classNames: readonly string[] | undefined }
  | { readonly kind: 'images'; readonly images: readonly FoundImage[] }
  | { readonly kind: 'end'; readonly bytes: number }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode | undefined;
      /** What the file system said, such as ENOSPC, or empty. */
      readonly systemCode: string;
      readonly message: string;
    };

function answer(message: ParquetAnswer): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });
}

async function copy({ path, split, labelColumn, target, targetName }: ParquetTask): Promise<void> {
  const file = await open(path, 'r');
  const images = await open(target, 'wx');
  let offset = 0;
  try {
    const source = await parquetSource(file, (await file.stat()).size, labelColumn);
    await answer({ kind: 'classes', classNames: source.classNames });
    for await (const rows of imagesOf(source)) {
      let found: FoundImage[] = [];
      for (const { row, bytes, label } of rows) {
        const header = await orUnreadable(headerOf(bytes, `in row ${row} of ${path}`));
        const place = { path: targetName, offset, length: bytes.length };
        found.push({ ...inRow(header, row, path), split, label, ...place });
        await images.appendFile(bytes);
        offset += bytes.length;
        if (found.length < IMAGES_AT_ONCE) continue;
        await answer({ kind: 'images', images: found });
        found = [];
      }
      await answer({ kind: 'images', images: found });
    }
    await images.sync();
  } finally {
    await file.close();
    await images.close();
  }
  await answer({ kind: 'end', bytes: offset });
}

/** A file that can be repaired is named, and not the copy. */
function inRow<T extends { readonly unreadable?: string }>(
  header: T,
  row: number,
  path: string,
): T {
  const { unreadable } = header;
  if (unreadable === undefined) return header;
  return { ...header, unreadable: `row ${row} of ${path}: ${unreadable}` };
}

process.once('disconnect', () => {
  process.exit();
});
process.on('message', (task: ParquetTask) => {
  void copy(task).catch((error: unknown) => {
    const code = error instanceof CrescendoError ? error.code : undefined;
    const systemCode = error instanceof CrescendoError ? '' : errorCode(error);
    return answer({ kind: 'failed', code, systemCode, message: messageOf(error) });
  });
});
