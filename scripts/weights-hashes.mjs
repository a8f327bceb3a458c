// node scripts/weights-hashes.mjs [--cli dist/cli/main.js] [--only NAME] [--json] [--record]
// Trains each run of the fixture and compares the SHA-256 of its final weights and of their moving
// average with the recorded ones. Exit codes: 0 all that could be compared is equal, 1 it is not.
// Runs with the js engine are compared everywhere; TensorFlow adds in another order on other
// processors, so its runs are compared only on the kind that they were recorded on.
// --record writes what is found into the fixture; then: npx prettier --write on it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const fixturePath = fileURLToPath(new URL('../test/fixtures/weights-sha256.json', import.meta.url));
const VECTOR_FLAG = /^(sse4_[12]|fma|f16c|avx|avx2|avx_\w+|avx512\w*|amx\w*)$/;
const IMAGE_SIDE_PX = 12;
const IMAGE_COUNT = 24;
const OUTLIER_INDEX = 5;

const { values: flags } = parseArgs({
  options: {
    cli: {
      type: 'string',
      default: fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)),
    },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const cli = resolve(flags.cli);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** What TensorFlow chooses its kernels by, as far as Linux says it. */
function thisProcessor() {
  const text = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const valueOf = (key) => new RegExp(`^${key}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';
  const vectorFlags = valueOf('flags')
    .split(' ')
    .filter((flag) => VECTOR_FLAG.test(flag));
  const cacheSizes = [0, 1, 2, 3].flatMap((index) => {
    const path = `/sys/devices/system/cpu/cpu0/cache/index${index}/size`;
    return existsSync(path) ? [readFileSync(path, 'utf8').trim()] : [];
  });
  return {
    model: valueOf('model name'),
    flags: vectorFlags.sort().join(' '),
    caches: cacheSizes.join(' '),
  };
}

/** Nearly plain images of four classes, one of which has full contrast. */
async function writeImages(folder) {
  const sharp = createRequire(cli)('sharp');
  for (const split of ['train', 'validation']) {
    for (let index = 0; index < IMAGE_COUNT; index++) {
      const contrast = split === 'train' && index === OUTLIER_INDEX ? 127 : 1;
      const pixels = Buffer.alloc(IMAGE_SIDE_PX ** 2 * 3);
      for (let at = 0; at < pixels.length; at++) {
        const square =
          Math.floor(at / 3) + Math.floor(at / (3 * IMAGE_SIDE_PX)) * (1 + (index % 3));
        pixels[at] = 128 + contrast * (square % 2 === 0 ? 1 : -1);
      }
      const classFolder = join(folder, split, `class${index % 4}`);
      mkdirSync(classFolder, { recursive: true });
      const raw = { width: IMAGE_SIDE_PX, height: IMAGE_SIDE_PX, channels: 3 };
      await sharp(pixels, { raw })
        .png()
        .toFile(join(classFolder, `${index}.png`));
    }
  }
}

/** Multiplies a tensor of a safetensors file. */
function scaleTensor(path, name, factor) {
  const bytes = readFileSync(path);
  const dataStart = 8 + Number(bytes.readBigUInt64LE(0));
  const [from, to] = JSON.parse(bytes.toString('utf8', 8, dataStart))[name].data_offsets;
  for (let at = dataStart + from; at < dataStart + to; at += 4) {
    bytes.writeFloatLE(bytes.readFloatLE(at) * factor, at);
  }
  writeFileSync(path, bytes);
}

/** Trains a case in a folder of its own. @returns the folder of the run */
async function train({ name, workers, run, startsFrom }, runFolderOf) {
  const folder = mkdtempSync(join(temporaryFolder, `${name}-`));
  if (run.dataset.name === 'image-folder') await writeImages(join(folder, run.dataset.path));
  if (startsFrom !== undefined) {
    const weights = join(folder, run.initialWeights);
    copyFileSync(join(await runFolderOf(startsFrom.case), 'weights.safetensors'), weights);
    if (startsFrom.scaled !== undefined) scaleTensor(weights, startsFrom.scaled, startsFrom.factor);
  }
  const file = join(folder, 'run.yaml');
  writeFileSync(file, JSON.stringify(run));
  const args = ['train', file, '--workers', String(workers), '--runs', join(folder, 'runs')];
  const result = spawnSync(process.execPath, [cli, ...args, '--json'], { maxBuffer: 2 ** 27 });
  if (result.status !== 0)
    throw new Error(`${name} failed:\n${result.stderr}${result.error ?? ''}`);
  return JSON.parse(result.stdout.toString()).folder;
}

/** A safetensors file without its description, which the hashes of a run do not cover. */
function undescribed(bytes) {
  const dataStart = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, dataStart));
  delete header.__metadata__.description;
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8), 0);
  json.copy(head, 8);
  return Buffer.concat([head, bytes.subarray(dataStart)]);
}

function hashesIn(folder) {
  const { weightsSha256 } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  const ema = join(folder, 'weights-ema.safetensors');
  if (!existsSync(ema)) return { weightsSha256 };
  return { weightsSha256, emaWeightsSha256: sha256(undescribed(readFileSync(ema))) };
}

function print(line) {
  const { name, status, weightsSha256, emaWeightsSha256, seconds, reason } = line;
  if (flags.json) {
    console.log(JSON.stringify(line));
    return;
  }
  console.log(`${status} ${name}${seconds === undefined ? '' : ` (${seconds} s)`}`);
  if (weightsSha256 !== undefined) console.log(`  weights ${weightsSha256}`);
  if (emaWeightsSha256 !== undefined) console.log(`  ema     ${emaWeightsSha256}`);
  if (reason !== undefined) console.log(`  ${reason}`);
}

const fixture = JSON.parse(readFileSync(fixturePath, 'utf8'));
const processor = thisProcessor();
const temporaryFolder = mkdtempSync(join(tmpdir(), 'crescendo-hashes-'));
const runFolders = new Map();
const counts = { passed: 0, failed: 0, skipped: 0 };

function caseOf(name) {
  const found = fixture.cases.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(`no case ${name}: ${fixture.cases.map((one) => one.name).join(', ')}`);
}

async function runFolderOf(name) {
  const folder = runFolders.get(name) ?? (await train(caseOf(name), runFolderOf));
  runFolders.set(name, folder);
  return folder;
}

/** Kernels depend on vector instructions, and their blocks on caches: all must be as recorded. */
function skipReason({ engine }) {
  const recorded = fixture.processor;
  const isComparable =
    engine === 'js' ||
    ['model', 'flags', 'caches'].every((key) => processor[key] === recorded[key]);
  if (flags.record || isComparable) return undefined;
  const text = ({ model, flags: vector, caches }) => `${model} (${vector}; caches ${caches})`;
  return `recorded on ${text(recorded)}; this is ${text(processor)}`;
}

async function check(one) {
  const { name, weightsSha256, emaWeightsSha256 } = one;
  const reason = skipReason(one);
  if (reason !== undefined) return { name, status: 'skipped', reason };
  const startMs = performance.now();
  const found = hashesIn(await runFolderOf(name));
  const seconds = Math.round((performance.now() - startMs) / 100) / 10;
  const line = { name, ...found, seconds };
  if (flags.record) {
    Object.assign(one, found);
    return { ...line, status: 'recorded' };
  }
  const isSame =
    found.weightsSha256 === weightsSha256 && found.emaWeightsSha256 === emaWeightsSha256;
  if (isSame) return { ...line, status: 'same' };
  const expected = `expected ${weightsSha256}, ema ${emaWeightsSha256 ?? 'none'}`;
  return { ...line, status: 'DIFFERENT', reason: expected };
}

if (flags.record && flags.only !== undefined) throw new Error('--record is for all cases at once');
try {
  for (const one of flags.only === undefined ? fixture.cases : [caseOf(flags.only)]) {
    const line = await check(one).catch((error) => {
      return { name: one.name, status: 'FAILED', reason: error.message };
    });
    print(line);
    if (line.status === 'skipped') counts.skipped++;
    else if (['DIFFERENT', 'FAILED'].includes(line.status)) counts.failed++;
    else counts.passed++;
  }
  if (counts.failed > 0) process.exitCode = 1;
  if (flags.record && process.exitCode === undefined) {
    writeFileSync(fixturePath, JSON.stringify({ ...fixture, processor }));
  }
  if (!flags.json) {
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
  }
} finally {
  rmSync(temporaryFolder, { recursive: true, force: true });
}
