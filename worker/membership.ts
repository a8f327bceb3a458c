/**
 * What a worker does when a roster comes: links to the members, fetches or gives the state, and where
 * the optimizer state is sharded takes its shard. On the networking thread.
 */
import { defined } from '../lib/base/errors.ts';
import type { Roster } from '../proto/generated/messages.ts';
import type { ComputeRequest } from './compute/messages.ts';
import type { DataPlane } from './data-plane.ts';
import type { OptimizerShards, ShardPlan } from '../lib/optim/modes/sharded/optimizer-shards.ts';

export interface MembershipOptions {
  readonly mySlot: number;
  readonly dataPlane: DataPlane;
  readonly request: (request: ComputeRequest) => void;
  /** Length of the state vector, from this worker's own engine. */
  readonly stateElements: number;
  readonly shards: OptimizerShards | undefined;
}

type Received = Promise<ReadonlyMap<number, Float32Array>>;

export class Membership {
  readonly #options: MembershipOptions;
  #roster: Roster | undefined;
  #hasState = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** The newest. */
  get roster(): Roster | undefined {
    return this.#roster;
  }

  /** Whether this worker has the weights: then commits are for it too. */
  get hasState(): boolean {
    return this.#hasState;
  }

  /**
   * Takes a place among the members; commits of the roster are requested before.
   * @returns slots that could not be dialed; undefined when a newer roster came meanwhile
   */
  async enter(roster: Roster): Promise<readonly number[] | undefined> {
    this.#roster = roster;
    const { dataPlane } = this.#options;
    dataPlane.abandonAttempt();
    const peers = this.peersIn(roster);
    const isJoining = !this.#hasState && roster.stateSourceSlot >= 0;
    const stateSources = isJoining
      ? [{ slot: roster.stateSourceSlot, elements: this.#options.stateElements }]
      : [];
    const state = dataPlane.states.begin(roster.generation, stateSources);
    const plan = this.#planShard(roster);
    const parts = dataPlane.shardParts.begin(roster.generation, plan?.incoming ?? []);
    for (const { slot, values } of plan?.outgoing ?? []) dataPlane.shardParts.send(slot, values);
    // Frames for this membership may have come before its roster.
    dataPlane.links.retry();
    const unreachable = await dataPlane.links.link(peers);
    if (this.#roster !== roster) return undefined;
    for (const slot of unreachable) {
      if (stateSources.some((source) => source.slot === slot)) dataPlane.states.requestRelay(slot);
      if (plan?.incoming.some((source) => source.slot === slot) === true) {
        dataPlane.shardParts.requestRelay(slot);
      }
    }
    await this.#moveState(roster, isJoining ? state : undefined);
    if (this.#roster !== roster) return undefined;
    const received = await parts;
    if (this.#roster !== roster) return undefined;
    this.#options.shards?.stage(received);
    this.#hasState = true;
    return unreachable;
  }

  peersIn(roster: Roster): Roster['members'] {
    return roster.members.filter((member) => member.slot !== this.#options.mySlot);
  }

  /** The compute thread gives the state that joiners of a generation are to get. */
  onState(generation: number, state: Float32Array): void {
    const roster = this.#roster;
    if (roster?.generation !== generation) return;
    for (const slot of this.#joinersOf(roster)) this.#options.dataPlane.states.send(slot, state);
  }

  async #moveState(roster: Roster, received: Received | undefined): Promise<void> {
    const { mySlot, request } = this.#options;
    if (received !== undefined) {
      const state = defined((await received).get(roster.stateSourceSlot), 'state');
      if (this.#roster !== roster) return;
      request({ kind: 'importState', state, step: roster.committedSteps });
    } else if (roster.stateSourceSlot === mySlot && this.#joinersOf(roster).length > 0) {
      request({ kind: 'exportState', generation: roster.generation });
    }
  }

  #joinersOf(roster: Roster): number[] {
    return this.peersIn(roster)
      .filter((peer) => !peer.hasState)
      .map(({ slot }) => slot);
  }

  #planShard({
    generation,
    members,
    shardGeneration,
    shardMembers,
  }: Roster): ShardPlan | undefined {
    const previous = { generation: shardGeneration, members: shardMembers };
    return this.#options.shards?.plan(generation, members, previous);
  }
}
