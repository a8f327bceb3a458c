/**
 * A worker's decisions in one run. Pure: an event and the time go in, effects come out. Code here
 * reads no clock, sets no timer, opens no socket and makes no promise; worker.ts carries effects
 * out.
 *
 *   greeting -> preparing -> member -> ended
 *
 * greeting   hello is said; the coordinator has not answered
 * preparing  the engine is made ready on the compute thread
 * member     orders are followed; membership.ts has its place among the members
 *
 * The life of a step, from top to bottom of this file: #onStepOrder, #onGradientMade, #onReduced,
 * #commitUpTo. A reduced gradient is applied only once a later order says that its step is
 * committed.
 */
import { assert, CrescendoError, type ErrorCode } from '../../lib/base/errors.ts';
import { isNonfinite } from '../../lib/collective/step-vector.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type {
  CoordinatorMessage,
  EvaluationOrder,
  FinishOrder,
  Roster,
  StepOrder,
  Welcome,
} from '../../proto/generated/messages.ts';
import type { ControlReply, ReadyReply, WorkerEffect, WorkerEvent } from './events.ts';
import { Membership } from './membership.ts';
import { StepProgress } from './step.ts';
import { stepRequestOf } from './step-order.ts';

/** Given to a dead peer's coordinator connection to close too, which explains the broken link. */
const RELINK_PAUSE_MS = 1_000;
const NO_STEP = { step: 0, computeDone: false };

interface Member {
  readonly name: 'member';
  readonly slot: number;
  readonly membership: Membership;
  readonly step: StepProgress;
  finish: FinishOrder | 'not ordered';
}

type Life =
  | { readonly name: 'greeting' }
  | { readonly name: 'preparing'; readonly welcome: Welcome; readonly run: RunConfig }
  | Member
  | { readonly name: 'ended' };

export class WorkerCore {
  #life: Life = { name: 'greeting' };
  #heartbeatIntervalMs = 0;
  /** Measurements for reports and heartbeats: the newest of the compute thread. */
  #memory = { tensorCount: 0, tensorBytes: 0 };
  #effects: WorkerEffect[] = [];

  /** Applies one event; the caller carries out the effects in order. */
  apply(event: WorkerEvent, nowMs: number): readonly WorkerEffect[] {
    this.#effects = [];
    if (this.#life.name !== 'ended') this.#dispatch(event, nowMs);
    return this.#effects;
  }

  #dispatch(event: WorkerEvent, nowMs: number): void {
    switch (event.kind) {
      case 'message':
        this.#onMessage(event.message);
        break;
      case 'reply':
        this.#onReply(event.reply, nowMs);
        break;
      case 'linked':
      case 'received':
        this.#onProgress(event);
        break;
      case 'reduced':
        this.#onReduced(event, nowMs);
        break;
      case 'linkBroken':
        this.#onLinkBroken(event.slot, event.reason);
        break;
      case 'relinkDue':
      case 'relinked':
        this.#onRelink(event);
        break;
      case 'drainRequested':
        this.#do({ kind: 'send', message: { kind: 'drainRequest' } });
        break;
      case 'heartbeatDue':
        this.#beat();
        break;
      case 'coordinatorLost':
        this.#onCoordinatorLost(event.reason);
        break;
      case 'failed':
        this.#fail(event.error);
        break;
    }
  }

  #onMessage(message: CoordinatorMessage): void {
    switch (message.kind) {
      case 'welcome':
        this.#onWelcome(message);
        break;
      case 'refused':
        this.#fail(new CrescendoError(message.code as ErrorCode, `refused: ${message.message}`));
        break;
      case 'released':
        this.#life = { name: 'ended' };
        this.#do({ kind: 'released', reason: message.reason });
        break;
      case 'roster':
        this.#onRoster(this.#member(message.kind), message);
        break;
      case 'stepOrder':
        this.#onStepOrder(this.#member(message.kind), message);
        break;
      case 'evaluationOrder':
        this.#onEvaluationOrder(this.#member(message.kind), message);
        break;
      case 'finishOrder':
        this.#onFinishOrder(this.#member(message.kind), message);
        break;
    }
  }

  #onReply(reply: ControlReply, nowMs: number): void {
    switch (reply.kind) {
      case 'ready':
        this.#onReady(reply);
        break;
      case 'sumsMade':
        this.#onGradientMade(reply, nowMs);
        break;
      case 'applied':
        if (this.#life.name === 'member') this.#life.step.applied(reply);
        break;
      case 'evaluated': {
        const { generation, evaluation, batches } = reply;
        this.#do({
          kind: 'send',
          message: { kind: 'evaluationDone', generation, evaluation, batches },
        });
        break;
      }
      case 'state':
        this.#onState(reply.generation, reply.state);
        break;
      case 'weights':
        this.#onWeights(reply);
        break;
      case 'notice':
        this.#do({ kind: 'notice', text: reply.text });
        break;
    }
  }

  // ---- Joining the run ----

  #onWelcome(welcome: Welcome): void {
    const run = JSON.parse(welcome.runConfigJson) as RunConfig;
    this.#life = { name: 'preparing', welcome, run };
    this.#heartbeatIntervalMs = welcome.heartbeatIntervalMs;
    this.#do({ kind: 'prepare', welcome, run });
    this.#scheduleHeartbeat();
  }

  #onReady(ready: ReadyReply): void {
    const life = this.#life;
    assert(life.name === 'preparing', `the engine is ready while ${life.name}`);
    const { slot } = life.welcome;
    this.#life = {
      name: 'member',
      slot,
      membership: new Membership(slot),
      step: new StepProgress(),
      finish: 'not ordered',
    };
    this.#do({ kind: 'openDataPlane', slot, run: life.run, ready });
    const { description, totalElements } = ready;
    this.#do({
      kind: 'send',
      message: { kind: 'prepared', engineDescription: description, totalElements },
    });
  }

  // ---- A generation is formed ----

  #onRoster(member: Member, roster: Roster): void {
    this.#commitUpTo(member, roster.committedSteps);
    const { generation, stateSourceSlot } = roster;
    const needsState = !member.step.hasState && stateSourceSlot >= 0;
    member.membership.enter(roster, needsState);
    this.#do({ kind: 'enter', roster, needsState });
    if (stateSourceSlot === member.slot && member.membership.joiners.length > 0) {
      this.#do({ kind: 'request', request: { kind: 'exportState', generation } });
    }
  }

  /** The compute thread gives the state that joiners of a generation are to get. */
  #onState(generation: number, state: Float32Array): void {
    const life = this.#life;
    if (life.name !== 'member' || !life.membership.isIn(generation)) return;
    this.#do({ kind: 'sendState', slots: life.membership.joiners, state });
  }

  /** Links, state or shards of a generation are there; with the last of them it is complete. */
  #onProgress(event: WorkerEvent & { readonly kind: 'linked' | 'received' }): void {
    const life = this.#life;
    if (life.name !== 'member' || !life.membership.isLinkingFor(event.generation)) return;
    const { generation } = event;
    if (event.kind === 'received' && event.transfer === 'state') {
      const { state } = event;
      this.#do({ kind: 'request', request: { kind: 'importState', state } });
    }
    const unreachableSlots =
      event.kind === 'linked'
        ? life.membership.link(generation, event.unreachableSlots)
        : life.membership.receive(generation, event.transfer);
    if (unreachableSlots === undefined) return;
    life.step.holdStateAfter(life.membership.roster?.committedSteps ?? 0);
    this.#sendLinksReady(generation, unreachableSlots, false);
  }

  // ---- The life of a step ----

  #onStepOrder(member: Member, order: StepOrder): void {
    this.#commitUpTo(member, order.step);
    const roster = member.membership.linkedRoster;
    assert(roster !== undefined, `step ${order.step} is ordered before this worker is linked`);
    member.step.begin(order);
    this.#do({ kind: 'request', request: stepRequestOf(order, member.slot) });
    this.#do({ kind: 'startAttempt', order, roster });
  }

  /** This worker's part of the gradient is made; its last buckets leave next. */
  #onGradientMade(made: ControlReply & { readonly kind: 'sumsMade' }, nowMs: number): void {
    const { tensorCount, tensorBytes } = made;
    this.#memory = { tensorCount, tensorBytes };
    this.#do({ kind: 'memoryMeasured', tensorCount, tensorBytes });
    if (this.#life.name === 'member') this.#life.step.made(made, nowMs);
  }

  /** The gradient of the whole batch is there: report it, and keep it until its commit. */
  #onReduced(
    { order, gradient, bytesSent }: WorkerEvent & { readonly kind: 'reduced' },
    nowMs: number,
  ): void {
    if (this.#life.name !== 'member') return;
    const reduced = this.#life.step.reduced(order, gradient, bytesSent, nowMs);
    if (reduced === undefined) return;
    this.#do({ kind: 'stepReported', ...reduced });
    this.#do({ kind: 'send', message: reduced.report });
  }

  /** Applies the reduced gradient once an order or a roster says that its step is committed. */
  #commitUpTo(member: Member, committedSteps: number): void {
    const committed = member.step.commitUpTo(committedSteps);
    if (committed === undefined) return;
    const { step, learningRate } = committed.order;
    const { values: sum, gradientNorm } = committed.gradient;
    this.#do({
      kind: 'request',
      request: { kind: 'apply', step, learningRate, sum, gradientNorm },
    });
    this.#do({ kind: 'commitAttempt', isFinite: !isNonfinite(sum), sum });
  }

  // ---- Evaluation and the end ----

  #onEvaluationOrder(member: Member, order: EvaluationOrder): void {
    this.#commitUpTo(member, order.committedSteps);
    const lease = order.leases.find((one) => one.slot === member.slot);
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

  #onFinishOrder(member: Member, order: FinishOrder): void {
    this.#commitUpTo(member, order.committedSteps);
    member.finish = order;
    this.#do({ kind: 'request', request: { kind: 'exportWeights' } });
  }

  #onWeights(weights: ControlReply & { readonly kind: 'weights' }): void {
    const life = this.#life;
    if (life.name !== 'member' || life.finish === 'not ordered') return;
    const order = life.finish;
    const isUploader = order.uploadSlot === life.slot;
    this.#do({ kind: 'deliverWeights', order, isUploader, weights });
  }

  // ---- Links, heartbeats, failures ----

  /** Most often the peer died and a new roster is on its way; if not, link anew and say so. */
  #onLinkBroken(slot: number, reason: string): void {
    this.#do({ kind: 'notice', text: `link from slot ${slot} broke: ${reason}` });
    const roster = this.#roster;
    if (roster === undefined) return;
    const { generation } = roster;
    const event = { kind: 'relinkDue', generation } as const;
    this.#do({ kind: 'after', delayMs: RELINK_PAUSE_MS, event });
  }

  /** The coordinator forms a new generation after a relink, because frames may have been lost. */
  #onRelink(event: WorkerEvent & { readonly kind: 'relinkDue' | 'relinked' }): void {
    const roster = this.#roster;
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

  #beat(): void {
    const generation = this.#roster?.generation ?? 0;
    const progress = this.#life.name === 'member' ? this.#life.step.latest : NO_STEP;
    this.#do({ kind: 'heartbeat', beat: { generation, ...progress, ...this.#memory } });
    this.#scheduleHeartbeat();
  }

  #scheduleHeartbeat(): void {
    const event = { kind: 'heartbeatDue' } as const;
    this.#do({ kind: 'after', delayMs: this.#heartbeatIntervalMs, event });
  }

  #onCoordinatorLost(reason: string): void {
    this.#life = { name: 'ended' };
    const error = new CrescendoError(
      'CRESCENDO_COORDINATOR_UNREACHABLE',
      `the connection to the coordinator is lost: ${reason}`,
    );
    this.#do({ kind: 'failed', error });
  }

  /** Tells the coordinator why, then ends. */
  #fail(error: Error): void {
    const code = error instanceof CrescendoError ? error.code : 'CRESCENDO_WORKER_FAILED';
    this.#life = { name: 'ended' };
    this.#do({ kind: 'send', message: { kind: 'failure', code, message: error.message } });
    this.#do({ kind: 'failed', error });
  }

  /** That of the generation this worker is in; undefined while it is in none. */
  get #roster(): Roster | undefined {
    return this.#life.name === 'member' ? this.#life.membership.roster : undefined;
  }

  /** @throws {CrescendoError} CRESCENDO_PROTOCOL_INVALID before the engine is ready */
  #member(message: string): Member {
    if (this.#life.name === 'member') return this.#life;
    throw new CrescendoError(
      'CRESCENDO_PROTOCOL_INVALID',
      `the coordinator sent ${message} while this worker is ${this.#life.name}`,
    );
  }

  #do(effect: WorkerEffect): void {
    this.#effects.push(effect);
  }
}
