/**
 * What a worker's networking thread moves between workers: sums and state, over links or relayed.
 */
import { defined } from '../../lib/base/errors.ts';
import type { Bucket } from '../../lib/collective/buckets.ts';
import type { AllReduceKernels } from '../../lib/collective/compression/compressor.ts';
import { DISCARD, type FrameSink } from '../../lib/collective/frame-sink.ts';
import type { Owners, ShardPiece } from '../../lib/optim/modes/owners.ts';
import type { UpdateKernels } from '../../lib/optim/update-kernels.ts';
import type { PeerTransport } from '../../lib/transport/peer-transport.ts';
import { RelayOutbox } from '../../lib/transport/relay-outbox.ts';
import type { Roster, StepOrder } from '../../proto/generated/messages.ts';
import type { AnnouncedFrame, DataFrame } from '../../proto/data-frame.ts';
import { isFromCheckpoint } from '../core/membership.ts';
import type { Clock } from '../core/ports.ts';
import { FrameSender } from './frame-sender.ts';
import type { LossySettings } from './lossy-state.ts';
import { StepAllReduce, type ReducedGradient } from './step-all-reduce.ts';
import { statePartsOf } from '../state-parts.ts';
import { VectorTransfer, type VectorSource } from './vector-transfer.ts';

/** What the networking thread computes with. */
export interface WorkerKernels extends AllReduceKernels {
  readonly updates: UpdateKernels;
}

export interface DataPlaneHandlers {
  /** Gives a whole frame to the coordinator's connection; `onSent` is due once it has left. */
  readonly relay: (bytes: Buffer, onSent: () => void) => void;
  readonly onReduced: (order: StepOrder, gradient: ReducedGradient) => void;
  /** The peers of a generation are dialed, but for those that cannot be. */
  readonly onLinked: (generation: number, unreachableSlots: readonly number[]) => void;
  /** The state that this worker joins with is whole. */
  readonly onState: (generation: number, state: Float32Array) => void;
  /** This worker's shard of the optimizer state is whole; at once where nothing is to come. */
  readonly onShards: (generation: number) => void;
}

export interface DataPlaneSettings {
  readonly mySlot: number;
  readonly microBatches: number;
  readonly buckets: readonly Bucket[];
  /** Length of the state vector that joiners get. */
  readonly stateElements: number;
  readonly lossy: LossySettings;
  readonly owners: Owners;
  readonly kernels: AllReduceKernels;
}

/** What there is once the engine has said how long its vectors are. */
interface OpenPlane {
  readonly settings: DataPlaneSettings;
  readonly allReduce: StepAllReduce;
  readonly states: VectorTransfer;
  readonly shardParts: VectorTransfer;
  readonly sender: FrameSender;
  readonly outbox: RelayOutbox;
}

export class DataPlane {
  readonly #peers: PeerTransport;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #handlers: DataPlaneHandlers;
  #open: OpenPlane | undefined;
  /** The newest generation that this worker has entered; 0 while it is in none. */
  #generation = 0;
  #restoredShard: readonly ShardPiece[] | undefined;

  constructor(peers: PeerTransport, clock: Pick<Clock, 'now'>, handlers: DataPlaneHandlers) {
    this.#peers = peers;
    this.#clock = clock;
    this.#handlers = handlers;
  }

  /** Makes ready for frames, once the engine has said how long its vectors are. */
  open(settings: DataPlaneSettings): void {
    const { mySlot, microBatches, buckets, lossy, owners, kernels } = settings;
    const links = this.#peers;
    const outbox = new RelayOutbox(this.#handlers.relay);
    const relay = outbox.push.bind(outbox);
    const sender = new FrameSender(mySlot, kernels.vectors, links, relay);
    const allReduce = new StepAllReduce({
      mySlot,
      microBatches,
      buckets,
      lossy,
      owners,
      kernels,
      now: () => this.#clock.now(),
      send: (order, frame) => {
        sender.send(order, frame);
      },
      retry: () => {
        links.retry();
      },
      onComplete: this.#handlers.onReduced,
    });
    const transfer = (kind: 'state' | 'shard'): VectorTransfer =>
      new VectorTransfer({ kind, mySlot, kernels: kernels.vectors, links, relay });
    const [states, shardParts] = [transfer('state'), transfer('shard')];
    this.#open = { settings, allReduce, states, shardParts, sender, outbox };
  }

  /** @throws {InvariantError} before open() */
  get allReduce(): StepAllReduce {
    return this.#opened.allReduce;
  }

  /**
   * Takes a place among the members of a generation: links to them, and moves what they need.
   * What was under way for an earlier generation is let go.
   */
  enter(roster: Roster, needsState: boolean): void {
    const { settings, allReduce, states, shardParts } = this.#opened;
    const { generation } = roster;
    this.#generation = generation;
    allReduce.abandon();
    const stateSources = needsState ? this.#receiveState(roster) : [];
    if (!needsState) states.begin(generation, [], () => undefined);
    const plan = settings.owners.plan(generation, roster.members, {
      generation: roster.shardGeneration,
      members: roster.shardMembers,
      isOfCheckpoint: isFromCheckpoint(roster),
    });
    this.#restoredShard = plan.ofCheckpoint;
    shardParts.begin(generation, plan.incoming, (received) => {
      if (plan.ofCheckpoint === undefined) this.#stageShard(received);
    });
    for (const { slot, values } of plan.outgoing) shardParts.send(slot, values);
    // Frames for this membership may have come before its roster.
    this.#peers.retry();
    this.#link(roster, (unreachable) => {
      if (this.#generation !== generation) return;
      for (const slot of unreachable) {
        if (stateSources.some((source) => source.slot === slot)) states.requestRelay(slot);
        if (plan.incoming.some((source) => source.slot === slot)) shardParts.requestRelay(slot);
      }
      this.#handlers.onLinked(generation, unreachable);
    });
  }

  /** What is fetched of a checkpoint for this worker's shard; undefined where nothing is. */
  get restoredShard(): readonly ShardPiece[] | undefined {
    return this.#restoredShard;
  }

  /** What restoredShard names has been fetched. */
  stageRestored(): void {
    if (this.#restoredShard !== undefined) this.#stageShard(new Map());
    this.#restoredShard = undefined;
  }

  /**
   * The coordinator is away: what is under way with peers is let go. Their links end too: a frame
   * may wait on one for an order that does not come, and then nobody reads that the link has ended.
   */
  leave(): void {
    const open = this.#open;
    this.#peers.unlink();
    // Peers may still be dialed for the generation that is left; what comes of it is ignored.
    this.#generation = 0;
    if (open === undefined) return;
    open.outbox.clear();
    open.allReduce.abandon();
    open.states.abandon();
    open.shardParts.abandon();
  }

  /** Dials the members of a roster again. */
  relink(roster: Roster, onLinked: (unreachableSlots: readonly number[]) => void): void {
    this.#link(roster, onLinked);
  }

  /** @returns who sends which part */
  #receiveState(roster: Roster): readonly VectorSource[] {
    const { settings, states } = this.#opened;
    const { stateElements } = settings;
    const state = new Float32Array(new SharedArrayBuffer(stateElements * 4));
    const sources = statePartsOf(roster, stateElements).map(({ slot, begin, end }) => {
      return { slot, elements: end - begin, values: state.subarray(begin, end) };
    });
    states.begin(roster.generation, sources, () => {
      this.#handlers.onState(roster.generation, state);
    });
    return sources;
  }

  /** Sends this worker's part of the state to joiners, once they have dialed or asked. */
  sendState(slots: readonly number[], state: Float32Array): void {
    for (const slot of slots) this.#opened.states.send(slot, state);
  }

  /**
   * Starts the attempt of an order: all members have the state, or get it meanwhile.
   * @param machines the name of each member's machine, by slot
   */
  startAttempt(
    order: StepOrder,
    machines: ReadonlyMap<number, string>,
    isStateUnderWay = false,
  ): void {
    const { allReduce, states, shardParts } = this.#opened;
    const holders = order.leases.filter(({ microBatches }) => microBatches.length > 0);
    if (isStateUnderWay) states.release(holders.map(({ slot }) => slot));
    else states.abandon();
    shardParts.abandon();
    allReduce.start(order, machines);
  }

  /** Memory of this thread for the all-reduce, beyond the compute thread's vectors, in bytes. */
  get bytesHeld(): number {
    const open = this.#open;
    if (open === undefined) return this.#peers.bytesHeld;
    return this.#peers.bytesHeld + open.sender.bytesHeld + open.allReduce.bytesHeld;
  }

  /** Memory of this worker's shard of the optimizer state, in bytes. */
  get shardBytes(): number {
    return this.#open?.settings.owners.bytesHeld ?? 0;
  }

  /** Generations for which this worker holds its shard of the optimizer state. */
  get shardGenerations(): readonly number[] {
    return this.#open?.settings.owners.generations ?? [];
  }

  /** Frames of the training state that have come since the start. */
  get stateFramesTaken(): number {
    return this.#open?.states.framesTaken ?? 0;
  }

  /** Slots whose frames are still missing. */
  waitingFor(): number[] {
    return this.#open?.allReduce.waitingFor() ?? [];
  }

  /** Takes a frame that came through the coordinator. */
  acceptRelayed(frame: DataFrame): void {
    // Its slot may have been another worker's before: what was sent to that one goes nowhere.
    if (this.#open === undefined || frame.generation < this.#generation) return;
    this.#takerOf(frame).acceptRelayed(frame);
  }

  /**
   * A frame begins on a link.
   * @returns where its payload goes; `later`: when it is asked for again
   */
  onFrame(frame: AnnouncedFrame): FrameSink | 'later' {
    // It waited, or was under way, for an order that this worker never got.
    if (frame.generation < this.#generation) return DISCARD;
    return this.#takerOf(frame).accept(frame);
  }

  /** A peer has dialed this worker. */
  onDialed(slot: number): void {
    this.#open?.states.onDialed(slot);
    this.#open?.shardParts.onDialed(slot);
  }

  #stageShard(received: ReadonlyMap<number, Float32Array>): void {
    this.#opened.settings.owners.stage(received);
    this.#handlers.onShards(this.#generation);
  }

  #link(roster: Roster, onLinked: (unreachableSlots: readonly number[]) => void): void {
    const { mySlot } = this.#opened.settings;
    this.#peers.dial(
      roster.members.filter(({ slot }) => slot !== mySlot),
      onLinked,
    );
  }

  get #opened(): OpenPlane {
    return defined(this.#open, 'the data plane, opened');
  }

  #takerOf({ kind }: AnnouncedFrame): Pick<StepAllReduce, 'accept' | 'acceptRelayed'> {
    const { states, shardParts, allReduce } = this.#opened;
    if (kind === 'state' || kind === 'state-request') return states;
    if (kind === 'shard' || kind === 'shard-request') return shardParts;
    return allReduce;
  }
}
