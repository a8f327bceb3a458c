/**
 * `bench index --files`: how long a folder of many image files takes to index, and to open again.
 * Its files are hard links to photographs, in 1,000 class folders, and are removed afterwards.
 */
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../lib/base/process.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { LinePeer } from '../line-peer.ts';
import { undoAtExit } from '../scaling/at-exit.ts';
import type { OpenerAnswer } from './opener.ts';
import { photographFolder } from './photographs.ts';

/** As ImageNet has them: 1,281,167 images to train on and 50,000 to validate with. */
const CLASSES = 1000;
const FILES_PER_VALIDATION_FILE = 25;
/** File systems bear more links to one file: ext4 65,000. */
const LINKS_PER_COPY = 32_000;
/** Names take about 100 MB for a million files in their folders, and as much in the index. */
const BYTES_PER_FILE = 200;
const OPEN_MS_MAX = 3_600_000;

export interface FileIndexResult {
  readonly files: number;
  readonly classes: number;
  /** The first start, which reads all headers, and the next one, which reads none. */
  readonly indexSeconds: number;
  readonly openSeconds: number;
  readonly firstBatchSeconds: number;
  readonly indexCpuSeconds: number;
  /** Highest memory of each start's process, and what the second had before it. */
  readonly indexMebibytes: number;
  readonly openMebibytes: number;
  readonly mebibytesBefore: number;
  /** What an image takes of the second start's memory: of its open dataset. */
  readonly bytesPerImage: number;
  readonly cores: number;
  readonly processor: string;
}

/**
 * @param files of the training split, 1,000 or more
 * @throws {RangeError} where the file system has no room for so many names
 * @throws {PeerMissing} without the photographs
 */
export async function benchFileIndex(
  files: number,
  print: (line: string) => void,
): Promise<FileIndexResult> {
  const photographs = await photographFolder(print);
  const folder = mkdtempSync(join(tmpdir(), 'crescendo-files-'));
  const removeFolder = undoAtExit(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  try {
    requireRoom(folder, files);
    const copies = copiesOf(photographs, join(folder, 'copies'), files);
    const root = join(folder, 'images');
    makeFiles(root, copies, 'train', files);
    makeFiles(root, copies, 'validation', validationFiles(files));
    print(`${files} files made below ${folder}`);
    const cache = join(folder, 'cache');
    const indexed = await opened(root, cache);
    print(`indexed in ${indexed.openSeconds.toFixed(1)} s`);
    const again = await opened(root, cache);
    return {
      files,
      classes: CLASSES,
      indexSeconds: indexed.openSeconds,
      openSeconds: again.openSeconds,
      firstBatchSeconds: again.firstBatchSeconds,
      indexCpuSeconds: indexed.openCpuSeconds,
      indexMebibytes: indexed.mebibytes,
      openMebibytes: again.mebibytes,
      mebibytesBefore: again.mebibytesBefore,
      bytesPerImage: Math.round(again.datasetBytes / (files + validationFiles(files))),
      cores: availableParallelism(),
      processor: cpus()[0]?.model ?? 'unknown',
    };
  } finally {
    print(`removing ${folder}`);
    removeFolder();
  }
}

function validationFiles(files: number): number {
  return Math.max(CLASSES, Math.floor(files / FILES_PER_VALIDATION_FILE));
}

function requireRoom(folder: string, files: number): void {
  const { bavail, bsize, ffree, files: inodes } = statfsSync(folder);
  const bytes = files * BYTES_PER_FILE;
  if (bavail * bsize < bytes) {
    throw new RangeError(`${folder} has ${bavail * bsize} free bytes where ${bytes} are needed`);
  }
  // Some file systems, such as btrfs, have no fixed number of them and say 0.
  const needed = 2 * CLASSES + Math.ceil(files / LINKS_PER_COPY);
  if (inodes > 0 && ffree < needed) {
    throw new RangeError(`${folder} has ${ffree} free inodes where ${needed} are needed`);
  }
}

/** Copies of photographs, to which all files are links. */
function copiesOf(photographs: string, target: string, files: number): string[] {
  mkdirSync(target);
  const originals = readdirSync(photographs).flatMap((kind) =>
    readdirSync(join(photographs, kind)).map((name) => join(photographs, kind, name)),
  );
  const count = Math.max(originals.length, Math.ceil(files / LINKS_PER_COPY));
  return Array.from({ length: count }, (_, index) => {
    const copy = join(target, `${index}.jpg`);
    copyFileSync(originals[index % originals.length] as string, copy);
    return copy;
  });
}

/** Names as ImageNet's are: `train/n00000042/n00000042_17.JPEG`. */
function makeFiles(root: string, copies: readonly string[], split: string, files: number): void {
  for (let label = 0; label < CLASSES; label++) {
    const name = `n${String(label).padStart(8, '0')}`;
    const folder = join(root, split, name);
    mkdirSync(folder, { recursive: true });
    for (let index = label; index < files; index += CLASSES) {
      linkSync(copies[index % copies.length] as string, join(folder, `${name}_${index}.JPEG`));
    }
  }
}

/** Opens the folder in a process of its own, whose cache is beside it. */
async function opened(root: string, cache: string): Promise<OpenerAnswer> {
  const main = join(PROJECT_ROOT, 'dist', 'bench', 'data', 'opener.js');
  const args = ['--expose-gc', main, 'image-folder', root];
  const environment = { ...process.env, CRESCENDO_HOME: cache };
  const opener = new LinePeer('the opener', process.execPath, args, environment, OPEN_MS_MAX);
  const { processId } = opener;
  const end = undoAtExit(() => {
    if (isRunning(processId)) process.kill(processId, 'SIGKILL');
  });
  try {
    return (await opener.answer()) as OpenerAnswer;
  } finally {
    opener.close();
    end();
  }
}
