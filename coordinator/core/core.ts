/**
 * The coordinator's side of a run as a state machine. An event and the time go in, effects come
 * out; coordinator.ts makes events of what workers say and carries the effects out.
 * Code here does not read clocks, set timers, open sockets or files, or create promises.
 *
 *   waiting -> linking -> working -> linking -> ... -> ended
 *
 * waiting  fewer workers than the run asks for
 * linking  a roster is out: members link to each other, joiners copy the state
 * working  the task at hand (step, evaluation, finish) is ordered
 *
 * A task that is complete is followed by the next one in the same generation, unless the membership
 * changes at this boundary: then the members link first. A lost member sends working back to
 * linking with the survivors; the task is then ordered again, with what the lost member had not
 * delivered handed to the others.
 */
import type { RunPlan } from '../../lib/run/plan.ts';
import type { LinksReady } from '../../proto/generated/messages.ts';
import type { CoordinatorEvent, Effect, RunOutcome, TaskReport } from './events.ts';
import { announce } from './generation.ts';
import { RunTasks } from './run-tasks.ts';
import { ShardKeepers, stateLost } from './shard-keepers.ts';
import type { CoreStatus, State } from './state.ts';
import type { Task } from './task.ts';
import { transferTimeMs } from './transfer-time.ts';
import { Workers, type NewWorker } from './workers.ts';

export interface CoreOptions {
  readonly minWorkers: number;
  readonly heartbeatTimeoutMs: number;
  /** Longest wait for members to link, besides the time for what they send each other. */
  readonly linkTimeoutMs: number;
  /** Before a member is named as late in a task; with local SGD for each inner step. */
  readonly taskTimeoutMs: number;
}

export class CoordinatorCore {
  readonly #options: CoreOptions;
  readonly #isSharded: boolean;
  readonly #tasks: RunTasks;
  readonly #shards: ShardKeepers;
  readonly #workers = new Workers();
  #state: State = { kind: 'waiting' };
  #generation = 0;
  #effects: Effect[] = [];

  constructor(plan: RunPlan, options: CoreOptions) {
    this.#options = options;
    this.#isSharded = plan.mode.optimizerState === 'sharded';
    this.#tasks = new RunTasks(plan);
    this.#shards = new ShardKeepers(this.#isSharded);
  }

  /** Applies one event; the caller carries out the effects in order. */
  apply(event: CoordinatorEvent, nowMs: number): readonly Effect[] {
    this.#effects = [];
    if (this.#state.kind !== 'ended') this.#dispatch(event, nowMs);
    return this.#effects;
  }

  status(): CoreStatus {
    const state = this.#state;
    return {
      status: state.kind,
      reason: this.#reason(),
      generation: this.#generation,
      committedSteps: this.#tasks.committedSteps,
      task: state.kind === 'linking' || state.kind === 'working' ? state.task.kind : 'none',
      members: this.#workers.memberSlots,
      joining: this.#workers.joiners().map(({ slot }) => slot),
    };
  }

  #dispatch(event: CoordinatorEvent, nowMs: number): void {
    if (event.kind === 'tick') return this.#onTick(nowMs);
    if (event.kind === 'stopRequested') return this.#onStop(event.reason);
    if (event.kind === 'workerJoined') return this.#onJoined(event, nowMs);
    const worker = this.#workers.get(event.slot);
    if (worker === undefined) return; // It was removed, and does not know it yet.
    worker.lastSeenMs = nowMs;
    switch (event.kind) {
      case 'heartbeat':
        worker.heartbeat = event.message;
        break;
      case 'linksReady':
        return this.#onLinksReady(event.slot, event.message, nowMs);
      case 'reported':
        return this.#onReported(event.slot, event.report, nowMs);
      case 'drainRequested':
        worker.isDraining = true;
        if (worker.isMember) break;
        return this.#lose([event.slot], 'drained before it was a member', nowMs);
      case 'workerLost':
        return this.#lose([event.slot], event.reason, nowMs);
    }
  }

  /** Once enough are there they form the first generation; later ones wait for a boundary. */
  #onJoined(worker: NewWorker, nowMs: number): void {
    this.#workers.add(worker, nowMs);
    const { count } = this.#workers;
    if (this.#state.kind !== 'waiting' || count < this.#options.minWorkers) return;
    this.#workers.admitJoiners();
    this.#link(`${count} workers have joined`, this.#tasks.next(), nowMs);
  }

  /** Makes the members a new generation, which links before `task` is ordered. */
  #link(reason: string, task: Task, nowMs: number): void {
    this.#generation++;
    const members = this.#workers.members();
    for (const worker of members) worker.unreachableSlots = [];
    const transferMs = transferTimeMs(members, this.#isSharded);
    this.#state = {
      kind: 'linking',
      reason,
      unlinked: new Set(this.#workers.memberSlots),
      task,
      deadlineMs: nowMs + this.#options.linkTimeoutMs + transferMs,
    };
    const { committedSteps } = this.#tasks;
    const generation = { number: this.#generation, reason, members, committedSteps };
    this.#effects.push(...announce(generation, this.#shards));
  }

  #onLinksReady(slot: number, message: LinksReady, nowMs: number): void {
    const state = this.#state;
    const worker = this.#workers.get(slot);
    if (message.generation !== this.#generation || worker?.isMember !== true) return;
    if (!('task' in state)) return;
    if (message.relinked) {
      // A link broke and was made again: what was under way on it is lost.
      return this.#link(`slot ${slot} linked anew`, state.task, nowMs);
    }
    if (state.kind !== 'linking') return;
    worker.hasState = true;
    worker.unreachableSlots = message.unreachableSlots;
    state.unlinked.delete(slot);
    if (state.unlinked.size > 0) return;
    this.#shards.settle(this.#generation, this.#workers.members());
    this.#order(state.task, nowMs);
  }

  /** Has the members of this generation, which is linked, do their parts of a task. */
  #order(task: Task, nowMs: number): void {
    const deadlineMs = nowMs + task.timeoutMs(this.#options.taskTimeoutMs);
    this.#state = { kind: 'working', task, deadlineMs };
    const slots = this.#workers.memberSlots;
    const message = task.order({
      generation: this.#generation,
      slots,
      relayedPairs: this.#workers.relayedPairs(),
      committedSteps: this.#tasks.committedSteps,
      nowMs,
    });
    for (const slot of slots) this.#effects.push({ kind: 'send', slot, message });
  }

  #onReported(slot: number, report: TaskReport, nowMs: number): void {
    if (this.#state.kind !== 'working' || report.generation !== this.#generation) return;
    const failed = this.#state.task.record(slot, report);
    if (failed !== undefined) this.#end(failed);
    else this.#completeIfDone(nowMs);
  }

  /** Commits the task at hand if nothing of it is missing, and goes on to what follows it. */
  #completeIfDone(nowMs: number): void {
    const state = this.#state;
    if (state.kind !== 'working' || !state.task.isComplete(this.#workers.memberSlots)) return;
    const completion = state.task.complete(this.#generation, nowMs);
    if (completion.kind === 'ends') return this.#end(completion.outcome);
    this.#effects.push(...completion.effects);
    const lost = this.#stopIfStateIsLost('they left when the step was done');
    const next = lost === undefined ? completion.next : this.#tasks.finish();
    this.#passBoundary(next, nowMs);
  }

  /** Between two tasks members leave and join; if none does, the next one is ordered at once. */
  #passBoundary(next: Task, nowMs: number): void {
    const drainedCount = this.#releaseDrained();
    const members = this.#workers.members();
    if (members.length === 0) return this.#end(unsuccessful('the last worker drained'));
    const joiners = this.#workers.joiners().map(({ slot }) => slot);
    this.#workers.admitJoiners();
    if (joiners.length > 0) this.#link(`slot ${joiners.join(', ')} joined`, next, nowMs);
    else if (drainedCount > 0) this.#link(`${drainedCount} drained`, next, nowMs);
    else if (!this.#shards.areOf(members)) this.#link('members left as it was done', next, nowMs);
    else this.#order(next, nowMs);
  }

  /** Lets draining members go, unless they hold the last copy of some state; returns how many. */
  #releaseDrained(): number {
    const members = this.#workers.members();
    const draining = members.filter((worker) => worker.isDraining);
    const leavers = this.#shards.leavers(draining, members);
    for (const { slot } of leavers) {
      const reason = 'drained as asked';
      const message = { kind: 'released', runSucceeded: true, reason } as const;
      this.#effects.push({ kind: 'send', slot, message });
      this.#workers.remove(slot);
    }
    return leavers.length;
  }

  /** Removes workers; if members are among them, the others form a generation without them. */
  #lose(slots: readonly number[], reason: string, nowMs: number): void {
    const isMemberLost = slots.some((slot) => this.#workers.get(slot)?.isMember === true);
    for (const slot of slots) {
      this.#workers.remove(slot);
      this.#effects.push({ kind: 'close', slot, reason });
    }
    const state = this.#state;
    if (!isMemberLost || !('task' in state)) return;
    if (!this.#workers.members().some(({ hasState }) => hasState)) {
      return this.#end(unsuccessful(`the last worker with the weights left: ${reason}`));
    }
    if (state.kind === 'working') {
      // Those left may all have delivered: then nothing is to be done again.
      if (state.task.isComplete(this.#workers.memberSlots)) return this.#completeIfDone(nowMs);
      this.#effects.push(...state.task.abort(reason));
    }
    const lost = this.#stopIfStateIsLost(reason);
    if (lost !== undefined) return this.#link(lost, this.#tasks.finish(), nowMs);
    this.#link(`slot ${slots.join(', ')} left: ${reason}`, state.task, nowMs);
  }

  /** Without a part of the optimizer state only the weights can be saved. @returns why, if so */
  #stopIfStateIsLost(reason: string): string | undefined {
    if (!this.#shards.forgetIfLost(this.#workers.members())) return undefined;
    if (this.#tasks.isTrained) return undefined;
    const why = stateLost(this.#tasks.committedSteps, reason);
    this.#tasks.stop(why);
    return why;
  }

  #onTick(nowMs: number): void {
    const bound = this.#options.heartbeatTimeoutMs;
    const silent = this.#workers.silentSince(nowMs - bound).map(({ slot }) => slot);
    if (silent.length > 0) return this.#lose(silent, `no heartbeat for ${bound} ms`, nowMs);
    const state = this.#state;
    if (!('task' in state) || nowMs < state.deadlineMs) return;
    state.deadlineMs = nowMs + this.#options.taskTimeoutMs;
    const [late, what] =
      state.kind === 'linking'
        ? [[...state.unlinked], `linking generation ${this.#generation}`]
        : [state.task.lateSlots(this.#workers.members()), state.task.describe()];
    if (late.length > 0) this.#lose(late, `late in ${what}`, nowMs);
  }

  /** The task in flight is completed first; before the first generation there is none. */
  #onStop(reason: string): void {
    this.#tasks.stop(reason);
    if (this.#state.kind === 'waiting') this.#end(unsuccessful(reason));
  }

  #end(outcome: RunOutcome): void {
    const { succeeded, reason } = outcome;
    this.#state = { kind: 'ended', reason };
    this.#effects.push({ kind: 'journal', record: { kind: 'ended', succeeded, reason } });
    const message = { kind: 'released', runSucceeded: succeeded, reason } as const;
    for (const slot of this.#workers.slots) this.#effects.push({ kind: 'send', slot, message });
    this.#effects.push({ kind: 'ended', outcome });
  }

  #reason(): string {
    switch (this.#state.kind) {
      case 'waiting':
        return `${this.#workers.count} of ${this.#options.minWorkers} workers have joined`;
      case 'working':
        return `generation ${this.#generation} is linked`;
      case 'linking':
      case 'ended':
        return this.#state.reason;
    }
  }
}

function unsuccessful(reason: string): RunOutcome {
  return { succeeded: false, reason, weightsSha256: '' };
}
