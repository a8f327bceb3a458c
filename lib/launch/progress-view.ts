/**
 * What a person sees while a run goes on: on a terminal one line that is redrawn (bar, phase, size,
 * loss, accuracy, images per second by worker, time left); otherwise a log line every so often.
 */
import type { CommittedStep, EvaluationResult } from '../../coordinator/core/events.ts';
import { describeKnobs } from '../run/phase-knobs.ts';
import type { RunPlan } from '../run/plan.ts';
import type { RunObserver } from '../../coordinator/core/ports.ts';

const BAR_CELLS = 24;
/** Log lines without a terminal: about so many per run. */
const LOG_LINES_PER_RUN = 60;
const RATE_SMOOTHING = 0.9;

/** Where progress is shown; a stream such as `process.stderr` is one. */
export interface ProgressOutput {
  /** Whether it is a terminal, on which one line is redrawn. */
  readonly isTTY?: boolean;
  /** Width of the terminal, in characters. */
  readonly columns?: number;
  write(text: string): unknown;
}

export class ProgressView implements RunObserver {
  readonly #plan: RunPlan;
  readonly #output: ProgressOutput;
  readonly #logEvery: number;
  readonly #rateBySlot = new Map<number, number>();
  #rate = 0;
  #phaseIndex = -1;
  #lastTop1: number | undefined;
  readonly #unreadable = new Set<string>();
  #lastNotice = '';

  constructor(plan: RunPlan, output: ProgressOutput) {
    this.#plan = plan;
    this.#output = output;
    this.#logEvery = Math.max(1, Math.floor(plan.stepCount / LOG_LINES_PER_RUN));
  }

  onWorkerJoined(slot: number, hello: { hostName: string; processId: number }): void {
    this.#print(`worker ${slot} connected (${hello.hostName}, pid ${hello.processId})`);
  }

  onPrepared(slot: number, prepared: { engineDescription: string }): void {
    this.#print(`worker ${slot} is ready: ${prepared.engineDescription}`);
  }

  onWorkerLost(slot: number, reason: string): void {
    this.#rateBySlot.delete(slot);
    this.#print(`worker ${slot} left: ${reason}`);
  }

  onWorkerFailure(slot: number, code: string, message: string): void {
    this.#print(`worker ${slot} failed: ${code}: ${message}`);
  }

  onGeneration(generation: number, reason: string, status: { members: readonly number[] }): void {
    this.#print(`generation ${generation}: slots ${status.members.join(', ')} (${reason})`);
  }

  onAttemptAborted(step: number, reason: string): void {
    this.#print(`step ${step} is finished by the others: ${reason}`);
  }

  onPaused(reason: string): void {
    this.#print(`the run waits: ${reason}`);
  }

  /** What is said again and again, such as of a full disk, is printed once. */
  onNotice(text: string): void {
    if (text !== this.#lastNotice) this.#print(text);
    this.#lastNotice = text;
  }

  onStep(committed: CommittedStep): void {
    this.#measure(committed);
    const phase = this.#plan.phaseOf(committed.step);
    if (phase.index !== this.#phaseIndex) {
      this.#phaseIndex = phase.index;
      this.#print(
        `phase ${phase.index + 1}/${this.#plan.phases.length}: ${describeKnobs(phase)}, ` +
          `${phase.stepCount} steps`,
      );
    }
    if (committed.skipped || committed.nonfinite.length > 0) {
      this.#print(nonfiniteNotice(committed));
    }
    const line = this.#line(committed);
    if (this.#output.isTTY === true) this.#output.write(`\r\x1b[2K${line.slice(0, this.#width())}`);
    else if (this.#isLogged(committed)) this.#output.write(line + '\n');
  }

  onEvaluation(result: EvaluationResult): void {
    this.#lastTop1 = result.top1;
    this.#print(
      `${result.isFinal ? 'final validation' : 'validation'} at ${result.imageSizePx} px: ` +
        `top-1 ${percent(result.top1)}, top-5 ${percent(result.top5)}, ` +
        `EMA top-1 ${percent(result.emaTop1)} (${result.sampleCount} images)`,
    );
    this.#nameUnreadable(result);
  }

  /** Each image is named once, in however many evaluations it is left out. */
  #nameUnreadable({ unreadable, unreadableCount }: EvaluationResult): void {
    const news = unreadable.filter((text) => !this.#unreadable.has(text));
    if (news.length === 0) return;
    for (const text of news) this.#unreadable.add(text);
    this.#print(`${unreadableCount} validation images were left out:\n  ${news.join('\n  ')}`);
  }

  #measure(committed: CommittedStep): void {
    const smooth = (old: number | undefined, now: number): number =>
      old === undefined || old === 0 ? now : RATE_SMOOTHING * old + (1 - RATE_SMOOTHING) * now;
    this.#rate = smooth(this.#rate, (committed.sampleCount / committed.durationMs) * 1000);
    for (const report of committed.reports) {
      if (report.computeSeconds <= 0) continue;
      const rate = report.samplesComputed / report.computeSeconds;
      this.#rateBySlot.set(report.slot, smooth(this.#rateBySlot.get(report.slot), rate));
    }
  }

  /** Whether a step to be logged is among those committed. */
  #isLogged({ step, stepCount }: CommittedStep): boolean {
    return Math.floor((step + stepCount) / this.#logEvery) > Math.floor(step / this.#logEvery);
  }

  #line(committed: CommittedStep): string {
    const done = committed.step + committed.stepCount;
    const filled = Math.floor((done / this.#plan.stepCount) * BAR_CELLS);
    const secondsLeft = ((this.#plan.stepCount - done) * this.#plan.globalSize) / this.#rate;
    const workers = [...this.#rateBySlot]
      .sort(([left], [right]) => left - right)
      .map(([slot, rate]) => `${slot}:${Math.round(rate)}`);
    const top1 = this.#lastTop1 === undefined ? '' : ` val ${percent(this.#lastTop1)}`;
    return (
      `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ${done}/${this.#plan.stepCount} ` +
      `phase ${committed.phaseIndex + 1} ${committed.imageSizePx} px ` +
      `loss ${committed.meanLoss.toFixed(3)} top-1 ${percent(committed.accuracyRatio)}${top1} ` +
      `${Math.round(this.#rate)} img/s (${workers.join(' ')}) ETA ${formatSeconds(secondsLeft)}`
    );
  }

  #print(text: string): void {
    this.#output.write(this.#output.isTTY === true ? `\r\x1b[2K${text}\n` : `${text}\n`);
  }

  #width(): number {
    return Math.max(20, (this.#output.columns ?? 0) - 1);
  }
}

/** How many micro-batches a notice names. */
const NAMED_MAX = 4;

/** Names what was not finite in committed steps, so that device and samples can be looked at. */
function nonfiniteNotice({ step, stepCount, skipped, nonfinite }: CommittedStep): string {
  const named = nonfinite
    .slice(0, NAMED_MAX)
    .map(
      ({ step: inStep, microBatch, slot, firstPosition, sampleCount }) =>
        (stepCount > 1 ? `step ${inStep} ` : '') +
        `micro-batch ${microBatch} of slot ${slot} (positions ${firstPosition} to ` +
        `${firstPosition + sampleCount - 1})`,
    );
  const more = nonfinite.length - named.length;
  const sources = named.join(', ') + (more > 0 ? ` and ${more} more` : '');
  const steps =
    stepCount === 1 ? `step ${step} is` : `steps ${step} to ${step + stepCount - 1} are`;
  if (!skipped) return `left out by the worker that found it infinite or NaN: ${sources}`;
  return (
    `${steps} skipped by all workers, for their sum is not finite; it came from ` +
    (named.length === 0 ? 'no micro-batch that a worker could name' : sources)
  );
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

/** Such as `1 h 05 min` or `2 min 03 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${whole} s`;
}
