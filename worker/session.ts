/**
 * A worker's life in one run, on the networking thread: hello, prepare, link, then orders until it
 * is released. Orders name what is committed; the sum of the last step is applied only then.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { assert, CrescendoError, defined, type ErrorCode } from '../base/errors.ts';
import type { ExchangeFrame } from '../collective/exchange.ts';
import type { RunConfig } from '../config/run-config.ts';
import type {
  CoordinatorMessage,
  EvaluationOrder,
  FinishOrder,
  Roster,
  StepOrder,
  Welcome,
  WorkerMessage,
} from '../proto/control.ts';
import { encodeFrame, type DataFrame } from '../proto/data-frame.ts';
import { PROTOCOL_VERSION } from '../proto/limits.ts';
import { ComputeClient } from './compute-client.ts';
import type { ComputeReply } from './compute-messages.ts';
import type { CoordinatorLink } from './coordinator-link.ts';
import { PeerLinks } from './peer-links.ts';
import { StateTransfer } from './state-transfer.ts';
import { StepExchange } from './step-exchange.ts';
import { leaseOf, localOrderOf, stepCountOf } from './step-order.ts';
import { stepReport } from './step-report.ts';
import { uploadWeights } from './weights-upload.ts';

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
  /** Sets what the engine reads from the environment, before the compute thread starts. */
  readonly prepareEnvironment: (run: RunConfig) => Promise<void>;
  readonly observer: SessionObserver;
}

export interface SessionObserver {
  onWelcome?(welcome: Welcome): void;
  onPrepared?(engineDescription: string): void;
  onStep?(report: WorkerMessage & { kind: 'stepReduced' }): void;
  onMemory?(tensorCount: number, tensorBytes: number): void;
  onBytesSent?(bytesSent: number): void;
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
}

export class WorkerSession {
  readonly #options: SessionOptions;
  readonly #coordinator: CoordinatorLink;
  readonly #links: PeerLinks;
  #compute: ComputeClient | undefined;
  #welcome: Welcome | undefined;
  #run: RunConfig | undefined;
  #roster: Roster | undefined;
  #order: StepOrder | undefined;
  #exchange: StepExchange | undefined;
  #transfer: StateTransfer | undefined;
  #pending: PendingUpdate | undefined;
  #appliedSteps = 0;
  #hasState = false;
  #computed: (ComputeReply & { kind: 'sums' }) | undefined;
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
    this.#links = new PeerLinks({
      onFrame: (frame) => {
        this.#onFrame(frame);
      },
      onBroken: (slot, reason) => {
        this.#onLinkBroken(slot, reason);
      },
    });
  }

  /** Runs until released. @returns the reason @throws the CrescendoError that ended it */
  async run(): Promise<string> {
    const port = await this.#links.listen(this.#options.dataHost, this.#options.dataPort);
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#coordinator.start({
          onMessage: (message) => {
            this.#guard(() => {
              this.#onMessage(message);
            });
          },
          onFrame: (frame) => {
            this.#onFrame(frame);
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
          dataUrl: `ws://${this.#options.advertiseHost}:${port}`,
          metricsAddress: this.#options.metricsAddress,
        });
      });
    } finally {
      clearInterval(this.#heartbeat);
      this.#links.close();
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
    this.#links.identify(welcome.slot, welcome.peerToken);
    this.#options.observer.onWelcome?.(welcome);
    this.#heartbeat = setInterval(() => {
      this.#sendHeartbeat();
    }, welcome.heartbeatIntervalMs);
    this.#options
      .prepareEnvironment(this.#run)
      .then(() => {
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
    const mySlot = defined(this.#welcome, 'welcome').slot;
    this.#roster = roster;
    this.#exchange?.abandon();
    const peers = this.#peersIn(roster);
    const unreachableSlots = await this.#links.link(peers);
    // A newer roster came meanwhile: it sees to its own links.
    if (this.#roster !== roster) return;
    const transfer = defined(this.#transfer, 'state transfer');
    if (!this.#hasState && roster.stateSourceSlot >= 0) {
      const received = transfer.receive(roster.generation);
      if (unreachableSlots.includes(roster.stateSourceSlot)) {
        transfer.requestRelay(roster.stateSourceSlot, roster.generation);
      }
      const state = await received;
      if (this.#roster !== roster) return;
      this.#compute?.request({ kind: 'importState', state, step: roster.committedSteps });
    } else if (roster.stateSourceSlot === mySlot) {
      const joiners = peers.filter((peer) => !peer.hasState).map((peer) => peer.slot);
      if (joiners.length > 0) {
        transfer.sendTo(joiners, roster.generation, (requestId) => {
          this.#compute?.request({ kind: 'exportState', requestId });
        });
      }
    }
    this.#hasState = true;
    this.#appliedSteps = roster.committedSteps;
    this.#send({ kind: 'linksReady', generation: roster.generation, unreachableSlots });
  }

  #onStepOrder(order: StepOrder): void {
    const mySlot = defined(this.#welcome, 'welcome').slot;
    this.#order = order;
    this.#isComputeDone = false;
    this.#pending = undefined;
    this.#compute?.request({
      kind: 'step',
      step: order.step,
      round: order.round,
      microShards: leaseOf(order, mySlot),
      local: localOrderOf(order, mySlot),
      phase: {
        index: order.phaseIndex,
        imageSizePx: order.imageSizePx,
        dropoutRate: order.dropoutRate,
        randAugmentMagnitude: order.randAugmentMagnitude,
        mixupAlpha: order.mixupAlpha,
        cutmixAlpha: order.cutmixAlpha,
      },
    });
    const exchange = defined(this.#exchange, 'exchange');
    exchange.start(order);
  }

  #onEvaluationOrder(order: EvaluationOrder): void {
    const mySlot = defined(this.#welcome, 'welcome').slot;
    const lease = order.leases.find((one) => one.slot === mySlot);
    this.#compute?.request({
      kind: 'evaluate',
      evaluation: order.evaluation,
      generation: order.generation,
      chunks: lease?.microShards ?? [],
      chunkSamples: order.chunkSamples,
      imageSizePx: order.imageSizePx,
    });
  }

  /** Applies the held sum when it is committed. */
  #commitUpTo(committedSteps: number): void {
    if (!this.#hasState || committedSteps <= this.#appliedSteps) return;
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
      sum: defined(this.#exchange, 'exchange').sumOf(pending.step),
    });
    this.#appliedSteps = committedSteps;
    this.#pending = undefined;
  }

  #onReply(reply: ComputeReply): void {
    switch (reply.kind) {
      case 'ready':
        this.#onReady(reply);
        break;
      case 'sums':
        this.#onSums(reply);
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
          chunks: reply.chunks,
        });
        break;
      case 'state':
        this.#transfer?.onExported(reply.requestId, reply.state);
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
    this.#exchange = new StepExchange(
      welcome.slot,
      run.batch.microShards,
      reply.totalElements,
      (order, targetSlot, frame, values) => {
        this.#sendFrame(order, targetSlot, frame, values);
      },
    );
    this.#transfer = new StateTransfer(welcome.slot, reply.stateElements, this.#links, (bytes) => {
      this.#coordinator.sendBytes(bytes);
    });
    this.#options.observer.onPrepared?.(reply.description);
    this.#send({
      kind: 'prepared',
      engineDescription: reply.description,
      totalElements: reply.totalElements,
    });
  }

  #onSums(reply: ComputeReply & { kind: 'sums' }): void {
    this.#memory = reply;
    this.#options.observer.onMemory?.(reply.tensorCount, reply.tensorBytes);
    const order = this.#order;
    if (order?.step !== reply.step || order.round !== reply.round) return;
    this.#isComputeDone = true;
    this.#computed = reply;
    this.#contributedAtMs = performance.now();
    this.#exchange?.contribute(reply.sums);
    this.#reportWhenComplete();
  }

  #onFrame(frame: DataFrame): void {
    if (frame.kind === 'state' || frame.kind === 'state-request') {
      this.#transfer?.onFrame(frame);
      return;
    }
    if (this.#exchange === undefined) return;
    this.#exchange.receive(frame);
    this.#reportWhenComplete();
  }

  #reportWhenComplete(): void {
    const order = this.#order;
    const exchange = this.#exchange;
    if (order === undefined || exchange?.isComplete() !== true) return;
    if (this.#pending?.step === order.step) return;
    const { step, learningRate } = order;
    this.#pending = { step, end: step + stepCountOf(order), learningRate };
    const sum = exchange.sumOf(order.step);
    const report = stepReport(order, sum, {
      computed: defined(this.#computed, 'computed sums'),
      exchangeSeconds: (performance.now() - this.#contributedAtMs) / 1000,
      gradientNorm: this.#gradientNorm,
      applySeconds: this.#applySeconds,
      exchangeBytesSent: this.#links.bytesSent,
    });
    this.#options.observer.onStep?.(report);
    this.#options.observer.onBytesSent?.(this.#links.bytesSent);
    this.#send(report);
  }

  #sendFrame(
    order: StepOrder,
    targetSlot: number,
    frame: ExchangeFrame,
    values: Float32Array,
  ): void {
    const mySlot = defined(this.#welcome, 'welcome').slot;
    const { generation, step, round } = order;
    const bytes = encodeFrame(
      { ...frame, sourceSlot: mySlot, targetSlot, generation, step, round },
      values,
    );
    const isRelayed = order.relayedPairs.some(
      (pair) => pair.sourceSlot === mySlot && pair.targetSlot === targetSlot,
    );
    if (isRelayed) this.#coordinator.sendBytes(bytes);
    else this.#links.send(targetSlot, bytes);
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
    const roster = this.#roster;
    setTimeout(() => {
      if (roster === undefined || this.#roster !== roster) return;
      this.#relink(roster).catch((error: unknown) => {
        this.#fail(error);
      });
    }, RELINK_PAUSE_MS).unref();
  }

  /** Dials again; the coordinator then forms a new generation, for frames may have been lost. */
  async #relink(roster: Roster): Promise<void> {
    const unreachableSlots = await this.#links.link(this.#peersIn(roster));
    if (this.#roster !== roster) return;
    this.#send({ kind: 'linksReady', generation: roster.generation, unreachableSlots });
  }

  #peersIn(roster: Roster): Roster['members'] {
    const mySlot = defined(this.#welcome, 'welcome').slot;
    return roster.members.filter((member) => member.slot !== mySlot);
  }

  #sendHeartbeat(): void {
    this.#send({
      kind: 'heartbeat',
      generation: this.#roster?.generation ?? 0,
      tensorCount: this.#memory.tensorCount,
      tensorBytes: this.#memory.tensorBytes,
      exchangeBytesSent: this.#links.bytesSent,
      step: this.#order?.step ?? 0,
      computeDone: this.#isComputeDone,
      waitingForSlots: this.#exchange?.waitingFor() ?? [],
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
