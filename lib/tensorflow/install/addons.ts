/**
 * Compiles tfjs's N-API binding and the project's own addons: those for graphs and images are
 * linked to the TensorFlow library, and the all-reduce's is not.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { PROJECT_ROOT } from '../../base/project.ts';
import { lastLine, runCommand } from './commands.ts';
import { LIBRARIES } from './library.ts';
import { madeFolder } from './made-folder.ts';
import { setupError } from './setup-error.ts';

export const BINDING_FILE = 'tfjs_binding.node';
export const GRAPH_FILE = 'crescendo_graph.node';
export const IMAGES_FILE = 'crescendo_images.node';
export const COLLECTIVE_FILE = 'crescendo_collective.node';

/**
 * The folder of the compiled addons, which are compiled on first use.
 * @param library the `tensorflow` folder to which they are linked
 * @throws CRESCENDO_ENGINE_SETUP with the remedy
 */
export async function builtAddons(
  enginesFolder: string,
  library: string,
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<string> {
  // A relative path if possible, so that the cache can be moved.
  const isFetched = library.startsWith(enginesFolder);
  const place = isFetched ? relative(enginesFolder, library) : library;
  const runPath = isFetched ? `$ORIGIN/../${place}` : library;
  const final = join(enginesFolder, `addons-${buildKey(library, place)}`);
  await madeFolder(final, print, async (scratch) => {
    await compileAddons(scratch, library, runPath, environment, print);
    await verifyAddons(scratch, environment);
    print(`engine ready in ${final}`);
  });
  return final;
}

/** A key that changes with the library, and with the addons' sources and build flags. */
function buildKey(library: string, place: string): string {
  const { size, mtimeMs } = statSync(join(library, LIBRARIES[0] as string));
  const hash = createHash('sha256').update(`build 5 ${place} ${size} ${mtimeMs}`);
  const own = HEADER_FOLDERS.flatMap((folder) => filesIn(folder, /\.(cc|h)$/));
  for (const file of [...bindingSources(), ...own]) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Folders and files with the sources of the project's own addons. */
const GRAPH_SOURCES = ['lib/tensorflow/native', 'lib/engine/ops', 'lib/optim/native/update.cc'];
const COLLECTIVE_SOURCES = ['lib/collective/kernels', 'lib/optim/native/update_step.cc'];
const IMAGES_SOURCES = ['lib/data/native'];
/** Folders in which their headers are found by name. */
const HEADER_FOLDERS = [
  'lib/base/native',
  'lib/tensorflow/native',
  'lib/engine/ops',
  'lib/collective/kernels',
  'lib/data/native',
  'lib/optim/native',
];

function filesIn(folder: string, kind: RegExp): string[] {
  return readdirSync(join(PROJECT_ROOT, folder))
    .filter((name) => kind.test(name))
    .sort()
    .map((name) => join(PROJECT_ROOT, folder, name));
}

/** The C++ files that an addon is compiled from. */
function sourcesOf(places: readonly string[]): string[] {
  return places.flatMap((place) =>
    place.endsWith('.cc') ? [join(PROJECT_ROOT, place)] : filesIn(place, /\.cc$/),
  );
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

/**
 * Without contraction, sums have the same bits on processors with and without fused multiply-add.
 */
const ARITHMETIC = ['-O3', '-ffp-contract=off', '-fno-trapping-math', '-fno-math-errno'];

/** Compiles the binding and the project's own addons in parallel. */
async function compileAddons(
  scratch: string,
  tensorflow: string,
  runPath: string,
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<void> {
  const require = createRequire(import.meta.url);
  const nodeHeaders = dirname(require.resolve('node-api-headers/package.json'));
  const addon = (file: string): string[] => [
    '-std=c++17',
    '-shared',
    '-fPIC',
    '-DNAPI_VERSION=8',
    `-I${join(nodeHeaders, 'include')}`,
    ...HEADER_FOLDERS.map((folder) => `-I${join(PROJECT_ROOT, folder)}`),
    // Node unloads addons with the thread that loaded them, but TensorFlow's exit handlers stay
    // registered: a process whose compute thread has failed would crash at its end.
    '-Wl,-z,nodelete',
    '-o',
    join(scratch, file),
  ];
  const linked = (sources: readonly string[]): string[] => [
    `-I${dirname(bindingFolder())}`,
    `-I${join(tensorflow, 'include')}`,
    ...sources,
    `-L${tensorflow}`,
    ...LIBRARIES.map((name) => `-l:${name}`),
    `-Wl,-rpath,${runPath}`,
  ];
  print('compiling the TensorFlow binding and kernels (about 20 s)');
  await Promise.all([
    compile(environment, ['-O2', ...addon(BINDING_FILE), ...linked(bindingSources())]),
    compile(environment, [
      ...ARITHMETIC,
      '-pthread',
      ...addon(GRAPH_FILE),
      ...linked(sourcesOf(GRAPH_SOURCES)),
    ]),
    compile(environment, [
      ...ARITHMETIC,
      '-pthread',
      ...addon(IMAGES_FILE),
      ...linked(sourcesOf(IMAGES_SOURCES)),
    ]),
    compile(environment, [
      ...ARITHMETIC,
      ...addon(COLLECTIVE_FILE),
      ...sourcesOf(COLLECTIVE_SOURCES),
    ]),
  ]);
}

/** @throws CRESCENDO_ENGINE_SETUP if there is no compiler, or if it fails */
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

/** Loads the new binding in a separate process, so that a broken one cannot harm this process. */
async function verifyAddons(scratch: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const script =
    `const b = require(${JSON.stringify(join(scratch, BINDING_FILE))});` +
    `require(${JSON.stringify(join(scratch, GRAPH_FILE))}).createGraph();` +
    `require(${JSON.stringify(join(scratch, COLLECTIVE_FILE))});` +
    `require(${JSON.stringify(join(scratch, IMAGES_FILE))});` +
    'const id = b.createTensor([2], b.TF_FLOAT, new Float32Array([3, 4]));' +
    "const attributes = [{ name: 'T', type: b.TF_ATTR_TYPE, value: b.TF_FLOAT }];" +
    "const out = b.executeOp('Square', attributes, [id], 1);" +
    'const v = b.tensorDataSync(out[0].id); process.exit(v[0] === 9 && v[1] === 16 ? 0 : 3);';
  const result = await runCommand(process.execPath, ['-e', script], {
    ...environment,
    TF_CPP_MIN_LOG_LEVEL: '2',
  });
  if (result.exitCode === 0) return;
  throw setupError(
    `the compiled binding does not run here (exit code ${result.exitCode}): ` +
      `${/^\w*Error: .*$/m.exec(result.output)?.[0] ?? lastLine(result.output)}. TensorFlow ` +
      'needs a processor with AVX and glibc 2.27',
  );
}
