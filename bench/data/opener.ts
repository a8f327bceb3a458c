/**
 * The measured process of `bench index`: it opens a dataset, makes a first batch and says what that
 * took. usage: node --expose-gc opener.js FORMAT PATH
 */
import { assert } from '../../lib/base/errors.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { makeBatchSource } from '../../lib/data/open-batch-source.ts';
import { createRenderer } from '../../lib/data/renderer.ts';
import { barePhase } from '../../lib/run/phases.ts';
import { parseRunText } from '../../lib/run/parse.ts';

const BATCH_SAMPLES = 64;
const IMAGE_SIZE_PX = 64;

export interface OpenerAnswer {
  readonly records: number;
  readonly openSeconds: number;
  /** Processor time of all threads while it was opened. */
  readonly openCpuSeconds: number;
  readonly firstBatchSeconds: number;
  /** Highest memory of the process before and after the dataset was opened and used. */
  readonly mebibytesBefore: number;
  readonly mebibytes: number;
  /** What the open dataset itself takes, by memory that is not garbage. */
  readonly datasetBytes: number;
}

function bytesUsed(): number {
  assert(globalThis.gc !== undefined, 'the opener is started without --expose-gc');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function mebibytesMax(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

const run = parseRunText(
  JSON.stringify({
    model: { name: 'efficientnetv2-b0' },
    dataset: { name: process.argv[2], path: process.argv[3] },
  }),
  'bench index',
);
const mebibytesBefore = mebibytesMax();
const bytesBefore = bytesUsed();
const usage = process.cpuUsage();
const started = performance.now();
const dataset = await openDataset(run.dataset);
const openSeconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(usage);
const datasetBytes = bytesUsed() - bytesBefore;
const opened = performance.now();
const source = makeBatchSource(run, dataset, createRenderer());
await source.microBatch(0, 0, 0, BATCH_SAMPLES, barePhase(IMAGE_SIZE_PX));
const answer: OpenerAnswer = {
  records: dataset.train.sampleCount,
  openSeconds,
  openCpuSeconds: (user + system) / 1e6,
  firstBatchSeconds: (performance.now() - opened) / 1000,
  mebibytesBefore,
  mebibytes: mebibytesMax(),
  datasetBytes,
};
process.stdout.write(JSON.stringify(answer) + '\n');
