/**
 * One process of `bench allreduce`: the worker's own links and all-reduce on a vector, without
 * TensorFlow. Takes lines on its standard input, answers each with a line of JSON.
 */
import { createInterface } from 'node:readline';
import { defined } from '../lib/base/errors.ts';
import type { AllReduceKernels } from '../lib/collective/compression/compressor.ts';
import { planBuckets, type Bucket } from '../lib/collective/buckets.ts';
import { isLossy } from '../lib/run/run-config.ts';
import { loadCompressionKernels, loadVectorKernels } from '../lib/collective/kernels/addon.ts';
import { prepareTensorflow } from '../lib/tensorflow/load.ts';
import type { StepOrder } from '../proto/generated/messages.ts';
import { DataPlane } from '../worker/all-reduce/data-plane.ts';
import { PeerLinks } from '../lib/transport/peer-links.ts';
import type { Peer } from '../lib/transport/peer-transport.ts';
import type { ReducedGradient } from '../worker/all-reduce/step-all-reduce.ts';
import type { AllReduceRunnerSettings } from './allreduce.ts';
import { barePhase } from '../lib/run/phases.ts';
import { SENDING_SUMS } from '../lib/optim/modes/owners.ts';

/** Elements of one pretended tensor: about the mean of a layer of EfficientNetV2-S. */
const TENSOR_ELEMENTS = 256 * 1024;
/** Rows of that tensor as a matrix. */
const TENSOR_ROWS = 512;

class Runner {
  readonly #settings: AllReduceRunnerSettings;
  readonly #buckets: readonly Bucket[];
  readonly #links: PeerLinks;
  readonly #dataPlane: DataPlane;
  readonly #own: Float32Array;
  readonly #result: Float32Array;
  #machines = new Map<number, string>();
  #step = 0;
  #onReduced: ((sum: ReducedGradient) => void) | undefined;

  constructor(settings: AllReduceRunnerSettings, kernels: AllReduceKernels) {
    const { slot, workers, elements, compression, topKFraction, powerSgdRank, machine } = settings;
    this.#settings = settings;
    const format = isLossy(compression) ? 'float32' : compression;
    const tensors = Math.ceil(elements / TENSOR_ELEMENTS);
    this.#buckets = planBuckets(
      {
        tensorBegins: Array.from({ length: tensors }, (_, index) => index * TENSOR_ELEMENTS),
        gradientElements: elements,
        totalElements: elements,
      },
      format,
    );
    this.#own = vectorOf(slot, elements);
    kernels.vectors.round(this.#own, this.#own, format);
    this.#result = sharedVector(elements);
    this.#links = new PeerLinks(machine, {
      onFrame: (frame) => this.#dataPlane.onFrame(frame),
      onDialed: () => undefined,
      onBroken: (peer, reason) => {
        process.stderr.write(`the link to ${peer} broke: ${reason}\n`);
        process.exit(1);
      },
    });
    const clock = { now: () => performance.now() };
    this.#dataPlane = new DataPlane(this.#links, clock, {
      relay: () => undefined,
      onReduced: (_, sum) => this.#onReduced?.(sum),
      onLinked: () => undefined,
      onState: () => undefined,
      onShards: () => undefined,
    });
    const lossy = {
      communication: { topKFraction, powerSgdRank, guardEverySteps: 0 },
      seed: 1,
      gradientElements: elements,
      parameters: Array.from({ length: Math.floor(elements / TENSOR_ELEMENTS) }, (_, index) => ({
        offset: index * TENSOR_ELEMENTS,
        shape: [TENSOR_ROWS, TENSOR_ELEMENTS / TENSOR_ROWS],
      })),
    };
    this.#dataPlane.open({
      mySlot: slot,
      microBatches: workers,
      buckets: this.#buckets,
      stateElements: 0,
      lossy,
      owners: SENDING_SUMS,
      kernels,
    });
  }

  async listen(): Promise<Peer> {
    const { slot, machine } = this.#settings;
    const links = this.#links;
    const port = await links.listen('127.0.0.1', 0);
    const localPath = await links.listenLocally();
    links.identify(slot, 'bench');
    return { slot, dataUrl: `ws://127.0.0.1:${port}`, machine, localPath };
  }

  async link(peers: readonly Peer[]): Promise<void> {
    this.#machines = new Map(peers.map(({ slot, machine }) => [slot, machine]));
    const others = peers.filter(({ slot }) => slot !== this.#settings.slot);
    const unreachable = await this.#links.link(others);
    if (unreachable.length > 0) throw new Error(`slots ${unreachable.join(', ')} do not answer`);
  }

  /** Milliseconds of one all-reduce. */
  async reduce(): Promise<{ ms: number; checksum: number }> {
    const { slot } = this.#settings;
    const { allReduce } = this.#dataPlane;
    const started = performance.now();
    const reduced = new Promise<ReducedGradient>((resolve) => {
      this.#onReduced = resolve;
    });
    const order = this.#order();
    allReduce.start(order, this.#machines);
    const { generation, step, attempt } = order;
    const sums = [{ begin: slot, end: slot + 1, values: this.#own }];
    allReduce.begin({
      generation,
      step,
      attempt,
      sums,
      result: this.#result,
      stepsWeights: { by: 'workers' },
    });
    allReduce.offer(order, Infinity);
    const { checksum } = await reduced;
    return { ms: performance.now() - started, checksum };
  }

  /** Mean over all reductions so far. */
  get bytesSent(): number {
    return this.#links.bytesSent / this.#step;
  }

  /** Bytes of both vectors, and of sums and frames under way. */
  get memoryBytes(): number {
    const vectors = this.#own.byteLength + this.#result.byteLength;
    return vectors + this.#dataPlane.bytesHeld;
  }

  /** The value at `index` of the last result. */
  valueAt(index: number): number {
    return defined(this.#result[index], `element ${index}`);
  }

  close(): void {
    this.#links.close();
  }

  #order(): StepOrder {
    const leases = [...this.#machines.keys()].map((slot) => ({ slot, microBatches: [slot] }));
    return {
      kind: 'stepOrder',
      generation: 1,
      step: this.#step++,
      attempt: 0,
      leases,
      phase: barePhase(1),
      learningRate: 0,
      audits: [],
      relayedPairs: [],
      sampleCount: 0,
      innerLearningRates: [],
      compression: this.#settings.compression,
    };
  }
}

function sharedVector(elements: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(elements * 4));
}

/** Sums of these are exact in every format, so that a wrong one is seen. */
function vectorOf(slot: number, elements: number): Float32Array {
  return sharedVector(elements).map((_, index) => ((index % 7) + slot + 1) / 64);
}

function answer(value: object): void {
  process.stdout.write(JSON.stringify(value) + '\n');
}

const settings = JSON.parse(process.argv[2] ?? '{}') as AllReduceRunnerSettings;
const { collectiveAddonPath } = await prepareTensorflow();
const runner = new Runner(settings, {
  vectors: loadVectorKernels(collectiveAddonPath),
  compressions: loadCompressionKernels(collectiveAddonPath),
});
answer(await runner.listen());
for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(/ (.*)/s);
  if (command === 'link') {
    await runner.link(JSON.parse(argument ?? '[]') as Peer[]);
    answer({});
  } else if (command === 'reduce') {
    const reductions: Awaited<ReturnType<Runner['reduce']>>[] = [];
    while (reductions.length < Number(argument)) reductions.push(await runner.reduce());
    answer(reductions);
  } else if (command === 'used') {
    answer({ sent: runner.bytesSent, memory: runner.memoryBytes });
  } else if (command === 'value') {
    answer({ value: runner.valueAt(Number(argument)) });
  }
}
runner.close();
