/**
 * A worker whose engine is ready, as a member of the run: it links to peers, gets or gives the
 * state, and follows orders. Pure: what is to be done is given to `emit`, in order.
 *
 * The life of a step, from top to bottom of this file: onStepOrder, onGradientMade, onReduced,
 * #commitUpTo. A reduced gradient is applied only once a later order says that its step is
 * committed.
 */
import { assert, CrescendoError } from '../../lib/base/errors.ts';
import { isNonfinite } from '../../lib/collective/step-vector.ts';
import type {
  CheckpointOrder,
  CoordinatorMessage,
  EvaluationOrder,
  FinishOrder,
  Prepared,
  Roster,
  StepOrder,
} from '../../proto/generated/messages.ts';
import type {
  ControlReply,
  ReadyReply,
  WeightsReply,
  WorkerEffect,
  WorkerEvent,
} from './events.ts';
import { statePartsOf } from '../state-parts.ts';
import { Feeding } from './feeding.ts';
import { isFromCheckpoint, Membership } from './membership.ts';
import { stepRequestOf } from './step-order.ts';
import { StepProgress, type LatestStep } from './step.ts';

/** Given to a dead peer's coordinator connection to close too, which explains the broken link. */
const RELINK_PAUSE_MS = 1_000;

/** Messages that are for members alone. */
export type MemberMessage = CoordinatorMessage & {
  readonly kind: 'roster' | 'stepOrder' | 'checkpointOrder' | 'evaluationOrder' | 'finishOrder';
};

export class Member {
  readonly #emit: (effect: WorkerEffect) => void;
  readonly #step = new StepProgress();
  #slot: number;
  #membership: Membership;
  #history = 0;
  #finish: FinishOrder | 'not ordered' = 'not ordered';
  /** Undefined unless the state comes while steps go on. */
  #feeding: Feeding | undefined;
  readonly #stateElements: number;

  /** @param stateElements length of the state vector */
  constructor(slot: number, stateElements: number, emit: (effect: WorkerEffect) => void) {
    this.#emit = emit;
    this.#stateElements = stateElements;
    this.#slot = slot;
    this.#membership = new Membership(slot);
  }

  get slot(): number {
    return this.#slot;
  }

  /** What a coordinator is told of its engine, and of the state that it holds. */
  preparedWith({ description, totalElements, stateElements, dataset }: ReadyReply): Prepared {
    return {
      kind: 'prepared',
      engineDescription: description,
      totalElements,
      stateElements,
      held: this.#step.heldBy(this.#history),
      dataset,
    };
  }

  /** Steps that its weights have seen; 0 where it has none. */
  get appliedSteps(): number {
    return this.#feeding === undefined ? this.#step.appliedSteps : 0;
  }

  /** For heartbeats. */
  get progress(): { readonly generation: number } & LatestStep {
    return { generation: this.#membership.roster?.generation ?? 0, ...this.#step.latest };
  }

  /** It was welcomed again: it is in no generation, and keeps what it holds. */
  reenter(slot: number): void {
    this.#slot = slot;
    this.#membership = new Membership(slot);
    this.#finish = 'not ordered';
    if (this.#feeding !== undefined) this.#step.forgetState();
    this.#feeding = undefined;
  }

  onMessage(message: MemberMessage): void {
    switch (message.kind) {
      case 'roster':
        this.#onRoster(message);
        break;
      case 'stepOrder':
        this.#onStepOrder(message);
        break;
      case 'checkpointOrder':
        this.#onCheckpointOrder(message);
        break;
      case 'evaluationOrder':
        this.#onEvaluationOrder(message);
        break;
      case 'finishOrder':
        this.#onFinishOrder(message);
        break;
    }
  }

  /** What the compute thread says of a step, or gives at the end. */
  onReply(reply: ControlReply & { readonly kind: 'leaseLeft' | 'applied' | 'weights' }): void {
    if (reply.kind === 'leaseLeft') this.#step.left(reply);
    else if (reply.kind === 'applied') this.#step.applied(reply);
    else this.#onWeights(reply);
  }

  // ---- A generation is formed ----

  #onRoster(roster: Roster): void {
    const { generation, stateSourceSlot, committedSteps } = roster;
    const isHeld = roster.members.some(({ slot, hasState }) => slot === this.#slot && hasState);
    if (isHeld && !this.#step.hasState) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        'the roster says that this worker has the state of the run, and it has none',
      );
    }
    if (isHeld) this.#commitUpTo(committedSteps);
    else this.#forgetState(roster);
    const needsState = !isHeld && stateSourceSlot >= 0;
    const isSource = stateSourceSlot === this.#slot;
    const isRestored = isFromCheckpoint(roster);
    this.#history = roster.history;
    this.#feeding = needsState && roster.stateBesideSteps ? new Feeding() : undefined;
    if (this.#feeding !== undefined) this.#step.expectStateAfter(committedSteps);
    this.#membership.enter(roster, needsState && this.#feeding === undefined);
    this.#do({ kind: 'enter', roster, needsState: needsState && !isSource });
    if (isRestored) this.#do({ kind: 'fetchState', generation, isSource });
    else if (isHeld) this.#exportForJoiners(roster);
  }

  /** Others went on without this worker. @throws where it cannot begin where the others do */
  #forgetState({ stateSourceSlot }: Roster): void {
    if (stateSourceSlot < 0 && this.#step.isTrained) {
      const message =
        'no worker and no checkpoint has the state of the run, which begins anew from its ' +
        'initial weights: start this worker again';
      throw new CrescendoError('CRESCENDO_WORKER_FAILED', message);
    }
    this.#step.forgetState();
  }

  /** Copies this worker's part of the state, if it has one. */
  #exportForJoiners(roster: Roster): void {
    if (this.#membership.joiners.length === 0) return;
    const parts = statePartsOf(roster, this.#stateElements);
    const part = parts.find(({ slot }) => slot === this.#slot);
    if (part === undefined) return;
    const { generation } = roster;
    const { begin, end } = part;
    this.#do({ kind: 'request', request: { kind: 'exportState', generation, begin, end } });
  }

  /** The compute thread gives the state for the joiners of a generation. */
  onState(generation: number, state: Float32Array): void {
    if (!this.#membership.isIn(generation)) return;
    this.#do({ kind: 'sendState', slots: this.#membership.joiners, state });
  }

  /** Links, state or shards of a generation are there; with the last of them it is complete. */
  onProgress(event: WorkerEvent & { readonly kind: 'linked' | 'received' }): void {
    const membership = this.#membership;
    const { generation } = event;
    const isState = event.kind === 'received' && event.transfer === 'state';
    if (isState && membership.isIn(generation) && this.#feeding !== undefined) {
      this.#feed(this.#feeding, generation, event.state);
      return;
    }
    const { roster } = membership;
    if (roster === undefined || !membership.isLinkingFor(generation)) return;
    if (isState) {
      const { state } = event;
      this.#step.importState(roster.committedSteps);
      this.#do({ kind: 'request', request: { kind: 'importState', state } });
      if (roster.stateSourceSlot === this.#slot) this.#exportForJoiners(roster);
    }
    const unreachableSlots =
      event.kind === 'linked'
        ? membership.link(generation, event.unreachableSlots)
        : membership.receive(generation, event.transfer);
    if (unreachableSlots === undefined) return;
    const { committedSteps } = roster;
    if (this.#feeding === undefined) this.#step.holdStateAfter(committedSteps);
    this.#sendLinksReady(generation, unreachableSlots, false);
  }

  /** The state is there, and what waited for it is done. */
  #feed(feeding: Feeding, generation: number, state: Float32Array): void {
    this.#feeding = undefined;
    this.#step.holdExpectedState();
    this.#do({ kind: 'request', request: { kind: 'importState', state } });
    for (const effect of feeding.end()) this.#do(effect);
    this.#do({ kind: 'send', message: { kind: 'stateHeld', generation } });
  }

  // ---- The life of a step ----

  #onStepOrder(order: StepOrder): void {
    this.#commitUpTo(order.step);
    this.#feeding?.dropReport();
    const roster = this.#membership.linkedRoster;
    assert(roster !== undefined, `step ${order.step} is ordered before this worker is linked`);
    const request = stepRequestOf(order, this.#slot);
    this.#step.begin(order, request.microBatches);
    this.#do({ kind: 'request', request });
    this.#do({ kind: 'startAttempt', order, roster });
  }

  /** This worker's part of the gradient is made; its last buckets leave next. */
  onGradientMade(made: ControlReply & { readonly kind: 'sumsMade' }, nowMs: number): void {
    this.#step.made(made, nowMs);
  }

  /** The gradient of the whole batch is there: report it, and keep it until its commit. */
  onReduced(
    { order, gradient, bytesSent }: WorkerEvent & { readonly kind: 'reduced' },
    nowMs: number,
  ): void {
    const reduced = this.#step.reduced(order, gradient, bytesSent, nowMs);
    if (reduced === undefined) return;
    const effects = [
      { kind: 'stepReported', ...reduced },
      { kind: 'send', message: reduced.report },
    ] as const;
    if (this.#feeding?.holdsBack(effects) === true) return;
    for (const effect of effects) this.#do(effect);
  }

  /** Applies the reduced gradient once an order or a roster says that its step is committed. */
  #commitUpTo(committedSteps: number): void {
    const committed = this.#step.commitUpTo(committedSteps);
    if (committed === undefined) return;
    const { step, learningRate } = committed.order;
    const { values: sum, gradientNorm } = committed.gradient;
    this.#do({
      kind: 'request',
      request: { kind: 'apply', step, learningRate, sum, gradientNorm },
    });
    this.#do({ kind: 'commitAttempt', isFinite: !isNonfinite(sum), sum });
  }

  // ---- Checkpoints, evaluation and the end ----

  /** What is leased is copied between two updates, and leaves while training goes on. */
  #onCheckpointOrder(order: CheckpointOrder): void {
    this.#commitUpTo(order.committedSteps);
    if (order.leases.length > 0) this.#do({ kind: 'copyState', order });
  }

  #onEvaluationOrder(order: EvaluationOrder): void {
    this.#commitUpTo(order.committedSteps);
    const lease = order.leases.find((one) => one.slot === this.#slot);
    this.#do({
      kind: 'request',
      request: {
        kind: 'evaluate',
        evaluation: order.evaluation,
        generation: order.generation,
        batches: lease?.batches ?? [],
        batchSamples: order.batchSamples,
        imageSizePx: order.imageSizePx,
      },
    });
  }

  #onFinishOrder(order: FinishOrder): void {
    this.#commitUpTo(order.committedSteps);
    this.#finish = order;
    this.#do({ kind: 'request', request: { kind: 'exportWeights' } });
  }

  #onWeights(weights: WeightsReply): void {
    if (this.#finish === 'not ordered') return;
    this.#do({ kind: 'reportWeights', order: this.#finish, weights });
  }

  // ---- Links ----

  /** Most often the peer died and a new roster is on its way; if not, link anew and say so. */
  onLinkBroken(): void {
    const roster = this.#membership.roster;
    if (roster === undefined) return;
    const { generation } = roster;
    const event = { kind: 'relinkDue', generation } as const;
    this.#do({ kind: 'after', delayMs: RELINK_PAUSE_MS, event });
  }

  /** The coordinator forms a new generation after a relink, because frames may have been lost. */
  onRelink(event: WorkerEvent & { readonly kind: 'relinkDue' | 'relinked' }): void {
    const roster = this.#membership.roster;
    if (roster?.generation !== event.generation) return;
    if (event.kind === 'relinkDue') this.#do({ kind: 'relink', roster });
    else this.#sendLinksReady(event.generation, event.unreachableSlots, true);
  }

  #sendLinksReady(
    generation: number,
    unreachableSlots: readonly number[],
    relinked: boolean,
  ): void {
    this.#do({
      kind: 'send',
      message: { kind: 'linksReady', generation, unreachableSlots, relinked },
    });
  }

  #do(effect: WorkerEffect): void {
    const isDeferred = effect.kind === 'request' && this.#feeding?.defers(effect.request) === true;
    if (!isDeferred) this.#emit(effect);
  }
}
