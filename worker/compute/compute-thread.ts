/**
 * Serves the requests of a worker's networking thread: it computes steps, applies them, evaluates,
 * and exports. It handles one request at a time, in order; the networking thread goes on meanwhile.
 */
import { CrescendoError, messageOf } from '../../lib/base/errors.ts';
import { elementsOf } from '../../lib/checkpoint/snapshot.ts';
import { BadSamplesError } from '../../lib/data/bad-samples.ts';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import { identityOf } from '../../lib/data/dataset-identity.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { weightsMetadata } from '../../lib/weights/weights-metadata.ts';
import { evaluateBatches } from './evaluation.ts';
import type { ComputeReply, ComputeRequest } from './messages.ts';
import { TrainingStep } from './step.ts';

type Evaluate = ComputeRequest & { readonly kind: 'evaluate' };

/** Requests for the state as it is after the last commit. */
const READS_STATE: ReadonlySet<ComputeRequest['kind']> = new Set([
  'exportState',
  'copyState',
  'exportWeights',
]);

/** Where replies go; a message port in a worker. */
export interface ReplyPort {
  postMessage(reply: ComputeReply): void;
  close(): void;
}

export class ComputeThread {
  readonly #run: RunConfig;
  readonly #engine: Engine;
  readonly #source: BatchSource;
  readonly #port: ReplyPort;
  readonly #step: TrainingStep;
  #tail = Promise.resolve();
  #requestCount = 0;
  /** Batches that were reported of an evaluation of a generation. */
  #evaluated = { key: '', batches: new Set<number>() };

  /** @param engine with the run's initial weights; `stop` disposes it */
  constructor(run: RunConfig, engine: Engine, source: BatchSource, port: ReplyPort) {
    this.#run = run;
    this.#engine = engine;
    this.#source = source;
    this.#port = port;
    this.#step = new TrainingStep({
      run,
      mode: modeOf(run),
      engine,
      source,
      reply: (message) => {
        port.postMessage(message);
      },
    });
    port.postMessage({
      kind: 'ready',
      totalElements: engine.layout.totalElements,
      gradientElements: engine.layout.gradientElements,
      parameters: engine.parameters,
      stateElements: elementsOf(engine.state.checkpointLayout),
      checkpointLayout: engine.state.checkpointLayout,
      stateLayout: engine.state.snapshotLayout,
      owners: this.#step.owners,
      buckets: engine.buckets,
      description: engine.description,
      dataset: identityOf(source),
    });
  }

  /** Takes a request; it is handled once those before it are. @returns when it has been handled */
  request(request: ComputeRequest): Promise<void> {
    if (request.kind === 'step') this.#step.announce(request);
    const number = ++this.#requestCount;
    this.#tail = this.#tail
      .then(() => this.#handle(request, () => this.#requestCount === number))
      .catch((error: unknown) => {
        const isBad = error instanceof BadSamplesError;
        const { samples } = isBad ? error : { samples: [] };
        this.#port.postMessage(
          isBad ? { kind: 'badSamples', samples, isFinal: true } : failureOf(error),
        );
      });
    return this.#tail;
  }

  /** @param isNewest whether no later request waits */
  async #handle(request: ComputeRequest, isNewest: () => boolean): Promise<void> {
    if (READS_STATE.has(request.kind)) this.#step.settle();
    switch (request.kind) {
      case 'step':
        await this.#step.compute(request);
        break;
      case 'apply':
        await this.#step.apply(request);
        break;
      case 'evaluate':
        await this.#evaluate(request, isNewest);
        break;
      case 'exportState': {
        const { generation, begin } = request;
        const { snapshotLayout: layout } = this.#engine.state;
        const end = Math.min(request.end, elementsOf(layout));
        const { values: state } = this.#engine.state.copyRange({ begin, end }, layout);
        this.#port.postMessage({ kind: 'state', generation, state });
        break;
      }
      case 'copyState': {
        const { generation, committedSteps, ranges } = request;
        const pieces = ranges.map((range) => this.#engine.state.copyRange(range));
        this.#port.postMessage({ kind: 'stateCopied', generation, committedSteps, pieces });
        break;
      }
      case 'importState': {
        const { snapshotLayout: layout } = this.#engine.state;
        this.#engine.importState({ layout, values: request.state });
        this.#step.forgetSums();
        this.#port.postMessage({ kind: 'stateImported' });
        break;
      }
      case 'exportWeights':
        this.#port.postMessage({
          kind: 'weights',
          raw: this.#weightsFile('raw'),
          ema: this.#weightsFile('ema'),
        });
        break;
      case 'ping':
        this.#port.postMessage({ kind: 'pong' });
        break;
      case 'stop':
        this.#engine.dispose();
        this.#port.close();
        break;
    }
  }

  /**
   * Whatever is asked for later, these batches are not wanted any more: the evaluation was given
   * up, or is divided anew. What was said before in the same generation is not said again.
   */
  async #evaluate(request: Evaluate, isNewest: () => boolean): Promise<void> {
    const { evaluation, generation } = request;
    const key = `${generation}/${evaluation}`;
    if (this.#evaluated.key !== key) this.#evaluated = { key, batches: new Set() };
    const { batches: said } = this.#evaluated;
    const missing = request.batches.filter((one) => !said.has(one));
    const wanted = { ...request, batches: missing };
    for await (const batch of evaluateBatches(this.#engine, this.#source, wanted, isNewest)) {
      said.add(batch.index);
      this.#port.postMessage({ kind: 'unitDone' });
      this.#port.postMessage({ kind: 'evaluated', evaluation, generation, batches: [batch] });
    }
  }

  #weightsFile(weights: 'raw' | 'ema'): Uint8Array {
    const file = encodeSafetensors(
      this.#engine.exportWeights(weights),
      weightsMetadata(this.#run.model, this.#source.classNames),
    );
    this.#port.postMessage({ kind: 'unitDone' });
    return file;
  }
}

/** What the networking thread is told of an error that the compute thread cannot go on after. */
export function failureOf(error: unknown): ComputeReply & { readonly kind: 'failed' } {
  if (error instanceof CrescendoError) {
    return { kind: 'failed', code: error.code, message: messageOf(error) };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  const message = stack === undefined || stack === '' ? messageOf(error) : stack;
  return { kind: 'failed', code: 'CRESCENDO_WORKER_FAILED', message };
}
