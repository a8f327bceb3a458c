/**
 * The whole coordinator but its sockets, files and clock: connections are admitted, their messages
 * become events of the core (core.ts), and its effects calls of the ports (ports.ts). The shell
 * (../server.ts) and a simulator drive it. Times are in milliseconds, of a clock that never falls.
 */
import { CrescendoError } from '../../lib/base/errors.ts';
import type { Hello, WorkerMessage } from '../../proto/generated/messages.ts';
import type { FrameHeader } from '../../proto/data-frame.ts';
import { HELLO_TIMEOUT_MS } from '../../proto/limits.ts';
import { Admission, type MetricsTarget } from './admission.ts';
import { checkNumbers } from './checked-numbers.ts';
import { Checkpointing } from './checkpointing.ts';
import { admissionRulesOf, firstRecord, welcomeTo } from './coordinated-run.ts';
import type { CoordinatedRun } from './coordinated-run.ts';
import { CoordinatorCore } from './core.ts';
import { optionsOf } from './options.ts';
import { recover } from './recovery.ts';
import { EffectQueue } from './effect-queue.ts';
import { STOPPING_MS } from './ending.ts';
import type { CoordinatorEvent, Effect } from './events.ts';
import { HeldOffError, type HeldOff } from './hold-off.ts';
import type { Connection, RunObserver, RunStore } from './ports.ts';
import { RelayCredit } from './relay-credit.ts';
import { RunFiles } from './run-files.ts';
import type { CoreStatus } from './state.ts';
import { Stragglers, type Straggler } from './stragglers.ts';
import { tellOf, tellOfCheckpoint } from './told.ts';

const MINUTE_MS = 60_000;
/** Ticks come several times a second: after a longer gap the coordinator itself stood still. */
const TICK_GAP_MS_MAX = 1_500;

export interface CoordinatorPorts {
  readonly store: RunStore;
  readonly observers: readonly RunObserver[];
  /** The clock of all times that are given to the coordinator. */
  readonly now: () => number;
}

export class Coordinator {
  readonly #run: CoordinatedRun;
  readonly #store: RunStore;
  readonly #observers: readonly RunObserver[];
  readonly #core: CoordinatorCore;
  readonly #admission: Admission;
  readonly #checkpointing: Checkpointing;
  readonly #files: RunFiles;
  readonly #relay = new RelayCredit();
  readonly #stragglers: Stragglers;
  readonly #queue: { readonly event: CoordinatorEvent; readonly nowMs: number }[] = [];
  #isApplying = false;
  /** When the run was first asked to stop. */
  #stopAskedMs = Infinity;
  #lastTickMs: number;
  readonly #effects: EffectQueue;
  readonly #now: () => number;

  constructor(run: CoordinatedRun, { store, observers, now }: CoordinatorPorts) {
    this.#run = run;
    this.#store = store;
    this.#stragglers = new Stragglers({
      changed: (named) => {
        for (const one of observers) one.onStragglers?.(named);
      },
      notice: (text) => {
        this.#notice(text);
      },
    });
    this.#observers = [...observers, this.#stragglers];
    this.#now = now;
    this.#effects = new EffectQueue(
      (effect) => {
        this.#carryOut(effect);
      },
      (reason) => {
        this.#notice(`${reason}; the run waits`);
      },
    );
    this.#admission = new Admission(admissionRulesOf(run));
    const tell = (event: CoordinatorEvent): void => {
      this.#apply(event, now());
    };
    this.#checkpointing = new Checkpointing(run.state.layout, {
      store: store.checkpoints,
      now,
      send: (slot, message) => this.#admission.at(slot)?.send(message),
      tell: (event) => {
        for (const one of observers) tellOfCheckpoint(event, one);
        tell(event);
      },
    });
    this.#files = new RunFiles(run.run.checkpoint, {
      store,
      tell,
      notice: (text) => {
        this.#notice(text);
      },
      restoredSteps: () => this.#checkpointing.restoredSteps,
    });
    const checkpoints = store.checkpoints.list().map(({ committedSteps }) => committedSteps);
    this.#lastTickMs = now();
    this.#core = new CoordinatorCore(
      run.plan,
      optionsOf(run),
      recover(run.records, checkpoints),
      now(),
    );
  }

  /** Journals what the run is, or that it goes on. Called once, before all else. */
  start(): void {
    this.#store.append(firstRecord(this.#run));
  }

  status(): CoreStatus & { readonly stragglers: readonly Straggler[] } {
    return { ...this.#core.status(), stragglers: this.#stragglers.named };
  }

  /** Where workers are held off that were lost again and again. */
  heldOff(nowMs: number): HeldOff[] {
    return this.#admission.heldOff(nowMs);
  }

  metricsTargets(): MetricsTarget[] {
    return this.#admission.metricsTargets();
  }

  /** Whether one more connection may be made; else too many have not said hello yet. */
  get hasRoom(): boolean {
    return this.#admission.hasRoom;
  }

  /** A connection was made; the worker is to say hello on it. */
  onOpened(connection: Connection, nowMs: number): void {
    this.#admission.open(connection, nowMs);
  }

  /** What a worker says. A message that breaks the rules ends its connection only. */
  onMessage(connection: Connection, message: WorkerMessage, nowMs: number): void {
    this.#admission.hear(connection);
    this.#orRefuse(connection, () => {
      checkNumbers(message);
      const slot = this.#admission.slotOf(connection);
      if (slot !== undefined) this.#onWorkerMessage(connection, slot, message, nowMs);
      else if (message.kind === 'hello') this.#onHello(connection, message, nowMs);
      else throw protocolError(`${message.kind} before hello`);
    });
  }

  /** A data frame for a peer that the worker cannot reach by itself. @param bytes all of it */
  onFrame(
    connection: Connection,
    { sourceSlot, targetSlot }: Pick<FrameHeader, 'sourceSlot' | 'targetSlot'>,
    bytes: Uint8Array,
  ): void {
    this.#orRefuse(connection, () => {
      const slot = this.#admission.slotOf(connection);
      if (slot === undefined) throw protocolError('a frame before hello');
      // One from a former slot of the worker, or for a slot that is gone, is superseded.
      if (sourceSlot !== slot) return;
      const target = this.#admission.at(targetSlot);
      if (target !== undefined) this.#relay.relay(connection, target, bytes);
    });
  }

  /** Frames that were forwarded to a connection have left. */
  onFlushed(connection: Connection): void {
    this.#relay.onFlushed(connection);
  }

  /** What came on a connection is no message. */
  onMalformed(connection: Connection, error: CrescendoError): void {
    if (this.#admission.isOpen(connection)) this.#refuse(connection, error);
  }

  /** A connection has ended. @param reason in words, where the coordinator did not end it */
  onClosed(connection: Connection, reason: string, nowMs: number): void {
    this.#relay.forget(connection);
    const left = this.#admission.remove(connection, reason);
    if (left === undefined) return;
    this.#checkpointing.lose(left.slot);
    if (this.#effects.isStalled) this.#admission.reserve(left.slot);
    // When the run is over all leave, and none is lost.
    if (this.#core.status().status !== 'ended') {
      for (const one of this.#observers) one.onWorkerLost?.(left.slot, left.reason);
    }
    this.#apply({ kind: 'workerLost', slot: left.slot, reason: left.reason }, nowMs);
  }

  /** To be called several times a second: time limits are checked here, and nowhere else. */
  tick(nowMs: number): void {
    const gapMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    // Nobody is judged by the time in which the coordinator itself stood still.
    const pausedMs = Math.max(gapMs > TICK_GAP_MS_MAX ? gapMs : 0, this.#retryStalled(nowMs));
    this.#admission.forgive(pausedMs);
    this.#checkpointing.forgive(pausedMs);
    if (this.#effects.isStalled) return;
    for (const connection of this.#admission.overdue(nowMs)) {
      for (const one of this.#observers) one.onRejected?.('CRESCENDO_PROTOCOL_INVALID');
      this.#admission.drop(connection, `no Hello within ${HELLO_TIMEOUT_MS} ms`);
    }
    for (const slot of this.#checkpointing.silent(nowMs)) {
      const reason = 'it sent nothing of its part of a checkpoint for long';
      this.#apply({ kind: 'workerLost', slot, reason }, nowMs);
    }
    const heardSlots = this.#admission.heardSlots();
    // Their heartbeats, which would be answered, wait behind the message that is under way.
    for (const slot of heardSlots) this.#admission.at(slot)?.send({ kind: 'heartbeatSeen' });
    this.#apply({ kind: 'tick', pausedMs, heardSlots }, nowMs);
  }

  /** Finishes the task in flight, saves the weights and ends the run. */
  requestStop(reason: string, nowMs: number): void {
    this.#stopAskedMs = Math.min(this.#stopAskedMs, nowMs);
    this.#apply({ kind: 'stopRequested', reason }, nowMs);
  }

  #onHello(connection: Connection, hello: Hello, nowMs: number): void {
    this.#admission.check(hello);
    this.#endFormer(hello.workerId, nowMs);
    const isAwaited = this.#core.status().status === 'waiting';
    const slot = this.#admission.admit(connection, hello, isAwaited, nowMs);
    connection.send(welcomeTo(slot, this.#run));
    for (const one of this.#observers) one.onWorkerJoined?.(slot, hello);
  }

  /** A worker that connects anew has a dead connection, though nobody has said so yet. */
  #endFormer(workerId: string, nowMs: number): void {
    const [former, reason] = [this.#admission.ofWorker(workerId), 'it connected anew'];
    former?.close('dropped', reason);
    if (former !== undefined) this.onClosed(former, reason, nowMs);
  }

  #onWorkerMessage(
    connection: Connection,
    slot: number,
    message: WorkerMessage,
    nowMs: number,
  ): void {
    switch (message.kind) {
      case 'prepared': {
        const address = this.#admission.prepare(connection, message.dataset);
        if (address === undefined) break;
        for (const one of this.#observers) one.onPrepared?.(slot, message);
        this.#checkpointing.checkState(message.stateElements);
        const { totalElements: vectorElements, held } = message;
        this.#apply({ kind: 'workerJoined', slot, address, vectorElements, held }, nowMs);
        break;
      }
      case 'linksReady':
        this.#apply({ kind: 'linksReady', slot, message }, nowMs);
        break;
      case 'heartbeat':
        connection.send({ kind: 'heartbeatSeen' });
        for (const one of this.#observers) one.onHeartbeat?.(slot, message);
        this.#apply({ kind: 'heartbeat', slot, message }, nowMs);
        break;
      case 'stepReduced':
      case 'evaluationDone':
      case 'finished':
        this.#apply({ kind: 'reported', slot, report: message }, nowMs);
        break;
      case 'stateBlock':
        this.#checkpointing.receive(slot, message);
        break;
      case 'blockRequest':
        this.#checkpointing.answer(slot, message);
        break;
      case 'badSamples':
        this.#apply({ kind: 'badSamples', slot, message }, nowMs);
        break;
      case 'stateHeld':
        this.#apply({ kind: 'stateHeld', slot, generation: message.generation }, nowMs);
        break;
      case 'failure': {
        const { code, message: text } = message;
        for (const one of this.#observers) one.onWorkerFailure?.(slot, code, text);
        this.#apply({ kind: 'workerLost', slot, reason: `${code}: ${text}` }, nowMs);
        break;
      }
      case 'drainRequest':
        this.#apply({ kind: 'drainRequested', slot }, nowMs);
        break;
      case 'hello':
        throw new CrescendoError('CRESCENDO_PROTOCOL_INVALID', `slot ${slot} said hello twice`);
    }
  }

  /** Does what a connection asks for, unless it is closing; an operating error refuses it. */
  #orRefuse(connection: Connection, action: () => void): void {
    if (!this.#admission.isOpen(connection)) return;
    try {
      action();
    } catch (error) {
      if (!(error instanceof CrescendoError) || error.code === 'CRESCENDO_INVARIANT') throw error;
      this.#refuse(connection, error);
    }
  }

  #refuse(connection: Connection, error: CrescendoError): void {
    const { code, message } = error;
    for (const one of this.#observers) one.onRejected?.(code);
    const retryAfterMs = error instanceof HeldOffError ? error.retryAfterMs : 0;
    connection.send({ kind: 'refused', code, message, retryAfterMs });
    this.#admission.close(connection, message);
    connection.close('refused', message);
  }

  /** Events are applied one at a time, also those that carrying out effects brings about. */
  #apply(event: CoordinatorEvent, nowMs: number): void {
    this.#queue.push({ event, nowMs });
    if (this.#isApplying) return;
    this.#isApplying = true;
    try {
      while (!this.#effects.isStalled) {
        const next = this.#queue.shift();
        if (next === undefined) return this.#admission.releaseReserved();
        this.#effects.carryOut(this.#core.apply(next.event, next.nowMs), next.nowMs);
      }
    } finally {
      this.#isApplying = false;
    }
  }

  /** Tries again to journal what waits. @returns for how long that has stopped the run, in ms */
  #retryStalled(nowMs: number): number {
    this.#isApplying = true; // What it brings about waits until all is carried out.
    const stalledMs = this.#effects.retry(nowMs);
    this.#isApplying = false;
    const stoppingMs = Math.min(stalledMs, nowMs - this.#stopAskedMs);
    const limitMs = this.#run.run.cluster.reconnectMinutes * MINUTE_MS;
    const isOver = stalledMs >= limitMs || stoppingMs >= STOPPING_MS;
    if (this.#effects.isStalled && isOver) {
      const reason = 'CRESCENDO_STORAGE_FULL: the journal could not be written for too long';
      const ending = 'failed';
      for (const one of this.#observers) one.onEnded?.({ ending, reason, weightsSha256: '' });
    }
    return stalledMs;
  }

  #notice(text: string): void {
    for (const one of this.#observers) one.onNotice?.(text);
  }

  #close({ slot, reason, mayReturn, memberSteps }: Effect & { readonly kind: 'close' }): void {
    if (memberSteps !== undefined) {
      const held = this.#admission.lost(slot, memberSteps, this.#now());
      if (held !== undefined) this.#notice(held);
    }
    const connection = this.#admission.at(slot);
    if (connection === undefined) return;
    this.#checkpointing.lose(slot);
    if (!mayReturn) this.#admission.ban(connection);
    this.#admission.drop(connection, reason);
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#admission.at(effect.slot)?.send(effect.message);
        break;
      case 'journal':
        this.#store.append(effect.record);
        break;
      case 'close':
        this.#close(effect);
        break;
      case 'checkpointOrdered':
        this.#checkpointing.begin(effect.order);
        break;
      case 'restoreBegun':
        this.#checkpointing.restore(effect.generation, effect.committedSteps);
        break;
      case 'exportWeights':
      case 'exportBest':
      case 'retainCheckpoints':
        this.#files.carryOut(effect);
        break;
      case 'notice':
        this.#notice(effect.text);
        break;
      case 'paused':
      case 'stepCommitted':
      case 'evaluated':
      case 'badSamplesFound':
      case 'generationFormed':
      case 'stolen':
      case 'attemptAborted':
      case 'ended':
        for (const one of this.#observers) tellOf(effect, one, this.#core.status());
        break;
    }
  }
}

function protocolError(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', what);
}
