/**
 * Local SGD written out plainly in one process: replicas one after the other on engines that know
 * nothing of it, and the outer step as its formula says (docs/local-sgd.md).
 */
import assert from 'node:assert/strict';
import type { StoredRecord } from '../../coordinator/journal.ts';
import { planRun, type RunPlan } from '../../lib/run/plan.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import { openBatchSource } from '../../lib/data/open-batch-source.ts';
import { createRenderer } from '../../lib/data/renderer.ts';
import { createEngine } from '../../lib/engine/create-engine.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';

export type CommittedRecord = StoredRecord & { kind: 'committed' };

export interface ReferenceWeights {
  readonly raw: NamedTensor[];
  readonly ema: NamedTensor[];
}

/** What the outer step keeps, flat: weights then statistics, and the momentum of the weights. */
interface Outer {
  readonly common: Float32Array;
  readonly ema: Float32Array;
  readonly momentum: Float32Array;
  count: number;
}

/** @param records of the run's journal: which slots took which micro-batches of which steps */
export async function referenceRun(
  run: RunConfig,
  records: readonly CommittedRecord[],
): Promise<ReferenceWeights> {
  const source = await openBatchSource(run, createRenderer());
  const plan = planRun(
    run,
    modeOf(run).plan,
    source.trainSampleCount,
    source.validationSampleCount,
  );
  const engine = await createEngine(withoutLocalSgd(run), source.classNames.length);
  const { gradientElements: p, statisticElements: m } = engine.layout;
  const { layout, values: initial } = engine.exportState();
  const outer = {
    common: initial.slice(0, p + m),
    ema: initial.slice(0, p + m),
    momentum: new Float32Array(p),
    count: 0,
  };
  const ownState = new Map<number, Float32Array>();
  for (const { step: first, stepCount, leases } of records) {
    const phase = plan.phaseOf(first);
    engine.enterPhase(phase);
    // A newcomer begins with what the member with the lowest slot has of its own.
    const oldest = [...ownState].sort(([left], [right]) => left - right)[0]?.[1];
    const parts: Float32Array[] = [];
    for (const { slot, microBatches } of [...leases].sort(
      (left, right) => left.slot - right.slot,
    )) {
      const own = ownState.get(slot) ?? oldest ?? initial.subarray(p + m);
      engine.importState({ layout, values: joined(outer.common, own) });
      let samples = 0;
      for (let step = first; step < first + stepCount; step++) {
        const { sum, count } = await sumOfStep({ engine, source, plan }, step, microBatches);
        samples += count;
        if (sum[p + m + 2] === 0) continue;
        await engine.applyUpdate(step, plan.learningRateOf(step), sum);
      }
      const { values: state } = engine.exportState();
      ownState.set(slot, state.slice(p + m));
      parts.push(partOf(outer.common, state, samples));
    }
    for (const slot of [...ownState.keys()]) {
      if (!leases.some((lease) => lease.slot === slot)) ownState.delete(slot);
    }
    outerStep(outer, sumOfParts(parts), run.training, p);
  }
  const weights = { raw: namedIn(engine, outer.common), ema: namedIn(engine, outer.ema) };
  engine.dispose();
  return weights;
}

/** The gradients of some micro-batches of a step, added up. */
async function sumOfStep(
  { engine, source, plan }: { engine: Engine; source: BatchSource; plan: RunPlan },
  step: number,
  microBatches: readonly number[],
): Promise<{ sum: Float32Array; count: number }> {
  const sum = new Float32Array(engine.layout.totalElements);
  const phase = plan.phaseOf(step);
  let count = 0;
  for (const microBatch of microBatches) {
    const { firstPosition, sampleCount } = plan.microBatchOf(step, microBatch);
    const vector = new Float32Array(sum.length);
    const input = await source.microBatch(step, microBatch, firstPosition, sampleCount, phase);
    await engine.computeMicroBatch(step, input, vector);
    for (const [i, value] of vector.entries()) sum[i] = (sum[i] as number) + value;
    count += sampleCount;
  }
  return { sum, count };
}

function withoutLocalSgd(run: RunConfig): RunConfig {
  const localSgd = { ...run.training.localSgd, innerSteps: 0 };
  return { ...run, training: { ...run.training, localSgd, emaDecay: 0 } };
}

function joined(left: Float32Array, right: Float32Array): Float32Array {
  const both = new Float32Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

/** (a - w) n, and n behind it. */
function partOf(common: Float32Array, state: Float32Array, samples: number): Float32Array {
  const moved = common.map((value, i) => (value - (state[i] as number)) * samples);
  return joined(moved, Float32Array.of(samples));
}

/** Along the tree of up to three members, in float32. */
function sumOfParts(parts: readonly Float32Array[]): Float32Array {
  assert.ok(parts.length <= 3);
  return parts.reduce((left, right) => left.map((value, i) => value + (right[i] as number)));
}

function outerStep(
  outer: Outer,
  sum: Float32Array,
  { localSgd, emaDecay }: RunConfig['training'],
  gradientElements: number,
): void {
  const { common, ema, momentum } = outer;
  const samples = sum[common.length] as number;
  const keep = Math.min(emaDecay, (1 + outer.count) / (10 + outer.count));
  for (let i = 0; i < common.length; i++) {
    const anchor = common[i] as number;
    if (i < gradientElements) {
      const delta = (sum[i] as number) * (1 / samples);
      const velocity = localSgd.outerMomentum * (momentum[i] as number) + delta;
      momentum[i] = velocity;
      const step = localSgd.outerNesterov ? delta + localSgd.outerMomentum * velocity : velocity;
      common[i] = anchor - localSgd.outerLearningRate * step;
    } else {
      common[i] = anchor - (sum[i] as number) / samples;
    }
    ema[i] = (ema[i] as number) * keep + (common[i] as number) * (1 - keep);
  }
  outer.count++;
}

function namedIn(engine: Engine, common: Float32Array): NamedTensor[] {
  const snapshot = engine.exportState();
  snapshot.values.set(common);
  engine.importState(snapshot);
  return engine.exportWeights('raw');
}
