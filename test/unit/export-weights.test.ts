/** Weights files that are made of checkpoints: the same bytes as a worker's. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { exportWeights, type WeightsFilePlan } from '../../lib/checkpoint/export-weights.ts';
import type { CheckpointEntry, CheckpointStore } from '../../lib/checkpoint/store.ts';
import { buildNetwork } from '../../lib/models/registry.ts';
import { weightsFilePlan } from '../../lib/optim/weights-file-plan.ts';
import { RandomStream } from '../../lib/base/random.ts';
import { useOf } from '../../lib/weights/description.ts';
import { decodeSafetensors, encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { weightsMetadata } from '../../lib/weights/weights-metadata.ts';
import { aLayout, CheckpointBench, stateOf } from '../support/checkpoint-folders.ts';
import { anEngine, aRun, CLASS_COUNT, SMALL_COATNET, SMALL_VIT } from '../support/engines.ts';
import type { RunOverrides } from '../support/run-files.ts';
import { weightsSha256Of } from '../support/weights-hash.ts';

const PATH = '/weights.safetensors';

interface Exported {
  readonly bench: CheckpointBench;
  readonly store: CheckpointStore;
  readonly entry: CheckpointEntry;
}

/** Exports with the clock running until it has ended. @throws its error @returns the SHA-256 */
function exported(
  { bench, store, entry }: Exported,
  plan: WeightsFilePlan,
  sha256?: string,
): string {
  const reader = store.open(entry);
  const options = { files: bench.disk, reader, plan, path: PATH, expectedSha256: sha256 };
  let found = '';
  try {
    bench.over((done) => {
      exportWeights(options, (error, hash) => {
        found = hash;
        done(error);
      });
    });
  } finally {
    reader.close();
  }
  return found;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const CLASS_NAMES = ['a', 'b', 'ç', 'd'];

const CASES: readonly (readonly [string, RunOverrides])[] = [
  ['with a moving average', {}],
  ['without one', { training: { epochs: 2, emaDecay: 0 } }],
  ['of a CoAtNet, whose form is told', { model: SMALL_COATNET.model }],
  ['of a ViT, which has no statistics', { model: SMALL_VIT.model }],
];

for (const [title, overrides] of CASES) {
  test(`weights ${title} have the bytes that the engine exports`, async () => {
    const run = aRun(overrides);
    const engine = await anEngine(overrides);
    const random = new RandomStream(5, 'test/export');
    const { layout, values } = engine.exportState();
    engine.importState({ layout, values: values.map(() => random.normal()) });
    const state = engine.exportState().values;
    const bench = new CheckpointBench();
    const store = bench.store();
    const head = { committedSteps: 3, generation: 1, layout };
    bench.write(store, head, state);
    const [entry] = store.list();
    assert.ok(entry !== undefined);
    const network = buildNetwork(run.model, CLASS_COUNT);
    for (const which of ['raw', 'ema'] as const) {
      const plan = weightsFilePlan(which, layout, {
        network,
        model: run.model,
        classNames: CLASS_NAMES,
        use: {
          model: run.model,
          imageSizePx: 32,
          preprocessing: 'whole',
          interpolation: 'bilinear',
          loss: 'softmax',
        },
      });
      const expected = encodeSafetensors(
        engine.exportWeights(which),
        weightsMetadata(run.model, CLASS_NAMES),
      );
      const sha256 = exported({ bench, store, entry }, plan, sha256Of(expected));
      assert.equal(sha256, sha256Of(expected));
      const written = bench.disk.readFile(PATH, 1e9);
      assert.ok(written !== undefined);
      const [file, engines] = [decodeSafetensors(written), decodeSafetensors(expected)];
      assert.deepEqual(file.tensors, engines.tensors, which);
      assert.equal(weightsSha256Of(written), sha256, 'the hash is that without the description');
      assert.equal(useOf(PATH, file.metadata)?.model.name, run.model.name);
    }
    engine.dispose();
  });
}

/** Ranges that begin and end within blocks, at their ends, and behind each other's. */
const RANGES = [
  { begin: 0, end: 5 },
  { begin: 16, end: 262_144 },
  { begin: 262_144, end: 262_145 },
  { begin: 300_000, end: 599_998 },
  { begin: 1, end: 3 },
];

/** A checkpoint of three blocks. */
function aCheckpoint(seed = 1): Exported & { plan: WeightsFilePlan; expected: Buffer } {
  const bench = new CheckpointBench(seed);
  const store = bench.store();
  const head = { committedSteps: 3, generation: 1, layout: aLayout(200_000) };
  bench.write(store, head);
  const [entry] = store.list();
  assert.ok(entry !== undefined);
  const header = Buffer.from('a header');
  const values = stateOf(head);
  const expected = Buffer.concat([
    header,
    ...RANGES.map(({ begin, end }) => new Uint8Array(values.slice(begin, end).buffer)),
  ]);
  return { bench, store, entry, plan: { header, ranges: RANGES }, expected };
}

test('tensors may lie anywhere in the blocks', () => {
  const one = aCheckpoint();
  const sha256 = exported(one, one.plan);
  const written = one.bench.disk.readFile(PATH, 1e9);
  assert.ok(written !== undefined && Buffer.from(written).equals(one.expected));
  assert.equal(sha256, sha256Of(one.expected));
});

test('an export that fails leaves the file that was there, and nothing else', () => {
  const small = (): WeightsFilePlan => ({
    header: Buffer.from('before'),
    ranges: [],
  });
  const fails = (code: string, prepare: (one: ReturnType<typeof aCheckpoint>) => string): void => {
    const one = aCheckpoint();
    exported(one, small());
    const expected = prepare(one);
    assert.throws(() => exported(one, one.plan, expected), { code });
    one.bench.disk.failOn(() => undefined);
    one.bench.settle();
    assert.deepEqual(one.bench.disk.list('/'), ['checkpoints', 'weights.safetensors']);
    assert.equal(one.bench.disk.sizeOf(PATH), 6);
  };
  fails('CRESCENDO_DIVERGED', () => 'another');
  fails('CRESCENDO_STORAGE_FULL', ({ bench, expected }) => {
    bench.disk.limitSpace(1.5 * 1024 * 1024);
    return sha256Of(expected);
  });
  fails('CRESCENDO_RUN_FOLDER_UNUSABLE', ({ bench, expected }) => {
    bench.disk.failOn(({ kind }) => (kind === 'sync' ? 'EIO' : undefined));
    return sha256Of(expected);
  });
  fails('CRESCENDO_CHECKPOINT_INVALID', ({ bench, expected }) => {
    bench.disk.damage('/checkpoints/step-00000003/state.safetensors', (bytes) =>
      bytes.with(bytes.length - 3_000, 0xff),
    );
    return sha256Of(expected);
  });
});

test('a crash at any operation leaves the file of before or the new one, whole', () => {
  const calm = aCheckpoint();
  const before = calm.bench.disk.operationCount;
  exported(calm, calm.plan);
  const operations = calm.bench.disk.operationCount - before;
  for (let count = 0; count <= operations; count++) {
    const one = aCheckpoint(count);
    const { bench, plan, expected } = one;
    exported(one, { header: Buffer.from('before'), ranges: [] });
    bench.disk.haltAfter(count);
    let isAcknowledged = false;
    try {
      exported(one, plan);
      isAcknowledged = true;
    } catch (error) {
      assert.ok(bench.disk.isHalted, String(error));
    }
    bench.disk.crash();
    const found = Buffer.from(bench.disk.readFile(PATH, 1e9) ?? new Uint8Array(0));
    if (isAcknowledged) assert.ok(found.equals(expected));
    else assert.ok(found.equals(expected) || found.toString() === 'before', `${found.length}`);
  }
});
