/** What a worker's networking thread moves between workers: sums and state, over links or relayed. */
import { defined } from '../base/errors.ts';
import type { ExchangeKernels } from '../collective/codecs/codec.ts';
import type { FrameSink } from '../collective/frame-sink.ts';
import type { Bucket } from '../collective/layout.ts';
import type { StepOrder } from '../proto/control.ts';
import type { AnnouncedFrame, DataFrame } from '../proto/data-frame.ts';
import { FrameSender } from './frame-sender.ts';
import type { LossySettings } from './lossy-coding.ts';
import type { OptimizerShards } from './optimizer-shards.ts';
import { PeerLinks } from './peer-links.ts';
import { RelayOutbox } from './relay-outbox.ts';
import { StepExchange, type ReducedSum } from './step-exchange.ts';
import { VectorTransfer } from './vector-transfer.ts';

export interface DataPlaneHandlers {
  /** Gives a whole frame to the coordinator's connection; `onSent` is due once it has left. */
  readonly relay: (bytes: Buffer, onSent: () => void) => void;
  readonly onReduced: (order: StepOrder, sum: ReducedSum) => void;
  /** A link from a peer of the present roster broke. */
  readonly onBroken: (slot: number, reason: string) => void;
}

export interface VectorSizes {
  readonly mySlot: number;
  readonly microShards: number;
  readonly buckets: readonly Bucket[];
  readonly lossy: LossySettings;
  /** Where the optimiser's state is shared out. */
  readonly shards: OptimizerShards | undefined;
}

export class DataPlane {
  readonly links: PeerLinks;
  readonly #handlers: DataPlaneHandlers;
  #exchange: StepExchange | undefined;
  #states: VectorTransfer | undefined;
  #shardParts: VectorTransfer | undefined;
  #shards: OptimizerShards | undefined;
  #sender: FrameSender | undefined;

  constructor(node: string, handlers: DataPlaneHandlers) {
    this.#handlers = handlers;
    this.links = new PeerLinks(node, {
      onFrame: (frame) => this.#accept(frame),
      onBroken: (slot, reason) => {
        handlers.onBroken(slot, reason);
      },
    });
  }

  /** Once the engine has said how long its vectors are; frames come after. */
  prepare(
    { mySlot, microShards, buckets, lossy, shards }: VectorSizes,
    kernels: ExchangeKernels,
  ): void {
    const { onReduced } = this.#handlers;
    const outbox = new RelayOutbox(this.#handlers.relay);
    const relay = outbox.push.bind(outbox);
    const sender = new FrameSender(mySlot, kernels.vectors, this.links, relay);
    this.#sender = sender;
    this.#shards = shards;
    this.#exchange = new StepExchange({
      ...{ mySlot, microShards, buckets, lossy, shards, kernels },
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
  get exchange(): StepExchange {
    return defined(this.#exchange, 'exchange');
  }

  /** Weights, statistics and what else joiners need, on their way to them. */
  get states(): VectorTransfer {
    return defined(this.#states, 'transfer of states');
  }

  /** Parts of the optimiser's state, on their way to who keeps them from now on. */
  get shardParts(): VectorTransfer {
    return defined(this.#shardParts, 'transfer of parts of the optimiser');
  }

  /** Starts the round of an order: all members have the state. @param nodes of the members */
  startRound(order: StepOrder, nodes: ReadonlyMap<number, string>): void {
    this.states.abandon();
    this.shardParts.abandon();
    this.exchange.start(order, nodes);
  }

  /** Ends a round under way, where there is one: a new membership is being formed. */
  abandonRound(): void {
    this.#exchange?.abandon();
  }

  /** Memory of this thread for the exchange, beyond the compute thread's vectors, in bytes. */
  get bytesHeld(): number {
    const { links } = this;
    return links.bytesHeld + (this.#sender?.bytesHeld ?? 0) + (this.#exchange?.bytesHeld ?? 0);
  }

  /** Memory of this worker's share of the optimiser's state, in bytes. */
  get shareBytes(): number {
    return this.#shards?.bytesHeld ?? 0;
  }

  /** Slots whose frames are still missing. */
  waitingFor(): number[] {
    return this.#exchange?.waitingFor() ?? [];
  }

  /** Takes a frame that came through the coordinator. */
  acceptRelayed(frame: DataFrame): void {
    this.#takerOf(frame).acceptRelayed(frame);
  }

  #accept(frame: AnnouncedFrame): FrameSink | 'later' {
    return this.#takerOf(frame).accept(frame);
  }

  #takerOf({ kind }: AnnouncedFrame): Pick<StepExchange, 'accept' | 'acceptRelayed'> {
    if (kind === 'state' || kind === 'state-request') return this.states;
    if (kind === 'shard' || kind === 'shard-request') return this.shardParts;
    return this.exchange;
  }
}
