/**
 * The coordinator's side of a run as a state machine. An event and the time go in, effects come
 * out; coordinator.ts makes events of what workers say and carries the effects out.
 * Code here does not read clocks, set timers, open sockets or files, or create promises.
 *
 *   waiting -> linking -> working -> linking -> ... -> saving -> ended
 *
 * waiting  too few workers: at first, in a pause, or after the coordinator was started again
 * linking  a roster is out: members link to each other, joiners copy the state
 * working  the task at hand (step, checkpoint, evaluation, finish) is ordered
 * saving   the weights files are written from the last checkpoint
 *
 * A task that is complete is followed by the next one in the same generation, unless the membership
 * changes at this boundary: then the members link first. A lost member sends working back to
 * linking; the task is then ordered again, and what was not delivered is handed to the others.
 * Where no member has the state any more, the run goes on from a checkpoint (history.ts).
 */
import type { RunPlan } from '../../lib/run/plan.ts';
import type { BadSamples, LinksReady } from '../../proto/generated/messages.ts';
import { BadSampleLog } from './bad-samples.ts';
import { Checkpoints } from './checkpoints.ts';
import { Deadlines } from './deadlines.ts';
import { endOf, endOfFailing, hurried, toldOf } from './ending.ts';
import type { CoordinatorEvent, Effect, OfWorker, RunOutcome } from './events.ts';
import type { TaskReport, Tick, Unreadable } from './events.ts';
import { announce } from './generation.ts';
import { History } from './history.ts';
import type { CoreOptions } from './options.ts';
import type { RecoveredRun } from './recovery.ts';
import { RunTasks } from './run-tasks.ts';
import { ShardKeepers, shardsLost } from './shard-keepers.ts';
import { atWork, forgiven, lateMembers, statusOf } from './state.ts';
import type { CoreStatus, Linking, State, Working } from './state.ts';
import type { Task } from './task.ts';
import { transferTimeMs } from './transfer-time.ts';
import { endOfWaiting, holding, isReady, waitingAtFirst, waitingFor } from './waiting.ts';
import { WeightsExport, type AfterExport } from './weights-export.ts';
import { Workers } from './workers.ts';

const LEFT_AT_END = 'members left as it was done';

export class CoordinatorCore {
  #options: CoreOptions;
  readonly #tasks: RunTasks;
  readonly #shards: ShardKeepers;
  readonly #checkpoints: Checkpoints;
  readonly #history: History;
  readonly #badSamples: BadSampleLog;
  readonly #workers = new Workers();
  readonly #deadlines: Deadlines;
  #state: State;
  #generation: number;
  #effects: Effect[] = [];

  /** @param recovered where a run that was begun before stands */
  constructor(plan: RunPlan, options: CoreOptions, recovered: RecoveredRun, nowMs: number) {
    this.#options = options;
    this.#tasks = new RunTasks(plan, recovered.progress);
    this.#shards = new ShardKeepers(plan.mode.optimizerState === 'sharded', recovered.shards);
    this.#checkpoints = new Checkpoints(options, recovered.checkpoints);
    this.#history = new History(recovered);
    this.#badSamples = new BadSampleLog(options.badSamplesMax, recovered.badSamples);
    this.#deadlines = new Deadlines(plan, options.heartbeatIntervalMs);
    this.#generation = recovered.generation;
    this.#state = waitingAtFirst(options, recovered.generation, nowMs);
  }

  /** Applies one event; the caller carries out the effects in order. */
  apply(event: CoordinatorEvent, nowMs: number): readonly Effect[] {
    this.#effects = [];
    if (this.#state.kind !== 'ended') this.#dispatch(event, nowMs);
    return this.#effects;
  }

  status(): CoreStatus {
    return statusOf(this.#state, this.#workers, {
      generation: this.#generation,
      committedSteps: this.#tasks.committedSteps,
      checkpoint: this.#checkpoints.log.newestUpTo(this.#tasks.committedSteps),
      waitsFor: this.#deadlines.waitsFor,
    });
  }

  #dispatch(event: CoordinatorEvent, nowMs: number): void {
    switch (event.kind) {
      case 'tick':
        return this.#onTick(event, nowMs);
      case 'stopRequested':
        return this.#onStop(event.reason, 'stopped');
      case 'workerJoined':
        // While a generation is at work it waits for a boundary.
        this.#workers.add(event, nowMs);
        return this.#formIfReady(nowMs);
      case 'checkpointWritten':
      case 'checkpointFailed':
      case 'checkpointInterrupted':
        this.#effects.push(...this.#checkpoints.onEnded(event, this.#tasks.best, nowMs));
        return this.#completeIfDone(nowMs);
      case 'checkpointUnreadable':
        return this.#onUnreadable(event, nowMs);
      case 'weightsExported':
      case 'exportFailed':
        if (this.#state.kind !== 'saving') return;
        return this.#follow(this.#state.files.onEnded(event, nowMs));
      case 'badSamples':
        return this.#onBadSamples(event.message, nowMs);
      case 'heartbeat':
      case 'linksReady':
      case 'stateHeld':
      case 'reported':
      case 'drainRequested':
      case 'workerLost':
        return this.#onWorker(event, nowMs);
    }
  }

  #onWorker(event: OfWorker, nowMs: number): void {
    const worker = this.#workers.get(event.slot);
    if (worker === undefined) return; // It was removed, and does not know it yet.
    worker.lastSeenMs = nowMs;
    switch (event.kind) {
      case 'heartbeat':
        worker.heartbeat = event.message;
        this.#deadlines.heard(event.slot, event.message, nowMs);
        return this.#steal(nowMs);
      case 'linksReady':
        return this.#onLinksReady(event.slot, event.message, nowMs);
      case 'stateHeld':
        return void (worker.hasState ||= event.generation === this.#generation);
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

  /** A run that waits goes on once enough workers are there. */
  #formIfReady(nowMs: number): void {
    if (this.#state.kind !== 'waiting' || !this.#checkpoints.log.mayRead(nowMs)) return;
    const { committedSteps } = this.#tasks;
    const isHeld = this.#history.isHeld(this.#workers.joiners(), committedSteps, this.#shards);
    const state = holding(this.#state, isHeld, nowMs);
    this.#state = state;
    const { count } = this.#workers;
    const isAhead = this.#checkpoints.log.isBehind(committedSteps);
    if (!isReady(state, { count, isAhead }, nowMs)) return;
    this.#workers.admitJoiners(committedSteps);
    this.#link(`${count} workers have joined`, state.task ?? this.#tasks.next(), nowMs);
  }

  /** Makes the members a new generation, which links before `task` is ordered. */
  #link(reason: string, task: Task, nowMs: number): void {
    this.#generation++;
    const members = this.#workers.members();
    const isStateLost = !this.#history.mark(members, this.#tasks.committedSteps, this.#shards);
    const restored = isStateLost ? this.#restore() : 'nothing';
    const transferMs = transferTimeMs(members, this.#shards.areKept, restored === 'checkpoint');
    const feedsJoiners = !isStateLost && task.feedsJoiners === true;
    this.#state = {
      kind: 'linking',
      reason,
      unlinked: new Set(this.#workers.memberSlots),
      task: restored === 'nothing' ? task : this.#tasks.next(),
      feedsJoiners,
      deadlineMs: nowMs + this.#options.linkTimeoutMs + transferMs,
    };
    const { committedSteps } = this.#tasks;
    const place = { committedSteps, history: this.#history.number, feedsJoiners };
    const generation = { number: this.#generation, reason, members, ...place };
    this.#effects.push(...announce(generation, restored === 'checkpoint', this.#shards));
  }

  /** No member has the state: they begin anew, or go on from the newest checkpoint. */
  #restore(): 'nothing' | 'seed' | 'checkpoint' {
    const { log } = this.#checkpoints;
    this.#shards.clear();
    const back = this.#history.goBack(this.#tasks.committedSteps, log, this.#generation);
    if (back.to === 'nothing') return back.to;
    this.#tasks.rewindTo(back.toSteps);
    log.rewindTo(back.toSteps);
    this.#effects.push(...back.effects);
    return back.to;
  }

  /** One that is damaged is passed over; where the disk does not answer, the members wait. */
  #onUnreadable(event: Unreadable, nowMs: number): void {
    this.#effects.push(this.#checkpoints.onUnreadable(event, nowMs));
    const state = this.#state;
    if (state.kind !== 'linking') return;
    if (event.isDamaged) return this.#link('a checkpoint cannot be read', state.task, nowMs);
    this.#pause(event.failure.reason, state.task, this.#workers.memberSlots.length, nowMs);
  }

  #onLinksReady(slot: number, message: LinksReady, nowMs: number): void {
    const state = this.#state;
    const worker = this.#workers.get(slot);
    if (message.generation !== this.#generation || worker?.isMember !== true) return;
    if (!('task' in state) || state.kind === 'waiting') return;
    if (message.relinked) {
      // A link broke and was made again: what was under way on it is lost.
      return this.#link(`slot ${slot} linked anew`, state.task, nowMs);
    }
    if (state.kind !== 'linking') return;
    worker.hasState ||= !state.feedsJoiners;
    worker.unreachableSlots = message.unreachableSlots;
    state.unlinked.delete(slot);
    if (state.unlinked.size > 0) return;
    this.#checkpoints.log.wasRead();
    this.#effects.push(...this.#shards.settle(this.#generation, this.#workers.members()));
    this.#order(this.#checkpoints.savedFirst(state.task, this.#workers, this.#tasks), nowMs);
  }

  /** Removes workers; if members are among them, the others form a generation without them. */
  #lose(slots: readonly number[], reason: string, nowMs: number, mayReturn = true): void {
    const isMemberLost = slots.some((slot) => this.#workers.get(slot)?.isMember === true);
    for (const slot of slots) {
      const memberSteps = this.#workers.remove(slot, this.#tasks.committedSteps);
      this.#effects.push({ kind: 'close', slot, reason, mayReturn, memberSteps });
    }
    const state = this.#state;
    if (state.kind === 'waiting') state.task?.forget(slots);
    if (!isMemberLost || (state.kind !== 'linking' && state.kind !== 'working')) return;
    const { memberSlots } = this.#workers;
    if (state.kind === 'working') {
      // Those left may all have delivered: then nothing is to be done again.
      const isDone = memberSlots.length > 0 && state.task.isComplete(memberSlots);
      if (isDone) return this.#completeIfDone(nowMs);
      this.#effects.push(...state.task.abort(reason));
    }
    state.task.forget(slots);
    if (memberSlots.length < Math.max(1, this.#options.pauseBelow)) {
      return this.#pause(reason, state.task, memberSlots.length + slots.length, nowMs);
    }
    if (this.#waitsForShards(reason, state.task, slots.length, nowMs)) return;
    this.#link(`slot ${slots.join(', ')} left: ${reason}`, state.task, nowMs);
  }

  /** Too few members are left: they keep what they have, and wait with the coordinator. */
  #pause(reason: string, task: Task, target: number, nowMs: number): void {
    if (this.#tasks.stopped !== undefined) return this.#end(this.#tasks.stopped);
    for (const worker of this.#workers.members()) worker.isMember = false;
    this.#state = waitingFor(`paused: ${reason}`, target, this.#options.pauseBelow, nowMs, task);
    this.#effects.push({ kind: 'paused', reason });
    this.#formIfReady(nowMs);
  }

  /** Who left with the last copy of a shard may come back soon, if the run is not to stop. */
  #waitsForShards(reason: string, task: Task, leftCount: number, nowMs: number): boolean {
    const areLost = this.#shards.wereLostWith(this.#workers.able());
    if (this.#tasks.stopped !== undefined || !areLost) return false;
    this.#pause(shardsLost(reason), task, this.#workers.members().length + leftCount, nowMs);
    return true;
  }

  /** Has the members of this generation, which is linked, do their parts of a task. */
  #order(task: Task, nowMs: number): void {
    this.#state = atWork(this.#state, task);
    this.#deadlines.begin(task, this.#workers.memberSlots, nowMs);
    const ordering = this.#workers.ordering(this.#generation, this.#tasks.committedSteps, nowMs);
    const orders = [this.#checkpoints.dueBefore(task, ordering), task.order(ordering)];
    this.#effects.push(...this.#checkpoints.sent(orders, ordering));
  }

  /** Has others do what slow members have not begun of the task at hand, where that pays. */
  #steal(nowMs: number): void {
    const state = this.#state;
    if (state.kind !== 'working' || state.task.divisible === undefined) return;
    const moves = this.#deadlines.steals(state.task.divisible, this.#workers.able(), nowMs);
    if (moves.length === 0) return;
    state.task.divisible.move(moves);
    this.#effects.push({ kind: 'stolen', task: state.task.describe(), moves });
    const ordering = this.#workers.ordering(this.#generation, this.#tasks.committedSteps, nowMs);
    this.#effects.push(...this.#checkpoints.sent([state.task.order(ordering)], ordering));
  }

  #onReported(slot: number, report: TaskReport, nowMs: number): void {
    if (this.#state.kind !== 'working' || report.generation !== this.#generation) return;
    this.#deadlines.reported(slot, report, nowMs);
    const verdict = this.#state.task.record(slot, report);
    if (verdict === undefined) return this.#completeIfDone(nowMs);
    if (verdict.kind === 'ends') return this.#end(verdict.outcome);
    this.#effects.push(...toldOf(verdict));
    if (verdict.kind === 'repeats') return this.#order(this.#state.task, nowMs);
    this.#lose(verdict.slots, verdict.reason, nowMs, false);
  }

  /** Commits the task at hand if nothing of it is missing, and goes on to what follows it. */
  #completeIfDone(nowMs: number): void {
    const state = this.#state;
    if (state.kind !== 'working' || !state.task.isComplete(this.#workers.memberSlots)) return;
    const completion = state.task.complete(this.#generation, nowMs);
    if (completion.kind === 'ends') return this.#save(completion.outcome, nowMs);
    this.#effects.push(...completion.effects);
    this.#history.observe(completion.effects);
    this.#passBoundary(completion.next, nowMs);
  }

  /** Between two tasks members leave and join; not before the finish, with which all leave. */
  #passBoundary(following: Task, nowMs: number): void {
    const isWhole = this.#shards.areOf(this.#workers.members());
    if (!isWhole && this.#waitsForShards(LEFT_AT_END, following, 1, nowMs)) return;
    const next = this.#checkpoints.savedFirst(following, this.#workers, this.#tasks);
    if (next.kind === 'checkpoint' && isWhole) return this.#order(next, nowMs);
    if (next.kind === 'checkpoint') return this.#link(LEFT_AT_END, following, nowMs);
    const leaversOf = this.#shards.leavers.bind(this.#shards);
    const { committedSteps } = this.#tasks;
    const isLast = next.kind === 'finish';
    const released = isLast ? [] : this.#workers.releaseDrained(leaversOf, committedSteps);
    this.#effects.push(...released);
    const drained = released.length;
    const areAllGone = this.#workers.memberSlots.length === 0;
    if (areAllGone) return this.#pause('all workers drained', next, drained, nowMs);
    const joiners = isLast ? [] : this.#workers.admitJoiners(committedSteps);
    if (joiners.length > 0) this.#link(`slot ${joiners.join(', ')} joined`, next, nowMs);
    else if (drained > 0) this.#link(`${drained} drained`, next, nowMs);
    else if (!isWhole) this.#link(LEFT_AT_END, next, nowMs);
    else this.#order(next, nowMs);
  }

  #onTick({ pausedMs, heardSlots }: Tick, nowMs: number): void {
    // The coordinator itself stood still: that was nobody's silence.
    this.#workers.onTick(pausedMs, heardSlots, nowMs);
    this.#deadlines.forgive(pausedMs);
    this.#state = forgiven(this.#state, pausedMs);
    const bound = this.#options.heartbeatTimeoutMs;
    const silent = this.#workers.silentSince(nowMs - bound).map(({ slot }) => slot);
    if (silent.length > 0) return this.#lose(silent, `no heartbeat for ${bound} ms`, nowMs);
    const state = this.#state;
    switch (state.kind) {
      case 'waiting':
        return this.#onWaited(nowMs);
      case 'saving':
        return this.#follow(state.files.onTick(nowMs, this.#options));
      case 'linking':
      case 'working':
        return this.#onTime(state, nowMs);
      case 'ended':
    }
  }

  #onWaited(nowMs: number): void {
    this.#formIfReady(nowMs);
    if (this.#state.kind !== 'waiting') return;
    const where = { generation: this.#generation, count: this.#workers.count, nowMs };
    const unread = endOfFailing(this.#checkpoints.log.unreadFor(nowMs), this.#options, 'read');
    this.#follow(unread ?? endOfWaiting(this.#state, where, this.#options));
  }

  /** Drops those that hold the others up; a checkpoint that failed is tried again. */
  #onTime(state: Linking | Working, nowMs: number): void {
    if (state.kind === 'working' && state.task.kind === 'checkpoint') {
      const { log } = this.#checkpoints;
      this.#follow(endOfFailing(log.failing(nowMs), this.#options));
      if (this.#state === state && log.mayRetry(nowMs)) this.#order(state.task, nowMs);
      return;
    }
    const members = this.#workers.members();
    const late = lateMembers(state, this.#generation, members, this.#deadlines, nowMs);
    if (late === undefined) return this.#steal(nowMs);
    this.#lose(late.slots, late.reason, nowMs, late.mayReturn);
  }

  /** The task in flight is completed first; while the run waits there is none. */
  #onStop(reason: string, ending: 'stopped' | 'failed'): void {
    this.#tasks.stop(reason, ending);
    this.#options = hurried(this.#options);
    if (this.#state.kind === 'waiting') this.#follow(this.#tasks.stopped);
  }

  /** A step that needs what nobody can read is given up, and the run ends with what it has. */
  #onBadSamples(message: BadSamples, nowMs: number): void {
    const end = this.#badSamples.add(message, this.#effects);
    if (end === undefined) return;
    this.#onStop(end, 'failed');
    if (this.status().task === 'step') this.#link('unreadable sample', this.#tasks.next(), nowMs);
  }

  /** Members hold the same weights: those of the last checkpoint are written as files. */
  #save(outcome: RunOutcome, nowMs: number): void {
    if (outcome.weightsSha256 === '') return this.#end(outcome);
    const files = new WeightsExport(outcome, this.#tasks, nowMs);
    this.#state = { kind: 'saving', files };
    this.#effects.push(files.effect);
  }

  #follow(next: AfterExport): void {
    if (next === undefined) return;
    if ('ending' in next) this.#end(next);
    else this.#effects.push(next);
  }

  #end(outcome: RunOutcome): void {
    this.#state = { kind: 'ended', reason: outcome.reason };
    this.#effects.push(...endOf(outcome, this.#workers.slots));
  }
}
