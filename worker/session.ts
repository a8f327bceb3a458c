/**
 * A worker's life in one run, on the networking thread: hello, prepare, link, then orders until it
 * is released. Orders name what is committed; the sum of the last step is applied only then.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { assert, CrescendoError, defined, type ErrorCode } from '../lib/base/errors.ts';
import type { AllReduceKernels } from '../lib/collective/compression/compressor.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import { isNonfinite, markNonfinite } from '../lib/collective/step-vector.ts';
import type { UpdateKernels } from '../lib/optim/update-kernels.ts';
import type {
  CoordinatorMessage,
  EvaluationOrder,
  FinishOrder,
  Roster,
  StepOrder,
  Welcome,
  WorkerMessage,
} from '../proto/generated/messages.ts';
import { PROTOCOL_VERSION } from '../proto/limits.ts';
import { ComputeClient } from './compute/client.ts';
import type { ComputeReply } from './compute/messages.ts';
import type { CoordinatorLink } from '../lib/transport/coordinator-link.ts';
import { DataPlane } from './data-plane.ts';
import { dataUrlOf } from '../lib/transport/peer-dial.ts';
import type { ReducedGradient } from './all-reduce/step-all-reduce.ts';
import { leaseOf, localOrderOf, stepCountOf } from './step-order.ts';
import { Membership } from './membership.ts';
import { OptimizerShards } from '../lib/optim/modes/sharded/optimizer-shards.ts';
import { stepReport } from './step-report.ts';
import { uploadWeights } from './weights-upload.ts';

/** What the networking thread computes with. */
export interface WorkerKernels extends AllReduceKernels {
  readonly updates: UpdateKernels;
}

export interface SessionOptions {
  readonly joinToken: string;
  /** Fingerprint of the run file given to this worker; empty when none was. */
  readonly configFingerprint: string;
  /** Address and port (0: a free one) to listen on for peers. */
  readonly dataHost: string;
  readonly dataPort: number;
  /** Address that peers dial; differs from dataHost behind NAT or in a container. */
  readonly advertiseHost: string;
  readonly metricsAddress: string;
  /** Name of this machine: peers that give the same one are reached by Unix sockets. */
  readonly machine: string;
  /**
   * Sets what the engine reads from the environment, before the compute thread starts.
   * @returns what the all-reduce adds and steps with
   */
  readonly prepareEnvironment: (run: RunConfig) => Promise<WorkerKernels>;
  readonly observer: SessionObserver;
}

export interface SessionObserver {
  onWelcome?(welcome: Welcome): void;
  onPrepared?(engineDescription: string): void;
  onStep?(report: WorkerMessage & { kind: 'stepReduced' }): void;
  onMemory?(tensorCount: number, tensorBytes: number): void;
  /**
   * @param bytesSent to peers, since the start
   * @param bytesHeld for vectors of sums and frames
   * @param shardBytes held for this worker's shard of the optimizer state
   */
  onAllReduce?(bytesSent: number, bytesHeld: number, shardBytes: number): void;
  onNotice?(text: string): void;
}

/** Given to a dead peer's coordinator connection to close too, which explains the broken link. */
const RELINK_PAUSE_MS = 1_000;

/** A sum this worker holds and has reported, waiting for its commit. */
interface PendingUpdate {
  readonly step: number;
  /** The step behind the last one that it commits. */
  readonly end: number;
  readonly learningRate: number;
  readonly sum: Float32Array;
  readonly gradientNorm: number;
}

export class WorkerSession {
  readonly #options: SessionOptions;
  readonly #coordinator: CoordinatorLink;
  readonly #dataPlane: DataPlane;
  #compute: ComputeClient | undefined;
  #welcome: Welcome | undefined;
  #run: RunConfig | undefined;
  #kernels: WorkerKernels | undefined;
  /** Once the engine is ready, as the coordinator is told. */
  #membership: Membership | undefined;
  #order: StepOrder | undefined;
  #pending: PendingUpdate | undefined;
  #appliedSteps = 0;
  #computed: (ComputeReply & { kind: 'sumsMade' }) | undefined;
  #contributedAtMs = 0;
  #isComputeDone = false;
  #gradientNorm = 0;
  #applySeconds = 0;
  #memory = { tensorCount: 0, tensorBytes: 0 };
  #finish: FinishOrder | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #settle: { resolve: (reason: string) => void; reject: (error: Error) => void } | undefined;

  constructor(coordinator: CoordinatorLink, options: SessionOptions) {
    this.#coordinator = coordinator;
    this.#options = options;
    this.#dataPlane = new DataPlane(options.machine, {
      relay: (bytes, onSent) => {
        this.#coordinator.sendBytes(bytes, onSent);
      },
      onReduced: (order, sum) => {
        this.#onReduced(order, sum);
      },
      onBroken: (slot, reason) => {
        this.#onLinkBroken(slot, reason);
      },
    });
  }

  /** Runs until released. @returns the reason @throws the CrescendoError that ended it */
  async run(): Promise<string> {
    const { dataHost, dataPort, advertiseHost } = this.#options;
    const { links } = this.#dataPlane;
    try {
      const dataUrl = dataUrlOf(advertiseHost, await links.listen(dataHost, dataPort));
      const localPath = await links.listenLocally();
      return await new Promise<string>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#coordinator.start({
          onMessage: (message) => {
            this.#guard(() => {
              this.#onMessage(message);
            });
          },
          onFrame: (frame) => {
            this.#dataPlane.acceptRelayed(frame);
          },
          onClosed: (reason) => {
            reject(
              new CrescendoError(
                'CRESCENDO_COORDINATOR_UNREACHABLE',
                `the connection to the coordinator is lost: ${reason}`,
              ),
            );
          },
        });
        this.#send({
          kind: 'hello',
          protocolVersion: PROTOCOL_VERSION,
          configFingerprint: this.#options.configFingerprint,
          joinToken: this.#options.joinToken,
          hostName: hostname(),
          processId: process.pid,
          dataUrl,
          machine: this.#options.machine,
          localPath,
          metricsAddress: this.#options.metricsAddress,
        });
      });
    } finally {
      clearInterval(this.#heartbeat);
      this.#dataPlane.links.close();
      this.#coordinator.close();
      await this.#compute?.stop();
    }
  }

  /** Asks to leave at the next step boundary. */
  drain(): void {
    this.#send({ kind: 'drainRequest' });
  }

  #onMessage(message: CoordinatorMessage): void {
    switch (message.kind) {
      case 'welcome':
        this.#onWelcome(message);
        break;
      case 'refused':
        throw new CrescendoError(message.code as ErrorCode, `refused: ${message.message}`);
      case 'roster':
        this.#commitUpTo(message.committedSteps);
        this.#onRoster(message).catch((error: unknown) => {
          this.#fail(error);
        });
        break;
      case 'stepOrder':
        this.#commitUpTo(message.step);
        this.#onStepOrder(message);
        break;
      case 'evaluationOrder':
        this.#commitUpTo(message.committedSteps);
        this.#onEvaluationOrder(message);
        break;
      case 'finishOrder':
        this.#commitUpTo(message.committedSteps);
        this.#finish = message;
        this.#compute?.request({ kind: 'exportWeights' });
        break;
      case 'released':
        this.#settle?.resolve(message.reason);
        break;
    }
  }

  #onWelcome(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#run = JSON.parse(welcome.runConfigJson) as RunConfig;
    this.#dataPlane.links.identify(welcome.slot, welcome.peerToken);
    this.#options.observer.onWelcome?.(welcome);
    this.#heartbeat = setInterval(() => {
      this.#sendHeartbeat();
    }, welcome.heartbeatIntervalMs);
    this.#options
      .prepareEnvironment(this.#run)
      .then((kernels) => {
        this.#kernels = kernels;
        this.#compute = new ComputeClient(
          { runConfigJson: welcome.runConfigJson },
          (reply) => {
            this.#guard(() => {
              this.#onReply(reply);
            });
          },
          (error) => {
            this.#fail(error);
          },
        );
      })
      .catch((error: unknown) => {
        this.#fail(error);
      });
  }

  async #onRoster(roster: Roster): Promise<void> {
    const unreachableSlots = await defined(this.#membership, 'membership').enter(roster);
    if (unreachableSlots === undefined) return;
    const { generation, committedSteps } = roster;
    this.#appliedSteps = committedSteps;
    this.#send({ kind: 'linksReady', generation, unreachableSlots, relinked: false });
  }

  #onStepOrder(order: StepOrder): void {
    const mySlot = defined(this.#welcome, 'welcome').slot;
    this.#order = order;
    this.#isComputeDone = false;
    this.#pending = undefined;
    this.#compute?.request({
      kind: 'step',
      step: order.step,
      attempt: order.attempt,
      microBatches: leaseOf(order, mySlot),
      local: localOrderOf(order, mySlot),
      ...{ learningRate: order.learningRate, sampleCount: order.sampleCount },
      phase: order.phase,
    });
    const roster = defined(this.#membership?.roster, 'roster');
    this.#dataPlane.startAttempt(order, machinesOf(roster));
  }

  #onEvaluationOrder(order: EvaluationOrder): void {
    const mySlot = defined(this.#welcome, 'welcome').slot;
    const lease = order.leases.find((one) => one.slot === mySlot);
    this.#compute?.request({
      kind: 'evaluate',
      evaluation: order.evaluation,
      generation: order.generation,
      batches: lease?.batches ?? [],
      batchSamples: order.batchSamples,
      imageSizePx: order.imageSizePx,
    });
  }

  /** Applies the held sum when it is committed. */
  #commitUpTo(committedSteps: number): void {
    if (this.#membership?.hasState !== true || committedSteps <= this.#appliedSteps) return;
    const pending = this.#pending;
    assert(
      pending?.step === this.#appliedSteps && pending.end === committedSteps,
      `asked to commit up to step ${committedSteps - 1} without its sum; ` +
        `${this.#appliedSteps} steps are applied`,
    );
    this.#compute?.request({
      kind: 'apply',
      step: pending.step,
      learningRate: pending.learningRate,
      sum: pending.sum,
      gradientNorm: pending.gradientNorm,
    });
    this.#dataPlane.allReduce.commit(!isNonfinite(pending.sum), pending.sum);
    this.#appliedSteps = committedSteps;
    this.#pending = undefined;
  }

  #onReply(reply: ComputeReply): void {
    switch (reply.kind) {
      case 'ready':
        this.#onReady(reply);
        break;
      case 'sumsBegun':
        if (this.#isOfOrder(reply)) {
          this.#dataPlane.allReduce.begin(reply.sums, reply.result, reply.update);
        }
        break;
      case 'bucketsReady':
        if (this.#isOfOrder(reply)) this.#offer(reply.buckets);
        break;
      case 'sumsMade':
        this.#onSumsMade(reply);
        break;
      case 'applied':
        this.#gradientNorm = reply.result.gradientNorm;
        this.#applySeconds = reply.applySeconds;
        break;
      case 'evaluated':
        this.#send({
          kind: 'evaluationDone',
          generation: reply.generation,
          evaluation: reply.evaluation,
          batches: reply.batches,
        });
        break;
      case 'state':
        this.#membership?.onState(reply.generation, reply.state);
        break;
      case 'weights':
        this.#onWeights(reply.raw, reply.ema).catch((error: unknown) => {
          this.#fail(error);
        });
        break;
      case 'notice':
        this.#options.observer.onNotice?.(reply.text);
        break;
      case 'stateImported':
      case 'failed':
        break;
    }
  }

  #onReady(reply: ComputeReply & { kind: 'ready' }): void {
    const welcome = defined(this.#welcome, 'welcome');
    const run = defined(this.#run, 'run');
    const { sharded, buckets, gradientElements, stateElements } = reply;
    const kernels = defined(this.#kernels, 'kernels');
    const mySlot = welcome.slot;
    const shards =
      sharded &&
      new OptimizerShards({
        ...{ mySlot, kernels: kernels.updates, buckets, gradientElements, ...sharded },
      });
    const compute = defined(this.#compute, 'compute thread');
    const request = compute.request.bind(compute);
    this.#membership = new Membership({
      ...{ mySlot, dataPlane: this.#dataPlane, request, stateElements, shards },
    });
    this.#dataPlane.prepare(
      {
        mySlot,
        microBatches: run.batch.microBatches,
        buckets,
        lossy: {
          ...{ communication: run.communication, seed: run.seed },
          ...{ parameters: reply.parameters, gradientElements },
        },
        shards,
      },
      kernels,
    );
    this.#options.observer.onPrepared?.(reply.description);
    this.#send({
      kind: 'prepared',
      engineDescription: reply.description,
      totalElements: reply.totalElements,
    });
  }

  #onSumsMade(reply: ComputeReply & { kind: 'sumsMade' }): void {
    this.#memory = reply;
    this.#options.observer.onMemory?.(reply.tensorCount, reply.tensorBytes);
    if (!this.#isOfOrder(reply)) return;
    this.#isComputeDone = true;
    this.#computed = reply;
    this.#contributedAtMs = performance.now();
    this.#offer(Infinity);
  }

  #isOfOrder(reply: { readonly step: number; readonly attempt: number }): boolean {
    return this.#order?.step === reply.step && this.#order.attempt === reply.attempt;
  }

  #offer(buckets: number): void {
    this.#guard(() => {
      this.#dataPlane.allReduce.offer(buckets);
    });
  }

  #onReduced(order: StepOrder, reduced: ReducedGradient): void {
    const { step, learningRate } = order;
    if (!reduced.isFinite) markNonfinite(reduced.values);
    const { values: sum, gradientNorm } = reduced;
    this.#pending = { step, end: step + stepCountOf(order), learningRate, sum, gradientNorm };
    const report = stepReport(order, reduced, {
      computed: defined(this.#computed, 'computed sums'),
      allReduceSeconds: (performance.now() - this.#contributedAtMs) / 1000,
      gradientNorm: this.#gradientNorm,
      applySeconds: this.#applySeconds,
      allReduceBytesSent: this.#dataPlane.links.bytesSent,
    });
    this.#options.observer.onStep?.(report);
    const { links, bytesHeld, shardBytes } = this.#dataPlane;
    const sumBytes = this.#computed?.sumBytes ?? 0;
    this.#options.observer.onAllReduce?.(links.bytesSent, sumBytes + bytesHeld, shardBytes);
    this.#send(report);
  }

  async #onWeights(raw: Uint8Array, ema: Uint8Array): Promise<void> {
    const finish = defined(this.#finish, 'finish order');
    if (finish.uploadSlot === defined(this.#welcome, 'welcome').slot) {
      await uploadWeights(this.#coordinator, 'raw', raw);
      await uploadWeights(this.#coordinator, 'ema', ema);
    }
    const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    this.#send({
      kind: 'finished',
      generation: finish.generation,
      weightsSha256: sha256(raw),
      emaWeightsSha256: sha256(ema),
    });
  }

  /** Most often the peer died and a new roster is on its way; if not, link anew and say so. */
  #onLinkBroken(slot: number, reason: string): void {
    this.#options.observer.onNotice?.(`link from slot ${slot} broke: ${reason}`);
    const membership = this.#membership;
    const roster = membership?.roster;
    setTimeout(() => {
      if (membership === undefined || roster === undefined || membership.roster !== roster) return;
      this.#relink(membership, roster).catch((error: unknown) => {
        this.#fail(error);
      });
    }, RELINK_PAUSE_MS).unref();
  }

  /** Dials again; the coordinator then forms a new generation, for frames may have been lost. */
  async #relink(membership: Membership, roster: Roster): Promise<void> {
    const unreachableSlots = await this.#dataPlane.links.link(membership.peersIn(roster));
    if (membership.roster !== roster) return;
    const { generation } = roster;
    this.#send({ kind: 'linksReady', generation, unreachableSlots, relinked: true });
  }

  #sendHeartbeat(): void {
    this.#send({
      kind: 'heartbeat',
      generation: this.#membership?.roster?.generation ?? 0,
      tensorCount: this.#memory.tensorCount,
      tensorBytes: this.#memory.tensorBytes,
      allReduceBytesSent: this.#dataPlane.links.bytesSent,
      step: this.#order?.step ?? 0,
      computeDone: this.#isComputeDone,
      waitingForSlots: this.#dataPlane.waitingFor(),
    });
  }

  #send(message: WorkerMessage): void {
    this.#coordinator.send(message);
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Tells the coordinator why, then ends. */
  #fail(error: unknown): void {
    const code = error instanceof CrescendoError ? error.code : 'CRESCENDO_WORKER_FAILED';
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#send({ kind: 'failure', code, message: cause.message });
    this.#settle?.reject(cause);
  }
}

function machinesOf(roster: Roster): ReadonlyMap<number, string> {
  return new Map(roster.members.map(({ slot, machine }) => [slot, machine]));
}
