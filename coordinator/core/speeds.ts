/**
 * How fast each member computes, and by which speeds micro-batches are leased. Members count as
 * equal until a difference is measured that is worth another division: each division of its own
 * costs bytes, because a member sends one sum for each tree node of its lease. The division in
 * force changes between steps only, and depends on reports alone. Pure.
 */
import { splitPoint, type TreeNode } from '../../lib/collective/tree.ts';
import type { CommittedStep } from './events.ts';
import { divided } from './leases.ts';

/** Steps whose median is a member's speed; with fewer than SAMPLES_MIN of them nothing changes. */
const SAMPLES_KEPT = 5;
const SAMPLES_MIN = 3;
/** Share of a step's time that another division must save. */
const GAIN = 0.1;

type MeasuredStep = Pick<CommittedStep, 'phaseIndex' | 'reports'>;

export class Speeds {
  readonly #microBatches: number;
  /** Samples per second of compute in the phase at hand, oldest first. */
  readonly #measured = new Map<number, number[]>();
  #phaseIndex = -1;
  #inForce: ReadonlyMap<number, number> = new Map();

  /** @param microBatches how many a step has */
  constructor(microBatches: number) {
    this.#microBatches = microBatches;
  }

  /** Relative speeds by slot for the next step; empty while all count as equal. */
  get inForce(): ReadonlyMap<number, number> {
    return this.#inForce;
  }

  /** Takes what a committed step measured. */
  observe({ phaseIndex, reports }: MeasuredStep): void {
    if (phaseIndex !== this.#phaseIndex) this.#measured.clear();
    this.#phaseIndex = phaseIndex;
    this.#forgetAllBut(reports.map(({ slot }) => slot));
    for (const { slot, samplesComputed, computeSeconds } of reports) {
      if (samplesComputed === 0 || computeSeconds <= 0) continue;
      const before = this.#measured.get(slot) ?? [];
      const all = [...before, samplesComputed / computeSeconds];
      this.#measured.set(slot, all.slice(-SAMPLES_KEPT));
    }
    this.#decide(reports);
  }

  /** A slot whose worker has left may be another worker's next. */
  #forgetAllBut(slots: readonly number[]): void {
    for (const slot of this.#measured.keys()) {
      if (!slots.includes(slot)) this.#measured.delete(slot);
    }
    const kept = [...this.#inForce].filter(([slot]) => slots.includes(slot));
    if (kept.length < this.#inForce.size) this.#inForce = new Map(kept);
  }

  #decide(reports: MeasuredStep['reports']): void {
    const slots = reports.map(({ slot }) => slot).sort((left, right) => left - right);
    const speeds = slots.flatMap((slot) => medianOf(this.#measured.get(slot) ?? []) ?? []);
    if (slots.length < 2 || speeds.length < slots.length) return;
    const measured = new Map(slots.map((slot, index) => [slot, speeds[index] as number]));
    const now = divided(this.#microBatches, slots, this.#inForce).map(({ length }) => length);
    const then = divided(this.#microBatches, slots, measured).map(({ length }) => length);
    const samples = reports.reduce((sum, { samplesComputed }) => sum + samplesComputed, 0);
    const compute = (sizes: readonly number[]): number =>
      Math.max(...sizes.map((size, index) => size / (speeds[index] as number))) *
      (samples / this.#microBatches);
    // Who computes longest waits for the all-reduce alone. With it the sums of N nodes travel, and
    // one result.
    const exposed = Math.min(...reports.map(({ allReduceSeconds }) => allReduceSeconds));
    const travel = (exposed * (this.#nodesOf(then) + 1)) / (this.#nodesOf(now) + 1);
    if (compute(then) + travel < (1 - GAIN) * (compute(now) + exposed)) this.#inForce = measured;
  }

  /** Tree nodes of the member with most of them, where leases of these sizes follow each other. */
  #nodesOf(sizes: readonly number[]): number {
    let begin = 0;
    const counts = sizes.map((size) => {
      begin += size;
      return nodeCount({ begin: begin - size, end: begin }, { begin: 0, end: this.#microBatches });
    });
    return Math.max(...counts);
  }
}

/** How many nodes of the tree below `node` a lease of consecutive micro-batches covers. */
function nodeCount(lease: TreeNode, node: TreeNode): number {
  if (lease.end <= node.begin || node.end <= lease.begin || lease.begin === lease.end) return 0;
  if (lease.begin <= node.begin && node.end <= lease.end) return 1;
  const middle = splitPoint(node.begin, node.end);
  return (
    nodeCount(lease, { begin: node.begin, end: middle }) +
    nodeCount(lease, { begin: middle, end: node.end })
  );
}

/** Undefined where there are too few. */
function medianOf(values: readonly number[]): number | undefined {
  if (values.length < SAMPLES_MIN) return undefined;
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}
