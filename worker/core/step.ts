/**
 * How far a worker is with the step at hand, and how many steps it has applied. Pure.
 *
 *   idle -> computing -> reducing -> reduced -> idle ...
 *
 * computing  the compute thread makes this worker's part of the gradient
 * reducing   it is made, and the all-reduce goes on
 * reduced    the gradient of the whole batch is reported, and kept until its step is committed
 *
 * A new order ends whatever was under way: it is the next attempt at the same step, or a later
 * step.
 */
import { assert } from '../../lib/base/errors.ts';
import { markNonfinite } from '../../lib/collective/step-vector.ts';
import type { HeldState, StepOrder, StepReduced } from '../../proto/generated/messages.ts';
import type { AttemptKey, ReducedGradient } from '../all-reduce/step-all-reduce.ts';
import type { ComputeReply } from '../compute/messages.ts';
import { stepCountOf } from './step-order.ts';
import { stepReport } from './step-report.ts';

type GradientReply = ComputeReply & { readonly kind: 'sumsMade' };

/** A gradient of the whole batch, and the order it is for. */
export interface ReducedStep {
  readonly order: StepOrder;
  readonly gradient: ReducedGradient;
}

type Work =
  | { readonly name: 'idle' }
  | { readonly name: 'computing'; readonly order: StepOrder }
  | {
      readonly name: 'reducing';
      readonly order: StepOrder;
      readonly made: GradientReply;
      readonly madeAtMs: number;
    }
  | ({ readonly name: 'reduced' } & ReducedStep);

/** What heartbeats say of the newest step that was ordered. */
export interface LatestStep {
  readonly step: number;
  readonly attempt: number;
  /** Whether this worker has computed its part. */
  readonly computeDone: boolean;
  /** Micro-batches of its lease that are not computed, nor being computed. */
  readonly unbegunMicroBatches: readonly number[];
  /** Whether the first of these waits for its input. */
  readonly awaitsInput: boolean;
}

/** Before the first order. */
export const NOTHING_DONE: LatestStep = {
  step: 0,
  attempt: 0,
  computeDone: false,
  unbegunMicroBatches: [],
  awaitsInput: false,
};

/** A worker that was no member yet. */
export const NOTHING_HELD: HeldState = {
  history: 0,
  appliedSteps: 0,
  reducedSteps: 0,
  reducedChecksum: 0,
  shardGenerations: [],
};

/** Whether what the compute thread says is about an order; not one of an earlier generation. */
function isOfAttempt(reply: AttemptKey, order: AttemptKey): boolean {
  const { generation, step, attempt } = order;
  return reply.generation === generation && reply.step === step && reply.attempt === attempt;
}

export class StepProgress {
  #work: Work = { name: 'idle' };
  /** Steps whose gradients the weights hold; undefined until this worker has the weights. */
  #appliedSteps: number | undefined;
  /** Whether the weights were ever others than the initial ones. */
  #isTrained = false;
  /** While weights are expected: whether those that are there are trained. */
  #expectedOver: boolean | undefined;
  #latest = NOTHING_DONE;
  #lease: readonly number[] = [];
  /** What the update before the step at hand reported. */
  #update = { gradientNorm: 0, applySeconds: 0 };

  /** Whether this worker has the weights: then commits are for it too. */
  get hasState(): boolean {
    return this.#appliedSteps !== undefined;
  }

  get latest(): LatestStep {
    return this.#latest;
  }

  /** What a coordinator is told of it after the connection to one was lost, but for shards. */
  heldBy(history: number): HeldState {
    const appliedSteps = this.#appliedSteps;
    if (appliedSteps === undefined) return NOTHING_HELD;
    const work = this.#work;
    const isNext = work.name === 'reduced' && work.order.step === appliedSteps;
    return {
      history,
      appliedSteps,
      reducedSteps: isNext ? stepCountOf(work.order) : 0,
      reducedChecksum: isNext ? work.gradient.checksum : 0,
      shardGenerations: [],
    };
  }

  get isTrained(): boolean {
    return this.#isTrained;
  }

  /** Others went on without this worker: its weights are of no use any more. */
  forgetState(): void {
    this.#isTrained = this.#expectedOver ?? this.#isTrained;
    this.#expectedOver = undefined;
    this.#appliedSteps = undefined;
    this.#work = { name: 'idle' };
  }

  /** Steps that the weights have seen; 0 where there are none. */
  get appliedSteps(): number {
    return this.#appliedSteps ?? 0;
  }

  /** The weights will be those after so many steps, and what is committed is to be applied then. */
  expectStateAfter(committedSteps: number): void {
    this.#expectedOver = this.#isTrained;
    this.#appliedSteps = committedSteps;
  }

  /** They are there. */
  holdExpectedState(): void {
    this.#expectedOver = undefined;
    this.#isTrained ||= this.appliedSteps > 0;
  }

  /** The weights are no longer what they were, though the links may still be missing. */
  importState(committedSteps: number): void {
    this.#isTrained ||= committedSteps > 0;
  }

  /** The weights are those after so many steps: taken from a member, or the run's first. */
  holdStateAfter(committedSteps: number): void {
    this.#isTrained ||= committedSteps > 0;
    this.#appliedSteps = committedSteps;
  }

  /** @param lease the micro-batches of this worker */
  begin(order: StepOrder, lease: readonly number[]): void {
    this.#work = { name: 'computing', order };
    const { step, attempt } = order;
    const before = this.#latest;
    // What an earlier attempt has begun is kept.
    const begun = this.#lease.filter((one) => !before.unbegunMicroBatches.includes(one));
    const unbegunMicroBatches =
      before.step === step ? lease.filter((one) => !begun.includes(one)) : lease;
    this.#lease = lease;
    this.#latest = { ...NOTHING_DONE, step, attempt, unbegunMicroBatches };
  }

  /** Ignored where it is not about the order at hand. */
  left(left: ComputeReply & { readonly kind: 'leaseLeft' }): void {
    if (this.#work.name !== 'computing' || !isOfAttempt(left, this.#work.order)) return;
    const { unbegun: unbegunMicroBatches, awaitsInput } = left;
    this.#latest = { ...this.#latest, unbegunMicroBatches, awaitsInput };
  }

  /** This worker's part of a gradient is made; ignored where it is not the one at hand. */
  made(made: GradientReply, nowMs: number): void {
    if (this.#work.name !== 'computing') return;
    const { order } = this.#work;
    if (!isOfAttempt(made, order)) return;
    this.#work = { name: 'reducing', order, made, madeAtMs: nowMs };
    const { step, attempt } = order;
    this.#latest = { ...NOTHING_DONE, step, attempt, computeDone: true };
  }

  /**
   * The all-reduce of an order is complete.
   * @param bytesSent to peers since the start
   * @returns the report, and the memory of all sums in bytes; undefined where it is not the one at
   * hand
   */
  reduced(
    order: StepOrder,
    gradient: ReducedGradient,
    bytesSent: number,
    nowMs: number,
  ): { readonly report: StepReduced; readonly sumBytes: number } | undefined {
    if (this.#work.name !== 'reducing' || this.#work.order !== order) return undefined;
    if (!gradient.isFinite) markNonfinite(gradient.values);
    const { made, madeAtMs } = this.#work;
    this.#work = { name: 'reduced', order, gradient };
    const report = stepReport(order, gradient, {
      computed: made,
      allReduceSeconds: (nowMs - madeAtMs) / 1000,
      gradientNorm: this.#update.gradientNorm,
      applySeconds: this.#update.applySeconds,
      allReduceBytesSent: bytesSent,
    });
    return { report, sumBytes: made.sumBytes };
  }

  /**
   * An order or a roster says how many steps are committed.
   * @returns what is to be applied; undefined where nothing is
   * @throws {InvariantError} when the gradient to be applied is not there
   */
  commitUpTo(committedSteps: number): ReducedStep | undefined {
    const appliedSteps = this.#appliedSteps;
    if (appliedSteps === undefined || committedSteps <= appliedSteps) return undefined;
    const work = this.#work;
    assert(
      work.name === 'reduced' &&
        work.order.step === appliedSteps &&
        appliedSteps + stepCountOf(work.order) === committedSteps,
      `asked to commit up to step ${committedSteps - 1} without its reduced gradient; ` +
        `${appliedSteps} steps are applied`,
    );
    this.#isTrained = true;
    this.#appliedSteps = committedSteps;
    this.#work = { name: 'idle' };
    return work;
  }

  /** The compute thread has applied a step. */
  applied({ result, applySeconds }: ComputeReply & { readonly kind: 'applied' }): void {
    this.#update = { gradientNorm: result.gradientNorm, applySeconds };
  }
}
