/**
 * Checks what a journal says against the plan of its run: that each step was committed once and in
 * order, with its samples and its phase, that every micro-batch was leased once to a member, and
 * that what was done again came out the same. Pure.
 */
import { isLossy } from '../../lib/run/run-config.ts';
import type { RunPlan, SampleRange } from '../../lib/run/plan.ts';
import type { BranchPoint, JournalRecord } from './events.ts';

/** What is wrong, and where. */
export interface Finding {
  /** The step that does not fit; undefined where it is not one of a step. */
  readonly step: number | undefined;
  readonly what: string;
}

export interface Audit {
  readonly committedSteps: number;
  /** The first step of this journal; above 0 for a run that began from another's checkpoint. */
  readonly firstStep: number;
  /** The run whose checkpoint that was, where it is known. */
  readonly branchedFrom: BranchPoint | undefined;
  /** Samples that the steps have used that stand. */
  readonly samplesUsed: number;
  /** Steps that were done again because they were undone, and how many of them came out alike. */
  readonly redoneSteps: number;
  readonly redoneAlike: number;
  /** The steps that stand, in order. */
  readonly standing: readonly CommittedRecord[];
  /** As recordedStates() has them. */
  readonly checkpoints: ReadonlyMap<number, string>;
  /** In the order of the journal; the first of them is to be named. */
  readonly findings: readonly Finding[];
}

export type CommittedRecord = JournalRecord & { readonly kind: 'committed' };
type StartedRecord = JournalRecord & { readonly kind: 'started' };
type RestoredRecord = JournalRecord & { readonly kind: 'restored' };

/** Whether a step comes to the same bits on any members. */
export function isExact({ mode, communication }: RunPlan, compression: string): boolean {
  const isChosen = communication.compression === 'auto';
  return mode.leaves === 'micro-batches' && !isLossy(compression) && !isChosen;
}

/** The hash of the state of each checkpoint that a journal names, by committed steps. */
export function recordedStates(records: readonly JournalRecord[]): ReadonlyMap<number, string> {
  const states = new Map<number, string>();
  for (const record of records) {
    if (record.kind === 'checkpointed') states.set(record.committedSteps, record.stateSha256);
    else if (record.kind === 'started' && record.branchedFrom !== undefined) {
      states.set(record.branchedFrom.committedSteps, record.branchedFrom.stateSha256);
    }
  }
  return states;
}

/** @param configFingerprint of the run that the plan is of */
export function auditJournal(
  records: readonly JournalRecord[],
  plan: RunPlan,
  configFingerprint: string,
): Audit {
  return new Auditor(plan, configFingerprint).audit(records);
}

class Auditor {
  readonly #plan: RunPlan;
  readonly #configFingerprint: string;
  readonly #findings: Finding[] = [];
  /** Committed steps of the checkpoints so far. */
  readonly #checkpoints = new Set<number>();
  /** The last commit of each step, also where it was undone since. */
  readonly #lastOf = new Map<number, CommittedRecord>();
  #standing: CommittedRecord[] = [];
  #started: StartedRecord | undefined;
  #members = new Set<number>();
  #generation = 0;
  #history = 1;
  #firstStep = 0;
  #committedSteps = 0;
  #redoneSteps = 0;
  #redoneAlike = 0;

  constructor(plan: RunPlan, configFingerprint: string) {
    this.#plan = plan;
    this.#configFingerprint = configFingerprint;
  }

  audit(records: readonly JournalRecord[]): Audit {
    for (const [index, record] of records.entries()) this.#take(record, index);
    this.#checkUse();
    return {
      committedSteps: this.#committedSteps,
      firstStep: this.#firstStep,
      branchedFrom: this.#started?.branchedFrom,
      samplesUsed: this.#standing.reduce((sum, { sampleCount }) => sum + sampleCount, 0),
      redoneSteps: this.#redoneSteps,
      redoneAlike: this.#redoneAlike,
      standing: this.#standing,
      checkpoints: recordedStates(records),
      findings: this.#findings,
    };
  }

  #take(record: JournalRecord, index: number): void {
    if (index === 0 && record.kind !== 'started') this.#find(undefined, 'it has no first record');
    if (record.kind === 'started') this.#onStarted(record, index);
    else if (record.kind === 'generation') {
      if (record.generation <= this.#generation) {
        this.#find(undefined, `generation ${record.generation} follows ${this.#generation}`);
      }
      this.#generation = record.generation;
      this.#members = new Set(record.slots);
    } else if (record.kind === 'committed') this.#onCommitted(record);
    else if (record.kind === 'restored') this.#onRestored(record, index);
    else if (record.kind === 'checkpointed') {
      this.#checkpoints.add(record.committedSteps);
    }
  }

  #onStarted(record: StartedRecord, index: number): void {
    const { stepCount, totalSamples } = this.#plan;
    this.#started = record;
    if (index > 0) this.#find(undefined, `record ${index} begins a run anew`);
    if (record.configFingerprint !== this.#configFingerprint) {
      this.#find(undefined, 'its run file has another fingerprint than the journal says');
    }
    // A worker that has saved its state by itself knows neither.
    if (record.stepCount === 0 && record.totalSamples === 0) return;
    if (record.stepCount !== stepCount || record.totalSamples !== totalSamples) {
      const is = `${record.stepCount} steps of ${record.totalSamples} samples`;
      this.#find(undefined, `the run is of ${is}, and its plan of ${stepCount} of ${totalSamples}`);
    }
  }

  #onCommitted(record: CommittedRecord): void {
    const { step, stepCount } = record;
    if (step !== this.#committedSteps) {
      const due = this.#committedSteps;
      const why = step < due ? 'it is committed twice' : `step ${due} is missing before it`;
      this.#find(step, why);
    }
    this.#checkPlan(record);
    this.#checkLeases(record);
    if (record.generation !== this.#generation) {
      this.#find(step, `it is of generation ${record.generation}, not ${this.#generation}`);
    }
    this.#checkRedone(record);
    this.#lastOf.set(step, record);
    this.#standing.push(record);
    this.#committedSteps = step + stepCount;
  }

  #checkPlan({ step, stepCount, phaseIndex, firstPosition, sampleCount }: CommittedRecord): void {
    const plan = this.#plan;
    if (!Number.isSafeInteger(step) || step < 0 || step >= plan.stepCount) {
      this.#find(step, `the plan has ${plan.stepCount} steps`);
      return;
    }
    const ordered = plan.orderedSteps(step);
    if (stepCount !== ordered) this.#find(step, `it covers ${stepCount} steps, not ${ordered}`);
    const phase = plan.phaseOf(step).index;
    if (phaseIndex !== phase) this.#find(step, `it is of phase ${phaseIndex}, not ${phase}`);
    const due = samplesOf(plan, step, ordered);
    if (firstPosition !== due.firstPosition || sampleCount !== due.sampleCount) {
      this.#find(
        step,
        `it used ${sampleCount} samples from position ${firstPosition} on, and the plan has ` +
          `${due.sampleCount} from ${due.firstPosition}`,
      );
    }
  }

  #checkLeases({ step, leases }: CommittedRecord): void {
    const leased = new Set<number>();
    for (const { slot, microBatches } of leases) {
      if (!this.#members.has(slot)) this.#find(step, `slot ${slot} is no member, but has a lease`);
      for (const one of microBatches) {
        if (leased.has(one)) this.#find(step, `micro-batch ${one} was leased twice`);
        leased.add(one);
      }
    }
    const { microBatches } = this.#plan;
    for (let one = 0; one < microBatches; one++) {
      if (!leased.delete(one)) this.#find(step, `micro-batch ${one} was leased to nobody`);
    }
    if (leased.size > 0) {
      this.#find(step, `micro-batch ${[...leased].join(', ')} of ${microBatches} was leased`);
    }
  }

  #checkRedone(record: CommittedRecord): void {
    const before = this.#lastOf.get(record.step);
    if (before === undefined) return;
    this.#redoneSteps += record.stepCount;
    const isComparable =
      isExact(this.#plan, record.compression) && record.compression === before.compression;
    if (record.checksum === before.checksum) this.#redoneAlike += record.stepCount;
    else if (isComparable) {
      this.#find(
        record.step,
        `done again, its gradient has checksum ${hex(record.checksum)}, and had ` +
          hex(before.checksum),
      );
    }
  }

  #onRestored({ history, fromSteps, toSteps }: RestoredRecord, index: number): void {
    const isBeginning = index === 1 && fromSteps === toSteps;
    if (isBeginning) this.#firstStep = toSteps;
    else this.#checkReturn(fromSteps, toSteps);
    if (history !== this.#history + 1) {
      this.#find(toSteps, `history ${history} follows history ${this.#history}`);
    }
    this.#history = history;
    this.#standing = this.#standing.filter(({ step }) => step < toSteps);
    this.#committedSteps = toSteps;
  }

  #checkReturn(fromSteps: number, toSteps: number): void {
    if (fromSteps !== this.#committedSteps) {
      this.#find(fromSteps, `the run went back from there, with ${this.#committedSteps} committed`);
    }
    const isKnown = toSteps === this.#firstStep || this.#checkpoints.has(toSteps);
    if (toSteps > fromSteps || !isKnown) {
      this.#find(toSteps, `the run went back to it from ${fromSteps}, where no checkpoint was`);
    }
  }

  /** No position of the stream is in two of the steps that stand. */
  #checkUse(): void {
    let end = 0;
    let last = -1;
    const byPosition = [...this.#standing].sort((a, b) => a.firstPosition - b.firstPosition);
    for (const { step, firstPosition, sampleCount } of byPosition) {
      if (firstPosition < end) {
        this.#find(step, `it used position ${firstPosition}, which step ${last} has used`);
      }
      end = firstPosition + sampleCount;
      last = step;
    }
  }

  #find(step: number | undefined, what: string): void {
    this.#findings.push({ step, what });
  }
}

/** The samples of the steps of one order together. */
function samplesOf(plan: RunPlan, step: number, stepCount: number): SampleRange {
  let sampleCount = 0;
  for (let one = step; one < step + stepCount; one++)
    sampleCount += plan.samplesOf(one).sampleCount;
  return { firstPosition: plan.samplesOf(step).firstPosition, sampleCount };
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
