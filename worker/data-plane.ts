/** What a worker's networking thread moves between workers: sums and state, over links or relayed. */
import { defined } from '../base/errors.ts';
import type { ExchangeKernels } from '../collective/codecs/codec.ts';
import type { FrameSink } from '../collective/frame-sink.ts';
import type { Bucket } from '../collective/layout.ts';
import type { StepOrder } from '../proto/control.ts';
import type { AnnouncedFrame, DataFrame } from '../proto/data-frame.ts';
import { FrameSender } from './frame-sender.ts';
import type { LossySettings } from './lossy-coding.ts';
import { PeerLinks } from './peer-links.ts';
import { RelayOutbox } from './relay-outbox.ts';
import { StateTransfer } from './state-transfer.ts';
import { StepExchange, type ReducedSum } from './step-exchange.ts';

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
  readonly stateElements: number;
}

export class DataPlane {
  readonly links: PeerLinks;
  readonly #handlers: DataPlaneHandlers;
  #exchange: StepExchange | undefined;
  #transfer: StateTransfer | undefined;
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
    { mySlot, microShards, buckets, lossy, stateElements }: VectorSizes,
    kernels: ExchangeKernels,
  ): void {
    const { onReduced } = this.#handlers;
    const outbox = new RelayOutbox(this.#handlers.relay);
    const relay = outbox.push.bind(outbox);
    const sender = new FrameSender(mySlot, kernels.vectors, this.links, relay);
    this.#sender = sender;
    this.#exchange = new StepExchange({
      ...{ mySlot, microShards, buckets, lossy, kernels },
      send: (order, frame) => {
        sender.send(order, frame);
      },
      retry: () => {
        this.links.retry();
      },
      onComplete: onReduced,
    });
    this.#transfer = new StateTransfer(mySlot, stateElements, kernels.vectors, this.links, relay);
  }

  /** @throws {InvariantError} before prepare(), like the next */
  get exchange(): StepExchange {
    return defined(this.#exchange, 'exchange');
  }

  get transfer(): StateTransfer {
    return defined(this.#transfer, 'state transfer');
  }

  /** Starts the round of an order: all members have the state. @param nodes of the members */
  startRound(order: StepOrder, nodes: ReadonlyMap<number, string>): void {
    this.transfer.end();
    this.exchange.start(order, nodes);
  }

  /** Ends a round under way, where there is one, and what is sent to joiners. */
  abandonRound(): void {
    this.#transfer?.abandon();
    this.#exchange?.abandon();
  }

  /** Memory of this thread for the exchange, beyond the compute thread's vectors, in bytes. */
  get bytesHeld(): number {
    const { links } = this;
    return links.bytesHeld + (this.#sender?.bytesHeld ?? 0) + (this.#exchange?.bytesHeld ?? 0);
  }

  /** Slots whose frames are still missing. */
  waitingFor(): number[] {
    return this.#exchange?.waitingFor() ?? [];
  }

  /** Takes a frame that came through the coordinator. */
  acceptRelayed(frame: DataFrame): void {
    if (isOfState(frame)) this.transfer.acceptRelayed(frame);
    else this.exchange.acceptRelayed(frame);
  }

  #accept(frame: AnnouncedFrame): FrameSink | 'later' {
    return isOfState(frame) ? this.transfer.accept(frame) : this.exchange.accept(frame);
  }
}

function isOfState({ kind }: AnnouncedFrame): boolean {
  return kind === 'state' || kind === 'state-request';
}
