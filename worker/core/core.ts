/**
 * A worker's decisions in one run. Pure: an event and the time go in, effects come out. Code here
 * reads no clock, sets no timer, opens no socket and makes no promise; worker.ts carries effects
 * out.
 *
 *   greeting -> preparing -> member -> (leaving ->) ended
 *
 * greeting   hello is said; the coordinator has not answered
 * preparing  the engine is made ready on the compute thread
 * member     orders are followed; membership.ts has its place among the members
 * leaving    the coordinator does not come back: the state is saved on this machine
 *
 * A worker that was welcomed once outlives the connection (contact.ts): it keeps its state,
 * connects anew, and says what it holds.
 *
 * The life of a step is in member.ts.
 */
import { elementsOf } from '../../lib/checkpoint/snapshot.ts';
import { assert, CrescendoError, type ErrorCode } from '../../lib/base/errors.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type {
  CoordinatorMessage,
  Refused,
  Welcome,
  WorkerMessage,
} from '../../proto/generated/messages.ts';
import { KnownBadSamples } from './bad-samples.ts';
import { Beats } from './beats.ts';
import { Contact, unreachable } from './contact.ts';
import type {
  ContactEvent,
  ControlReply,
  ReadyReply,
  WorkerEffect,
  WorkerEvent,
} from './events.ts';
import type { Life } from './life.ts';
import { Member } from './member.ts';

const MINUTE_MS = 60_000;
/** How long a worker that was never welcomed tries to say hello. */
const GREETING_MS = 60_000;
const WHOLE_STATE = { kind: 'exportState', generation: 0, begin: 0, end: Infinity } as const;

export class WorkerCore {
  #life: Life = { name: 'greeting' };
  readonly #contact = new Contact();
  readonly #beats = new Beats((effect) => {
    this.#do(effect);
  });
  readonly #badSamples = new KnownBadSamples();
  /** Whether this worker was asked to leave. */
  #isDraining = false;
  #effects: WorkerEffect[] = [];

  /** Applies one event; the caller carries out the effects in order. */
  apply(event: WorkerEvent, nowMs: number): readonly WorkerEffect[] {
    this.#effects = [];
    if (this.#life.name !== 'ended') this.#dispatch(event, nowMs);
    return this.#effects;
  }

  #dispatch(event: WorkerEvent, nowMs: number): void {
    switch (event.kind) {
      case 'connected':
      case 'dialFailed':
      case 'coordinatorLost':
      case 'drainRequested':
      case 'savedLocally':
      case 'bytesReceived':
        this.#onContact(event, nowMs);
        break;
      case 'message':
        this.#contact.heard(nowMs);
        this.#onMessage(event.message, nowMs);
        break;
      case 'reply':
        this.#onReply(event.reply, nowMs);
        break;
      case 'linked':
      case 'received':
        this.#member?.onProgress(event);
        break;
      case 'reduced':
        this.#member?.onReduced(event, nowMs);
        break;
      case 'linkBroken':
        this.#onLinkBroken(event.slot, event.reason);
        break;
      case 'relinkDue':
      case 'relinked':
        this.#member?.onRelink(event);
        break;
      case 'heartbeatDue':
        this.#beat(nowMs);
        break;
      case 'stepBeatDue':
        this.#beats.sayOfStep(this.#member?.progress, this.#contact.isUp, nowMs);
        break;
      case 'failed':
        this.#fail(event.error);
        break;
    }
  }

  #onMessage(message: CoordinatorMessage, nowMs: number): void {
    switch (message.kind) {
      case 'welcome':
        this.#onWelcome(message, nowMs);
        break;
      case 'refused':
        this.#onRefused(message, nowMs);
        break;
      case 'released':
        this.#life = { name: 'ended' };
        this.#do({ kind: 'released', reason: message.reason });
        break;
      case 'heartbeatSeen':
      case 'blockStored':
      case 'restoredBlock':
        break;
      case 'roster':
      case 'stepOrder':
      case 'checkpointOrder':
      case 'evaluationOrder':
      case 'finishOrder':
        this.#memberFor(message.kind).onMessage(message);
        if (message.kind === 'stepOrder') this.#beats.ordered(nowMs);
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
      case 'leaseLeft':
      case 'applied':
      case 'weights':
        this.#member?.onReply(reply);
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
      case 'notice':
        this.#do({ kind: 'notice', text: reply.text });
        break;
      case 'badSamples':
        this.#send(this.#badSamples.add(reply.samples, reply.isFinal));
        break;
      case 'unitDone':
      case 'pong':
        this.#onComputing();
        break;
    }
  }

  // ---- Joining the run, and coming back to it ----

  #onWelcome(welcome: Welcome, nowMs: number): void {
    const { slot, peerToken } = welcome;
    this.#contact.restored(nowMs);
    this.#do({ kind: 'identify', slot, peerToken });
    this.#send(this.#badSamples.all());
    const life = this.#life;
    switch (life.name) {
      case 'greeting': {
        const run = JSON.parse(welcome.runConfigJson) as RunConfig;
        this.#life = { name: 'preparing', welcome, run };
        this.#do({ kind: 'prepare', welcome, run });
        this.#scheduleHeartbeat(run);
        break;
      }
      case 'preparing':
        this.#life = { ...life, welcome };
        break;
      case 'member':
        this.#life = { ...life, welcome };
        if (life.member.slot !== slot) this.#openDataPlane(slot, life.run, life.ready);
        life.member.reenter(slot);
        this.#contact.awaitCompute(nowMs);
        this.#do({ kind: 'request', request: { kind: 'ping' } });
        break;
      case 'leaving':
      case 'ended':
        break;
    }
  }

  /** A worker that is only held off asks again. */
  #onRefused({ code, message, retryAfterMs }: Refused, nowMs: number): void {
    if (retryAfterMs === 0) {
      this.#fail(new CrescendoError(code as ErrorCode, `refused: ${message}`));
      return;
    }
    this.#contact.heldOff(nowMs + retryAfterMs);
    this.#do({ kind: 'notice', text: message });
    this.#do({ kind: 'reconnect', delayMs: retryAfterMs });
  }

  /** The compute thread goes on: a worker that came back and waited for that is prepared. */
  #onComputing(): void {
    const life = this.#life;
    const isAwaited = this.#contact.computes();
    if (!isAwaited || life.name !== 'member') return;
    this.#do({ kind: 'prepared', message: life.member.preparedWith(life.ready) });
  }

  #onReady(ready: ReadyReply): void {
    const life = this.#life;
    if (life.name === 'leaving') return;
    assert(life.name === 'preparing', `the engine is ready while ${life.name}`);
    const { slot } = life.welcome;
    const member = new Member(slot, elementsOf(ready.stateLayout), (effect) => {
      this.#do(effect);
    });
    this.#life = { ...life, name: 'member', ready, member };
    this.#openDataPlane(slot, life.run, ready);
    if (this.#contact.isUp) this.#do({ kind: 'prepared', message: member.preparedWith(ready) });
  }

  #openDataPlane(slot: number, run: RunConfig, ready: ReadyReply): void {
    this.#do({ kind: 'openDataPlane', slot, run, ready });
  }

  #onContact(event: ContactEvent, nowMs: number): void {
    switch (event.kind) {
      case 'connected':
        this.#contact.connected(nowMs);
        this.#sayHello();
        break;
      case 'dialFailed':
        this.#redial('dialFailed', event.reason, nowMs);
        break;
      case 'coordinatorLost':
        this.#onCoordinatorLost(event.reason, nowMs);
        break;
      case 'drainRequested':
        this.#isDraining = true;
        if (this.#life.name === 'greeting' || this.#life.name === 'preparing') {
          this.#life = { name: 'ended' };
          this.#do({ kind: 'released', reason: 'left before its engine was ready' });
        } else if (this.#contact.isUp)
          this.#do({ kind: 'send', message: { kind: 'drainRequest' } });
        else this.#leave(undefined);
        break;
      case 'savedLocally':
        this.#onSaved(event.where);
        break;
      case 'bytesReceived':
        this.#contact.heard(nowMs);
        break;
    }
  }

  #sayHello(): void {
    const life = this.#life;
    if (life.name === 'greeting') this.#do({ kind: 'hello', runId: '', slot: 0 });
    else if (life.name === 'preparing' || life.name === 'member') {
      const { runId, slot } = life.welcome;
      this.#do({ kind: 'hello', runId, slot });
    }
  }

  /** The state is kept, and the coordinator is looked for until the run's limit. */
  #onCoordinatorLost(reason: string, nowMs: number): void {
    if (this.#contact.isUp) {
      this.#do({ kind: 'notice', text: `${unreachable(reason).message}; connecting anew` });
      this.#do({ kind: 'leave' });
    }
    this.#redial('lost', reason, nowMs);
  }

  #redial(what: 'lost' | 'dialFailed', reason: string, nowMs: number): void {
    const life = this.#life;
    if (life.name === 'leaving' || life.name === 'ended') return;
    if (this.#isDraining) {
      this.#leave(undefined);
      return;
    }
    const limitMs =
      life.name === 'greeting' ? GREETING_MS : life.run.cluster.reconnectMinutes * MINUTE_MS;
    const attempt = this.#contact[what](nowMs, limitMs);
    if (attempt.kind === 'dial') this.#do({ kind: 'reconnect', delayMs: attempt.delayMs });
    else if (attempt.kind === 'give up') this.#leave(unreachable(reason));
  }

  /** Without a coordinator: what this worker holds is saved here. @param why undefined: as asked */
  #leave(why: Error | undefined): void {
    const life = this.#life;
    const appliedSteps = life.name === 'member' ? life.member.appliedSteps : 0;
    if (life.name !== 'member' || appliedSteps === 0) {
      this.#finishLeaving(why);
      return;
    }
    this.#life = { name: 'leaving', appliedSteps, runId: life.welcome.runId, why };
    this.#do({ kind: 'request', request: WHOLE_STATE });
  }

  #onSaved(where: string): void {
    if (this.#life.name !== 'leaving') return;
    this.#do({ kind: 'notice', text: where });
    this.#finishLeaving(this.#life.why);
  }

  #finishLeaving(why: Error | undefined): void {
    this.#life = { name: 'ended' };
    if (why !== undefined) this.#do({ kind: 'failed', error: why });
    else this.#do({ kind: 'released', reason: 'left as asked, while the coordinator was away' });
  }

  /** The compute thread gives the state: for joiners of a generation, or to be saved here. */
  #onState(generation: number, state: Float32Array): void {
    const life = this.#life;
    if (life.name === 'leaving') {
      const { appliedSteps: committedSteps, runId } = life;
      this.#do({ kind: 'saveLocally', runId, committedSteps, state });
    }
    this.#member?.onState(generation, state);
  }

  /** This worker's part of the gradient is made; its last buckets leave next. */
  #onGradientMade(made: ControlReply & { readonly kind: 'sumsMade' }, nowMs: number): void {
    this.#beats.measured(made);
    this.#member?.onGradientMade(made, nowMs);
  }

  // ---- Heartbeats, links, failures ----

  #onLinkBroken(slot: number, reason: string): void {
    this.#do({ kind: 'notice', text: `link from slot ${slot} broke: ${reason}` });
    this.#member?.onLinkBroken();
  }

  /** Says that this worker lives, and finds out whether the coordinator does. */
  #beat(nowMs: number): void {
    const life = this.#life;
    if (life.name !== 'preparing' && life.name !== 'member') return;
    const { heartbeatTimeoutMs, heartbeatIntervalMs } = life.run.cluster;
    const silentMs = this.#contact.beat(nowMs, heartbeatIntervalMs);
    this.#scheduleHeartbeat(life.run);
    if (silentMs > heartbeatTimeoutMs) {
      this.#onCoordinatorLost(`it has not answered for ${Math.round(silentMs)} ms`, nowMs);
      return;
    }
    if (!this.#contact.isUp) return;
    if (this.#contact.isHung(nowMs)) {
      this.#fail(new CrescendoError('CRESCENDO_WORKER_FAILED', 'the compute thread hangs'));
      return;
    }
    this.#beats.say(this.#member?.progress);
  }

  #scheduleHeartbeat({ cluster: { heartbeatIntervalMs: delayMs } }: RunConfig): void {
    this.#do({ kind: 'after', delayMs, event: { kind: 'heartbeatDue' } });
  }

  /** Tells the coordinator why, then ends. */
  #fail(error: Error): void {
    const code = error instanceof CrescendoError ? error.code : 'CRESCENDO_WORKER_FAILED';
    this.#life = { name: 'ended' };
    this.#do({ kind: 'send', message: { kind: 'failure', code, message: error.message } });
    this.#do({ kind: 'failed', error });
  }

  /** Undefined until the engine is ready, and once this worker leaves. */
  get #member(): Member | undefined {
    return this.#life.name === 'member' ? this.#life.member : undefined;
  }

  /** @throws {CrescendoError} CRESCENDO_PROTOCOL_INVALID before the engine is ready */
  #memberFor(message: string): Member {
    if (this.#life.name === 'member') return this.#life.member;
    throw new CrescendoError(
      'CRESCENDO_PROTOCOL_INVALID',
      `the coordinator sent ${message} while this worker is ${this.#life.name}`,
    );
  }

  #send(messages: readonly WorkerMessage[]): void {
    if (this.#contact.isUp) for (const message of messages) this.#do({ kind: 'send', message });
  }

  #do(effect: WorkerEffect): void {
    this.#effects.push(effect);
  }
}
