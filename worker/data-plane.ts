/** What a worker's networking thread moves between workers: sums and state, over links or relayed. */
import { defined } from '../lib/base/errors.ts';
import type { AllReduceKernels } from '../lib/collective/compression/compressor.ts';
import type { FrameSink } from '../lib/collective/frame-sink.ts';
import type { Bucket } from '../lib/collective/buckets.ts';
import type { StepOrder } from '../proto/generated/messages.ts';
import type { AnnouncedFrame, DataFrame } from '../proto/data-frame.ts';
import { FrameSender } from './all-reduce/frame-sender.ts';
import type { LossySettings } from './all-reduce/lossy-state.ts';
import type { OptimizerShards } from '../lib/optim/modes/sharded/optimizer-shards.ts';
import { PeerLinks } from '../lib/transport/peer-links.ts';
import { RelayOutbox } from '../lib/transport/relay-outbox.ts';
import { StepAllReduce, type ReducedGradient } from './all-reduce/step-all-reduce.ts';
import { VectorTransfer } from './vector-transfer.ts';

export interface DataPlaneHandlers {
  /** Gives a whole frame to the coordinator's connection; `onSent` is due once it has left. */
  readonly relay: (bytes: Buffer, onSent: () => void) => void;
  readonly onReduced: (order: StepOrder, sum: ReducedGradient) => void;
  /** A link from a peer of the present roster broke. */
  readonly onBroken: (slot: number, reason: string) => void;
}

export interface VectorSizes {
  readonly mySlot: number;
  readonly microBatches: number;
  readonly buckets: readonly Bucket[];
  readonly lossy: LossySettings;
  /** Where the optimizer state is sharded. */
  readonly shards: OptimizerShards | undefined;
}

export class DataPlane {
  readonly links: PeerLinks;
  readonly #handlers: DataPlaneHandlers;
  #allReduce: StepAllReduce | undefined;
  #states: VectorTransfer | undefined;
  #shardParts: VectorTransfer | undefined;
  #shards: OptimizerShards | undefined;
  #sender: FrameSender | undefined;

  constructor(machine: string, handlers: DataPlaneHandlers) {
    this.#handlers = handlers;
    this.links = new PeerLinks(machine, {
      onFrame: (frame) => this.#accept(frame),
      onBroken: (slot, reason) => {
        handlers.onBroken(slot, reason);
      },
    });
  }

  /** Once the engine has said how long its vectors are; frames come after. */
  prepare(
    { mySlot, microBatches, buckets, lossy, shards }: VectorSizes,
    kernels: AllReduceKernels,
  ): void {
    const { onReduced } = this.#handlers;
    const outbox = new RelayOutbox(this.#handlers.relay);
    const relay = outbox.push.bind(outbox);
    const sender = new FrameSender(mySlot, kernels.vectors, this.links, relay);
    this.#sender = sender;
    this.#shards = shards;
    this.#allReduce = new StepAllReduce({
      ...{ mySlot, microBatches, buckets, lossy, shards, kernels },
      send: (order, frame) => {
        sender.send(order, frame);
      },
      retry: () => {
        this.links.retry();
      },
      onComplete: onReduced,
    });
    const transfer = (kind: 'state' | 'shard'): VectorTransfer =>
      new VectorTransfer({ kind, mySlot, kernels: kernels.vectors, links: this.links, relay });
    this.#states = transfer('state');
    this.#shardParts = transfer('shard');
  }

  /** @throws {InvariantError} before prepare(), like the next */
  get allReduce(): StepAllReduce {
    return defined(this.#allReduce, 'all-reduce');
  }

  /** Weights, statistics and what else joiners need, on their way to them. */
  get states(): VectorTransfer {
    return defined(this.#states, 'transfer of states');
  }

  /** Parts of the optimizer state, on their way to who keeps them from now on. */
  get shardParts(): VectorTransfer {
    return defined(this.#shardParts, 'transfer of parts of the optimizer');
  }

  /** Starts the attempt of an order: all members have the state. @param nodes of the members */
  startAttempt(order: StepOrder, machines: ReadonlyMap<number, string>): void {
    this.states.abandon();
    this.shardParts.abandon();
    this.allReduce.start(order, machines);
  }

  /** Ends a attempt under way, where there is one: a new membership is being formed. */
  abandonAttempt(): void {
    this.#allReduce?.abandon();
  }

  /** Memory of this thread for the all-reduce, beyond the compute thread's vectors, in bytes. */
  get bytesHeld(): number {
    const { links } = this;
    return links.bytesHeld + (this.#sender?.bytesHeld ?? 0) + (this.#allReduce?.bytesHeld ?? 0);
  }

  /** Memory of this worker's shard of the optimizer state, in bytes. */
  get shardBytes(): number {
    return this.#shards?.bytesHeld ?? 0;
  }

  /** Slots whose frames are still missing. */
  waitingFor(): number[] {
    return this.#allReduce?.waitingFor() ?? [];
  }

  /** Takes a frame that came through the coordinator. */
  acceptRelayed(frame: DataFrame): void {
    this.#takerOf(frame).acceptRelayed(frame);
  }

  #accept(frame: AnnouncedFrame): FrameSink | 'later' {
    return this.#takerOf(frame).accept(frame);
  }

  #takerOf({ kind }: AnnouncedFrame): Pick<StepAllReduce, 'accept' | 'acceptRelayed'> {
    if (kind === 'state' || kind === 'state-request') return this.states;
    if (kind === 'shard' || kind === 'shard-request') return this.shardParts;
    return this.allReduce;
  }
}
