/**
 * One worker without its shell: drives the core (core/core.ts) and the data plane, and carries the
 * core's effects out against ports. The session gives it sockets and a compute thread, a simulator
 * whatever it likes. Buckets of gradients go straight from the compute port to the all-reduce.
 */
import { defined, messageOf } from '../lib/base/errors.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import { modeOf } from '../lib/optim/modes/registry.ts';
import type { PeerHandlers } from '../lib/transport/peer-transport.ts';
import type {
  CoordinatorMessage,
  StepReduced,
  Welcome,
  WorkerMessage,
} from '../proto/generated/messages.ts';
import type { DataFrame } from '../proto/data-frame.ts';
import { DataPlane, type WorkerKernels } from './all-reduce/data-plane.ts';
import type { ComputeReply } from './compute/messages.ts';
import { WorkerCore } from './core/core.ts';
import type { ReadyReply, WorkerEffect, WorkerEvent } from './core/events.ts';
import type { ComputePort } from './core/ports.ts';
import type { WorkerPorts } from './ports.ts';
import { CheckpointParts } from './checkpoint-parts.ts';
import { sha256Of } from './state-transfer.ts';

export type Hello = WorkerMessage & { readonly kind: 'hello' };

interface Compute {
  readonly port: ComputePort;
  readonly kernels: WorkerKernels;
}

export class Worker {
  readonly #ports: WorkerPorts;
  readonly #core = new WorkerCore();
  readonly #dataPlane: DataPlane;
  readonly #parts: CheckpointParts;
  /** What the peer transport tells; wire it before peers are linked. Made once for all frames. */
  readonly peerHandlers: PeerHandlers = {
    onFrame: (frame) => this.#dataPlane.onFrame(frame),
    onDialed: (slot) => {
      this.#dataPlane.onDialed(slot);
    },
    onBroken: (slot, reason) => {
      this.apply({ kind: 'linkBroken', slot, reason });
    },
  };
  readonly #queue: WorkerEvent[] = [];
  #isApplying = false;
  /** Units of compute that are finished, by which the coordinator sees that the compute goes on. */
  #unitsDone = 0;
  #compute: Compute | undefined;
  #runConfigJson = '';
  #hello: Hello | undefined;
  /** From the coordinator, when something was heard of it last. */
  #receivedBytes = 0;

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
    this.#parts = new CheckpointParts(ports.coordinator);
    this.#dataPlane = new DataPlane(ports.peers, ports.clock, {
      relay: (bytes, onSent) => {
        ports.coordinator.sendBytes(bytes, onSent);
      },
      onReduced: (order, gradient) => {
        this.apply({ kind: 'reduced', order, gradient, bytesSent: ports.peers.bytesSent });
      },
      onLinked: (generation, unreachableSlots) => {
        this.apply({ kind: 'linked', generation, unreachableSlots });
      },
      onState: (generation, state) => {
        this.apply({ kind: 'received', generation, transfer: 'state', state });
      },
      onShards: (generation) => {
        this.apply({ kind: 'received', generation, transfer: 'shards' });
      },
    });
  }

  /** Says hello. */
  start(hello: Hello): void {
    this.#hello = hello;
    this.#ports.coordinator.send(hello);
  }

  onMessage(message: CoordinatorMessage): void {
    this.#receivedBytes = this.#ports.coordinator.receivedBytes();
    this.#parts.onMessage(message);
    this.apply({ kind: 'message', message });
  }

  /** Takes a frame that came through the coordinator. */
  onRelayed(frame: DataFrame): void {
    this.#dataPlane.acceptRelayed(frame);
  }

  /** Asks to leave at the next step boundary. */
  drain(): void {
    this.apply({ kind: 'drainRequested' });
  }

  /** Takes a reply of the compute port. */
  onReply(reply: ComputeReply): void {
    switch (reply.kind) {
      case 'sumsBegun':
        this.#guard(() => {
          this.#dataPlane.allReduce.begin(reply);
        });
        break;
      case 'bucketsReady':
        this.#guard(() => {
          this.#dataPlane.allReduce.offer(reply, reply.buckets);
        });
        break;
      case 'sumsMade':
        this.apply({ kind: 'reply', reply });
        this.#guard(() => {
          this.#dataPlane.allReduce.offer(reply, Infinity);
        });
        break;
      case 'stateCopied':
        this.#parts.copied(reply);
        break;
      case 'stateImported':
      case 'failed':
        break;
      case 'ready':
      case 'leaseLeft':
      case 'applied':
      case 'evaluated':
      case 'state':
      case 'weights':
      case 'notice':
      case 'badSamples':
      case 'unitDone':
      case 'pong':
        if (reply.kind === 'unitDone') this.#unitsDone++;
        this.apply({ kind: 'reply', reply });
    }
  }

  /** Events are applied one at a time, also those that carrying out effects brings about. */
  apply(event: WorkerEvent): void {
    this.#queue.push(event);
    if (this.#isApplying) return;
    this.#isApplying = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const applied = next;
        this.#guard(() => {
          const effects = this.#core.apply(applied, this.#ports.clock.now());
          for (const effect of effects) this.#carryOut(effect);
        });
      }
    } finally {
      this.#isApplying = false;
    }
  }

  /** A coordinator of which bytes come lives, however long a message takes. */
  #hear(): void {
    const receivedBytes = this.#ports.coordinator.receivedBytes();
    if (receivedBytes !== this.#receivedBytes) this.apply({ kind: 'bytesReceived' });
    this.#receivedBytes = receivedBytes;
  }

  #carryOut(effect: WorkerEffect): void {
    const { clock, observer } = this.#ports;
    switch (effect.kind) {
      case 'after':
        clock.after(effect.delayMs, () => {
          this.#hear();
          this.apply(effect.event);
        });
        break;
      case 'prepare':
        this.#prepare(effect.welcome, effect.run);
        break;
      case 'openDataPlane':
        this.#openDataPlane(effect.slot, effect.run, effect.ready);
        break;
      case 'request':
        defined(this.#compute, 'compute port').port.request(effect.request);
        break;
      case 'stepReported':
        this.#observeStep(effect.report, effect.sumBytes);
        break;
      case 'memoryMeasured':
        observer.onMemory?.(effect.tensorCount, effect.tensorBytes);
        break;
      case 'notice':
        observer.onNotice?.(effect.text);
        break;
      case 'identify':
        this.#ports.peers.identify(effect.slot, effect.peerToken);
        break;
      case 'saveLocally':
        this.#saveLocally(effect);
        break;
      case 'released':
        this.#ports.onReleased(effect.reason);
        break;
      case 'failed':
        this.#ports.onFailed(effect.error);
        break;
      case 'send':
      case 'prepared':
      case 'heartbeat':
      case 'hello':
      case 'reconnect':
      case 'reportWeights':
        this.#tellCoordinator(effect);
        break;
      case 'leave':
      case 'enter':
      case 'fetchState':
      case 'copyState':
      case 'relink':
      case 'sendState':
      case 'startAttempt':
      case 'commitAttempt':
        this.#carryOutOnDataPlane(effect);
        break;
    }
  }

  #tellCoordinator(
    effect: WorkerEffect & {
      readonly kind: 'send' | 'prepared' | 'heartbeat' | 'hello' | 'reconnect' | 'reportWeights';
    },
  ): void {
    const { coordinator, peers } = this.#ports;
    switch (effect.kind) {
      case 'send':
        coordinator.send(effect.message);
        break;
      case 'prepared': {
        const { held } = effect.message;
        const { shardGenerations } = this.#dataPlane;
        coordinator.send({ ...effect.message, held: { ...held, shardGenerations } });
        break;
      }
      case 'heartbeat':
        coordinator.send({
          kind: 'heartbeat',
          ...effect.beat,
          allReduceBytesSent: peers.bytesSent,
          waitingForSlots: this.#dataPlane.waitingFor(),
          progress: this.#unitsDone + this.#dataPlane.stateFramesTaken,
        });
        break;
      case 'hello': {
        const { runId, slot } = effect;
        coordinator.send({ ...defined(this.#hello, 'hello'), runId, slot });
        break;
      }
      case 'reconnect':
        this.#ports.reconnect(effect.delayMs);
        break;
      case 'reportWeights':
        coordinator.send({
          kind: 'finished',
          generation: effect.order.generation,
          weightsSha256: sha256Of(effect.weights.raw),
          emaWeightsSha256: sha256Of(effect.weights.ema),
        });
        break;
    }
  }

  #carryOutOnDataPlane(
    effect: WorkerEffect & {
      readonly kind:
        | 'leave'
        | 'enter'
        | 'fetchState'
        | 'copyState'
        | 'relink'
        | 'sendState'
        | 'startAttempt'
        | 'commitAttempt';
    },
  ): void {
    switch (effect.kind) {
      case 'leave':
        this.#parts.abandon();
        this.#dataPlane.leave();
        break;
      case 'enter':
        this.#parts.abandonFetch();
        this.#dataPlane.enter(effect.roster, effect.needsState);
        break;
      case 'fetchState':
        this.#fetchState(effect.generation, effect.isSource);
        break;
      case 'copyState':
        defined(this.#compute, 'compute port').port.request(this.#parts.copy(effect.order));
        break;
      case 'relink': {
        const { generation } = effect.roster;
        this.#dataPlane.relink(effect.roster, (unreachableSlots) => {
          this.apply({ kind: 'relinked', generation, unreachableSlots });
        });
        break;
      }
      case 'sendState':
        this.#dataPlane.sendState(effect.slots, effect.state);
        break;
      case 'startAttempt':
        this.#dataPlane.startAttempt(
          effect.order,
          new Map(effect.roster.members.map(({ slot, machine }) => [slot, machine])),
          effect.roster.stateBesideSteps,
        );
        break;
      case 'commitAttempt':
        this.#dataPlane.allReduce.commit(effect.isFinite, effect.sum);
        break;
    }
  }

  #fetchState(generation: number, isSource: boolean): void {
    const shard = this.#dataPlane.restoredShard ?? [];
    this.#parts.fetch(generation, isSource, shard, (state) => {
      this.#dataPlane.stageRestored();
      const received = { kind: 'received', generation, transfer: 'state' } as const;
      if (state !== undefined) this.apply({ ...received, state });
    });
  }

  #saveLocally(effect: WorkerEffect & { readonly kind: 'saveLocally' }): void {
    const whole = this.#parts.wholeState(effect.state);
    const local = { ...effect, runConfigJson: this.#runConfigJson, whole };
    this.#ports.saveLocally(local, (where) => {
      this.apply({ kind: 'savedLocally', where });
    });
  }

  #prepare(welcome: Welcome, run: RunConfig): void {
    this.#runConfigJson = welcome.runConfigJson;
    this.#ports.prepare(welcome, run, (port, kernels) => {
      this.#compute = { port, kernels };
    });
  }

  #openDataPlane(mySlot: number, run: RunConfig, ready: ReadyReply): void {
    const { kernels } = defined(this.#compute, 'compute port');
    const { buckets, gradientElements, parameters, stateLayout, checkpointLayout } = ready;
    const context = { mySlot, kernels: kernels.updates, buckets, gradientElements };
    const owners = modeOf(run).owners(ready.owners, context);
    this.#parts.open({ checkpointLayout, stateLayout, owners });
    this.#dataPlane.open({
      mySlot,
      microBatches: run.batch.microBatches,
      buckets,
      stateElements: this.#parts.heldElements,
      lossy: { communication: run.communication, seed: run.seed, parameters, gradientElements },
      owners,
      kernels,
    });
  }

  #observeStep(report: StepReduced, sumBytes: number): void {
    const { observer, peers } = this.#ports;
    observer.onStep?.(report);
    const { bytesHeld, shardBytes } = this.#dataPlane;
    observer.onAllReduce?.(peers.bytesSent, sumBytes + bytesHeld, shardBytes);
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      this.apply({ kind: 'failed', error });
    }
  }
}
