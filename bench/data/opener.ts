/**
 * The measured process of `bench index`: it opens packed shards, makes a first batch and says what
 * that took.
 */
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
  readonly firstBatchSeconds: number;
  /** Highest memory of the process before and after the dataset was opened and used. */
  readonly mebibytesBefore: number;
  readonly mebibytes: number;
}

function mebibytesMax(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

const run = parseRunText(
  JSON.stringify({
    model: { name: 'efficientnetv2-b0' },
    dataset: { name: 'packed-shards', path: process.argv[2] },
  }),
  'bench index',
);
const mebibytesBefore = mebibytesMax();
const started = performance.now();
const dataset = await openDataset(run.dataset);
const opened = performance.now();
const source = makeBatchSource(run, dataset, createRenderer());
await source.microBatch(0, 0, 0, BATCH_SAMPLES, barePhase(IMAGE_SIZE_PX));
const answer: OpenerAnswer = {
  records: dataset.train.sampleCount,
  openSeconds: (opened - started) / 1000,
  firstBatchSeconds: (performance.now() - opened) / 1000,
  mebibytesBefore,
  mebibytes: mebibytesMax(),
};
process.stdout.write(JSON.stringify(answer) + '\n');
