/** Headers of images as cameras and programs write them: the size that is decoded. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { decodeImage } from '../../lib/data/decode-image.ts';
import { headerOf, readImageHeader } from '../../lib/data/index/image-header.ts';
import { withTemporaryFolder } from '../support/images.ts';

const SHORT = 3;
const LONG = 4;
const START_OF_FRAME = 0xc0;

function picture(): Sharp {
  const create = { width: 64, height: 48, channels: 3, background: '#204060' } as const;
  return sharp({ create });
}

/** One IFD with the orientation alone, big-endian. */
function exif(orientation: number, type = SHORT): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.write('MM\0*\0\0\0\x08\0\x01\x01\x12', 'latin1');
  bytes.writeUInt16BE(type, 12);
  bytes.writeUInt32BE(1, 14);
  if (type === SHORT) bytes.writeUInt16BE(orientation, 18);
  else bytes.writeUInt32BE(orientation, 18);
  return bytes;
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

function exifSegment(orientation: number, type = SHORT): Buffer {
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif(orientation, type)]));
}

/** Two segments of a color profile, more than 64 KiB. */
const PROFILE = Buffer.concat([
  segment(0xe2, Buffer.alloc(60_000, 7)),
  segment(0xe2, Buffer.alloc(60_000, 7)),
]);

/** @param at the byte of the image before which the segments come; 2 is its begin */
function withSegments(jpeg: Buffer, segments: readonly Buffer[], at = 2): Buffer {
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)]);
}

/** Where the frame header ends. */
function behindFrame(jpeg: Buffer): number {
  let at = 2;
  while (jpeg[at + 1] !== START_OF_FRAME) at += 2 + jpeg.readUInt16BE(at + 2);
  return at + 2 + jpeg.readUInt16BE(at + 2);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** An image with chunks behind its first one, which is IHDR, and before its last, which is IEND. */
function withChunks(png: Buffer, before: readonly Buffer[], behind: readonly Buffer[]): Buffer {
  const [first, last] = [png.subarray(0, 33), png.subarray(-12)];
  return Buffer.concat([first, ...before, png.subarray(33, -12), ...behind, last]);
}

async function assertSame(image: Buffer, isTurned: boolean, isPlainJpeg: boolean): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'image.jpg');
    await writeFile(path, image);
    const [widthPx, heightPx] = isTurned ? [48, 64] : [64, 48];
    const expected = { widthPx, heightPx, isPlainJpeg };
    assert.deepEqual(await readImageHeader(path), { ...expected, fileBytes: image.length });
    assert.deepEqual(await headerOf(image, 'an image'), expected);
    const decoded = await decodeImage(path);
    assert.deepEqual([decoded.widthPx, decoded.heightPx], [widthPx, heightPx]);
  });
}

test('a JPEG image is turned by its tag behind a profile or the frame, or a long one', async () => {
  const jpeg = await picture().jpeg().toBuffer();
  await assertSame(withSegments(jpeg, [PROFILE]), false, true);
  await assertSame(withSegments(jpeg, [exifSegment(1)]), false, true);
  await assertSame(withSegments(jpeg, [exifSegment(3, LONG)]), false, false);
  for (const type of [SHORT, LONG]) {
    await assertSame(withSegments(jpeg, [exifSegment(6, type)]), true, false);
    await assertSame(withSegments(jpeg, [PROFILE, exifSegment(6, type)]), true, false);
    await assertSame(withSegments(jpeg, [exifSegment(6, type)], behindFrame(jpeg)), true, false);
  }
});

test('a PNG image is turned by a tag behind a text, not by one behind its pixels', async () => {
  const png = await picture().png().toBuffer();
  const text = chunk('tEXt', Buffer.from(`c\0${'long '.repeat(2_000)}`));
  const tag = chunk('eXIf', exif(6));
  await assertSame(withChunks(png, [tag], []), true, false);
  await assertSame(withChunks(png, [text, tag], []), true, false);
  await assertSame(withChunks(png, [text], [tag]), false, false);
});

test('JPEG images are plain with progressive scans, not with other kinds of frames', async () => {
  await assertSame(await picture().jpeg({ progressive: true }).toBuffer(), false, true);
  const jpeg = await picture().jpeg().toBuffer();
  for (const [offset, value] of [
    [1, 0xc9],
    [4, 12],
  ] as const) {
    const odd = Buffer.from(jpeg);
    odd[odd.indexOf(Buffer.from([0xff, START_OF_FRAME])) + offset] = value;
    assert.equal((await headerOf(odd, 'an image')).isPlainJpeg, false);
  }
});

test('an image without width is refused when it is indexed', async () => {
  const png = await picture().png().toBuffer();
  png.writeUInt32BE(0, 16);
  await assert.rejects(headerOf(png, 'flat.png'), {
    code: 'CRESCENDO_IMAGE_UNREADABLE',
    message: /flat\.png: it has 0 x 48 pixels/,
  });
});

test('where the file system fails the image is not said to be at fault', async () => {
  const path = join(PROJECT_ROOT, 'no-such-image.jpg');
  await assert.rejects(readImageHeader(path), {
    code: 'CRESCENDO_IMAGE_UNREADABLE',
    message:
      `cannot read image ${path}: ENOENT: no such file or directory, open '${path}'; ` +
      'look at the file system',
  });
});
