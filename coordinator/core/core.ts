/**
 * The coordinator's decisions: membership, generations, step orders, evaluations, the end.
 * Pure: an event and the time go in, effects come out. Code here may not read clocks, set timers,
 * open sockets or files, or create promises; the shell (server.ts) does all that.
 *
 *   waiting -> linking -> working -> linking -> ... -> ended
 *
 * waiting  fewer members than the run asks for
 * linking  a roster is out; members link to each other, joiners fetch the state
 * working  the task at hand (step, evaluation, finish) is ordered
 * A lost member sends working back to linking with the survivors; the task is then ordered again,
 * with what the lost member had not delivered handed to the others.
 */
import { assert, type ErrorCode } from '../../lib/base/errors.ts';
import type {
  Heartbeat,
  LinksReady,
  PeerAddress,
  RelayedPair,
  StepReduced,
} from '../../proto/control.ts';
import { CompressionSchedule } from './compression-schedule.ts';
import type { CoordinatorEvent, Effect } from './events.ts';
import { EvaluationTask } from './evaluation-task.ts';
import { lateInStep } from './wait-for-graph.ts';
import type { RunPlan } from '../../lib/run/plan.ts';
import { ShardKeepers, stateLost } from './shard-keepers.ts';
import { StepTask } from './step-task.ts';
import { transferTimeMs } from './transfer-time.ts';

export interface CoreOptions {
  readonly minWorkers: number;
  readonly heartbeatTimeoutMs: number;
  /** Longest wait for members to link, besides the time for what they send each other. */
  readonly linkTimeoutMs: number;
  /** Before a member is named as late in a task; with local SGD for each inner step. */
  readonly taskTimeoutMs: number;
}

interface Worker {
  readonly slot: number;
  readonly address: PeerAddress;
  readonly vectorElements: number;
  isMember: boolean;
  hasState: boolean;
  isLinked: boolean;
  isDraining: boolean;
  unreachableSlots: readonly number[];
  lastSeenMs: number;
  heartbeat: Heartbeat | undefined;
}

type Status = 'waiting' | 'linking' | 'working' | 'ended';

type Task =
  | { readonly kind: 'step'; readonly step: StepTask }
  | { readonly kind: 'evaluation'; readonly evaluation: EvaluationTask }
  | { readonly kind: 'finish'; readonly sha256BySlot: Map<number, string> };

export interface CoreStatus {
  readonly status: Status;
  /** Why it is in this status, in words. */
  readonly reason: string;
  readonly generation: number;
  readonly committedSteps: number;
  readonly task: string;
  readonly members: readonly number[];
  readonly joining: readonly number[];
}

export class CoordinatorCore {
  readonly #plan: RunPlan;
  readonly #options: CoreOptions;
  readonly #compressions: CompressionSchedule;
  readonly #shards: ShardKeepers;
  readonly #workers = new Map<number, Worker>();
  #status: Status = 'waiting';
  #reason: string;
  #generation = 0;
  #committedSteps = 0;
  #evaluationCount = 0;
  #task: Task | undefined;
  #deadlineMs = Infinity;
  #stopReason: string | undefined;
  #effects: Effect[] = [];

  constructor(plan: RunPlan, options: CoreOptions) {
    this.#plan = plan;
    this.#compressions = new CompressionSchedule(plan.communication);
    this.#shards = new ShardKeepers(plan.isSharded);
    this.#options = options;
    this.#reason = `0 of ${options.minWorkers} workers have joined`;
  }

  /** Applies one event; the caller carries out the effects in order. */
  apply(event: CoordinatorEvent, nowMs: number): readonly Effect[] {
    this.#effects = [];
    if (this.#status !== 'ended') this.#dispatch(event, nowMs);
    return this.#effects;
  }

  status(): CoreStatus {
    const slots = (isMember: boolean): number[] =>
      [...this.#workers.values()].filter((one) => one.isMember === isMember).map((one) => one.slot);
    return {
      status: this.#status,
      reason: this.#reason,
      generation: this.#generation,
      committedSteps: this.#committedSteps,
      task: this.#task?.kind ?? 'none',
      members: slots(true),
      joining: slots(false),
    };
  }

  #dispatch(event: CoordinatorEvent, nowMs: number): void {
    if ('slot' in event) {
      const worker = this.#workers.get(event.slot);
      if (worker !== undefined) worker.lastSeenMs = nowMs;
      else if (event.kind !== 'workerJoined') return;
    }
    switch (event.kind) {
      case 'workerJoined':
        this.#onJoined(event, nowMs);
        break;
      case 'workerLost':
        this.#removeWorkers([event.slot], event.reason, nowMs);
        break;
      case 'drainRequested':
        this.#onDrain(event.slot, nowMs);
        break;
      case 'stopRequested':
        this.#stopReason ??= event.reason;
        if (this.#status === 'waiting') this.#end(false, event.reason, '');
        break;
      case 'linksReady':
        this.#onLinksReady(event.slot, event.message, nowMs);
        break;
      case 'heartbeat': {
        const worker = this.#workers.get(event.slot);
        if (worker !== undefined) worker.heartbeat = event.message;
        break;
      }
      case 'stepReduced':
        this.#onStepReduced(event.slot, event.message, nowMs);
        break;
      case 'evaluationDone':
        if (this.#task?.kind !== 'evaluation' || event.generation !== this.#generation) break;
        this.#task.evaluation.record(event.chunks);
        this.#proceed(nowMs);
        break;
      case 'finished':
        if (this.#task?.kind !== 'finish' || event.message.generation !== this.#generation) break;
        this.#task.sha256BySlot.set(
          event.slot,
          `${event.message.weightsSha256} ${event.message.emaWeightsSha256}`,
        );
        this.#proceed(nowMs);
        break;
      case 'tick':
        this.#onTick(nowMs);
        break;
    }
  }

  #onJoined(
    { slot, address, vectorElements }: CoordinatorEvent & { kind: 'workerJoined' },
    nowMs: number,
  ): void {
    assert(!this.#workers.has(slot), `slot ${slot} joined twice`);
    this.#workers.set(slot, {
      ...{ slot, address, vectorElements },
      isMember: false,
      hasState: false,
      isLinked: false,
      isDraining: false,
      unreachableSlots: [],
      lastSeenMs: nowMs,
      heartbeat: undefined,
    });
    if (this.#status !== 'waiting') return; // Admitted at the next step boundary.
    if (this.#workers.size < this.#options.minWorkers) {
      this.#reason = `${this.#workers.size} of ${this.#options.minWorkers} workers have joined`;
      return;
    }
    this.#formGeneration(`${this.#workers.size} workers have joined`, true, nowMs);
  }

  #onDrain(slot: number, nowMs: number): void {
    const worker = this.#workers.get(slot);
    if (worker === undefined) return;
    worker.isDraining = true;
    if (!worker.isMember) this.#removeWorkers([slot], 'drained before it was a member', nowMs);
  }

  #removeWorkers(slots: readonly number[], reason: string, nowMs: number): void {
    let lostMember = false;
    for (const slot of slots) {
      lostMember = this.#workers.get(slot)?.isMember === true || lostMember;
      this.#workers.delete(slot);
      this.#effects.push({ kind: 'close', slot, reason });
    }
    if (!lostMember) {
      if (this.#status === 'waiting') {
        this.#reason = `${this.#workers.size} of ${this.#options.minWorkers} workers have joined`;
      }
      return;
    }
    if (!this.#members().some((worker) => worker.hasState)) {
      this.#end(false, `the last worker with the weights left: ${reason}`, '');
      return;
    }
    // Everybody left may have delivered already: then nothing is to be done again.
    if (this.#status === 'working' && this.#isTaskComplete()) {
      this.#proceed(nowMs);
      return;
    }
    if (this.#status === 'working' && this.#task?.kind === 'step') {
      const step = this.#task.step.step;
      this.#effects.push({ kind: 'attemptAborted', step, reason });
    }
    const left = `slot ${slots.join(', ')} left: ${reason}`;
    this.#formGeneration(this.#checkShards(reason) ?? left, false, nowMs);
  }

  /** A new membership; joiners are admitted only where no step is in flight. */
  #formGeneration(reason: string, admitJoiners: boolean, nowMs: number): void {
    this.#generation++;
    this.#status = 'linking';
    this.#reason = reason;
    if (admitJoiners) {
      for (const worker of this.#workers.values()) worker.isMember = true;
    }
    const members = this.#members();
    const transferMs = transferTimeMs(members, this.#plan.isSharded);
    this.#deadlineMs = nowMs + this.#options.linkTimeoutMs + transferMs;
    const source = members.find((worker) => worker.hasState);
    for (const worker of members) {
      worker.isLinked = false;
      worker.unreachableSlots = [];
    }
    this.#effects.push({
      kind: 'journal',
      record: {
        kind: 'generation',
        generation: this.#generation,
        slots: members.map((worker) => worker.slot),
        reason,
      },
    });
    this.#effects.push({ kind: 'generationFormed', generation: this.#generation, reason });
    for (const worker of members) {
      this.#effects.push({
        kind: 'send',
        slot: worker.slot,
        message: {
          kind: 'roster',
          generation: this.#generation,
          members: members.map(({ slot, address, hasState }) => ({ slot, hasState, ...address })),
          committedSteps: this.#committedSteps,
          stateSourceSlot: source?.slot ?? -1,
          ...this.#shards.inRoster,
        },
      });
    }
  }

  #onLinksReady(slot: number, message: LinksReady, nowMs: number): void {
    if (message.generation !== this.#generation) return;
    if (message.relinked) {
      // A link broke and was made again: what was under way on it is lost.
      this.#formGeneration(`slot ${slot} linked anew`, false, nowMs);
      return;
    }
    if (this.#status !== 'linking') return;
    const worker = this.#workers.get(slot);
    if (worker?.isMember !== true) return;
    worker.isLinked = true;
    worker.hasState = true;
    worker.unreachableSlots = message.unreachableSlots;
    const waiting = this.#members().filter((one) => !one.isLinked);
    if (waiting.length > 0) return;
    this.#status = 'working';
    this.#reason = `generation ${this.#generation} is linked`;
    this.#shards.settle(this.#generation, this.#members());
    this.#task ??= this.#nextTask();
    this.#order(nowMs);
  }

  #nextTask(): Task {
    if (this.#committedSteps >= this.#plan.stepCount) {
      return { kind: 'finish', sha256BySlot: new Map() };
    }
    return {
      kind: 'step',
      step: new StepTask(this.#plan, this.#committedSteps, this.#compressions.next()),
    };
  }

  /** Orders the task at hand from the members of this generation. */
  #order(nowMs: number): void {
    const task = this.#task;
    assert(task !== undefined && this.#status === 'working', 'nothing to order');
    const stepCount = task.kind === 'step' ? task.step.stepCount : 1;
    this.#deadlineMs = nowMs + this.#options.taskTimeoutMs * stepCount;
    const slots = this.#members().map((worker) => worker.slot);
    if (task.kind === 'step') {
      const message = task.step.order(this.#generation, slots, this.#relayedPairs(), nowMs);
      for (const slot of slots) this.#effects.push({ kind: 'send', slot, message });
    } else if (task.kind === 'evaluation') {
      const message = task.evaluation.order(this.#generation, slots, this.#committedSteps);
      for (const slot of slots) this.#effects.push({ kind: 'send', slot, message });
    } else {
      task.sha256BySlot.clear();
      const message = {
        kind: 'finishOrder',
        generation: this.#generation,
        committedSteps: this.#committedSteps,
        uploadSlot: slots[0] as number,
      } as const;
      for (const slot of slots) this.#effects.push({ kind: 'send', slot, message });
    }
  }

  #onStepReduced(slot: number, message: StepReduced, nowMs: number): void {
    if (this.#task?.kind !== 'step' || this.#status !== 'working') return;
    if (message.generation !== this.#generation) return;
    if (!this.#task.step.record(slot, message, nowMs)) return;
    const diverged = this.#task.step.divergedSlots();
    if (diverged !== undefined) {
      this.#fail('CRESCENDO_DIVERGED', diverged);
      return;
    }
    this.#proceed(nowMs);
  }

  #isTaskComplete(): boolean {
    const slots = this.#members().map((worker) => worker.slot);
    const task = this.#task;
    if (task === undefined || slots.length === 0) return false;
    if (task.kind === 'step') return task.step.isReducedBy(slots);
    if (task.kind === 'evaluation') return task.evaluation.isComplete();
    return slots.every((slot) => task.sha256BySlot.has(slot));
  }

  /** Goes on when the task at hand is complete: commits, then orders what comes next. */
  #proceed(nowMs: number): void {
    if (this.#status !== 'working' || !this.#isTaskComplete()) return;
    const task = this.#task as Task;
    if (task.kind === 'finish') {
      const distinct = [...new Set(task.sha256BySlot.values())];
      if (distinct.length > 1) {
        this.#fail('CRESCENDO_DIVERGED', `final weights differ: ${distinct.join(' / ')}`);
      } else {
        const sha256 = (distinct[0] as string).split(' ')[0] as string;
        const reason = this.#stopReason ?? 'all steps are committed';
        this.#end(this.#stopReason === undefined, reason, sha256);
      }
      return;
    }
    if (task.kind === 'step') this.#commit(task.step, nowMs);
    else this.#effects.push(...task.evaluation.finish(this.#committedSteps));
    this.#task = this.#taskAfter(task);
    this.#checkShards('they left when the step was done');
    if (this.#stopReason !== undefined) this.#task = { kind: 'finish', sha256BySlot: new Map() };
    const drainedCount = this.#releaseDrained();
    const members = this.#members();
    if (members.length === 0) {
      this.#end(false, 'the last worker drained', '');
      return;
    }
    const joiners = [...this.#workers.values()].filter((worker) => !worker.isMember);
    if (joiners.length > 0) {
      this.#formGeneration(`slot ${joiners.map((one) => one.slot).join(', ')} joined`, true, nowMs);
    } else if (drainedCount > 0) {
      this.#formGeneration(`${drainedCount} drained`, false, nowMs);
    } else if (!this.#shards.areOf(members)) {
      this.#formGeneration(this.#stopReason ?? 'members left as it was done', false, nowMs);
    } else {
      this.#order(nowMs);
    }
  }

  #commit(step: StepTask, nowMs: number): void {
    this.#committedSteps = step.step + step.stepCount;
    const effects = step.commit(this.#generation, nowMs);
    for (const one of effects)
      if (one.kind === 'stepCommitted') this.#compressions.observe(one.committed);
    this.#effects.push(...effects);
  }

  #taskAfter(task: Task): Task {
    const phase = this.#plan.phaseOf(Math.max(0, this.#committedSteps - 1));
    const isEnd = this.#committedSteps >= this.#plan.stepCount;
    const isPhaseEnd = this.#committedSteps === phase.firstStep + phase.stepCount;
    if (this.#plan.validationSampleCount === 0) return this.#nextTask();
    if (task.kind === 'step' && (isEnd || (isPhaseEnd && this.#plan.evaluateAtPhaseEnd))) {
      const size = isEnd ? this.#plan.finalImageSizePx : phase.imageSizePx;
      const evaluation = new EvaluationTask(
        this.#evaluationCount++,
        this.#plan.validationSampleCount,
        size,
        isEnd,
      );
      return { kind: 'evaluation', evaluation };
    }
    return this.#nextTask();
  }

  /** Where a part of the optimizer state is lost the weights are saved. @returns then the reason */
  #checkShards(reason: string): string | undefined {
    const members = this.#members();
    if (this.#shards.areOf(members)) return undefined;
    if (!this.#shards.areLostWithout(new Set(), members)) return undefined;
    this.#shards.forget();
    if (this.#committedSteps >= this.#plan.stepCount) return undefined;
    this.#stopReason ??= stateLost(this.#committedSteps, reason);
    this.#task = { kind: 'finish', sha256BySlot: new Map() };
    return this.#stopReason;
  }

  /** Lets draining members go, here where no step is in flight; returns how many. */
  #releaseDrained(): number {
    const members = this.#members();
    const asked = members.filter((worker) => worker.isDraining);
    const draining = this.#shards.leavers(asked, members);
    for (const worker of draining) {
      this.#effects.push({
        kind: 'send',
        slot: worker.slot,
        message: { kind: 'released', runSucceeded: true, reason: 'drained as asked' },
      });
      this.#workers.delete(worker.slot);
    }
    return draining.length;
  }

  #onTick(nowMs: number): void {
    const silent = [...this.#workers.values()].filter(
      (worker) => nowMs - worker.lastSeenMs > this.#options.heartbeatTimeoutMs,
    );
    if (silent.length > 0) {
      const slots = silent.map((worker) => worker.slot);
      const bound = this.#options.heartbeatTimeoutMs;
      this.#removeWorkers(slots, `no heartbeat for ${bound} ms`, nowMs);
      return;
    }
    if (nowMs < this.#deadlineMs) return;
    const late = this.#lateSlots();
    this.#deadlineMs = nowMs + this.#options.taskTimeoutMs;
    if (late.length > 0) this.#removeWorkers(late, `late in ${this.#describeTask()}`, nowMs);
  }

  /** Who holds the others up: not linked, or not done computing, or waited for by the others. */
  #lateSlots(): number[] {
    const members = this.#members();
    if (this.#status === 'linking') {
      return members.filter((worker) => !worker.isLinked).map((worker) => worker.slot);
    }
    if (this.#task?.kind !== 'step') return [];
    return lateInStep(this.#task.step.step, members);
  }

  #describeTask(): string {
    if (this.#status === 'linking') return `linking generation ${this.#generation}`;
    if (this.#task?.kind === 'step') return `step ${this.#task.step.step}`;
    return this.#task?.kind ?? 'nothing';
  }

  #members(): Worker[] {
    return [...this.#workers.values()]
      .filter((worker) => worker.isMember)
      .sort((left, right) => left.slot - right.slot);
  }

  #relayedPairs(): RelayedPair[] {
    return this.#members().flatMap((worker) =>
      worker.unreachableSlots.map((sourceSlot) => ({ sourceSlot, targetSlot: worker.slot })),
    );
  }

  #fail(code: ErrorCode, message: string): void {
    this.#end(false, `${code}: ${message}`, '');
  }

  #end(succeeded: boolean, reason: string, weightsSha256: string): void {
    this.#status = 'ended';
    this.#reason = reason;
    this.#effects.push({ kind: 'journal', record: { kind: 'ended', succeeded, reason } });
    for (const slot of this.#workers.keys()) {
      this.#effects.push({
        kind: 'send',
        slot,
        message: { kind: 'released', runSucceeded: succeeded, reason },
      });
    }
    this.#effects.push({ kind: 'ended', succeeded, reason, weightsSha256 });
  }
}
