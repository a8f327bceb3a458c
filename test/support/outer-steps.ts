/** The fixture of test/parity/local_sgd.py, and its outer steps done by ours. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import type { LocalSgdConfig } from '../../lib/run/run-config.ts';
import { TAIL_ELEMENTS } from '../../lib/collective/step-vector.ts';
import { LocalSgd } from '../../lib/optim/modes/local-sgd/local-sgd.ts';
import type { ApplyUpdate, StateParts } from '../../lib/optim/training-state.ts';
import { UpdateCount } from '../../lib/optim/update-count.ts';

interface Fixture {
  readonly weights: readonly number[];
  /** What each worker's inner steps do, for each outer step. */
  readonly steps: readonly (readonly {
    readonly samples: number;
    readonly move: readonly number[];
  }[])[];
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly lr: number;
        readonly momentum: number;
        readonly nesterov: boolean;
        readonly expected: readonly number[];
      }
    >
  >;
}

export const OUTER_STEPS = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'test', 'parity', 'local-sgd-torch.json'), 'utf8'),
) as Fixture;

export interface LocalWorker {
  readonly localSgd: LocalSgd;
  readonly parts: StateParts;
}

/** A worker whose weights are one trained parameter, and whose statistics the test may move. */
export function localWorker(
  weights: readonly number[],
  config: Omit<LocalSgdConfig, 'innerSteps'>,
  applyUpdate: ApplyUpdate,
  statistics: readonly number[] = [],
): LocalWorker {
  const parts: StateParts = {
    weights: Float32Array.from(weights),
    statistics: Float32Array.from(statistics),
    moments: [new Float32Array(weights.length)],
    emaWeights: new Float32Array(0),
    emaStatistics: new Float32Array(0),
    segments: Int32Array.of(0, weights.length, 1),
    movingRanges: [{ begin: 0, end: statistics.length }],
    counters: [new Float32Array(2)],
    applyUpdate,
  };
  const layout = {
    tensorBegins: [0],
    gradientElements: weights.length,
    statisticElements: statistics.length,
    totalElements: weights.length + statistics.length + TAIL_ELEMENTS,
  };
  const outer = {
    momentum: new Float32Array(weights.length),
    count: new UpdateCount(new Float32Array(2)),
  };
  const full = { ...config, innerSteps: 1 };
  return { parts, localSgd: new LocalSgd(full, 0, layout, parts, outer) };
}

/** Weights of the workers after all outer steps of a case of the fixture. */
export async function afterOuterSteps(
  name: string,
  applyUpdate: ApplyUpdate,
): Promise<Float32Array[]> {
  const { lr, momentum, nesterov } = OUTER_STEPS.cases[name] ?? { lr: 0, momentum: 0 };
  const config = {
    outerLearningRate: lr,
    outerMomentum: momentum,
    outerNesterov: nesterov === true,
  };
  const workers = (OUTER_STEPS.steps[0] ?? []).map(() =>
    localWorker(OUTER_STEPS.weights, config, applyUpdate),
  );
  const elements = OUTER_STEPS.weights.length + TAIL_ELEMENTS;
  for (const step of OUTER_STEPS.steps) {
    const sum = new Float32Array(elements);
    for (const [index, { localSgd, parts }] of workers.entries()) {
      const { samples = 0, move = [] } = step[index] ?? {};
      const output = new Float32Array(elements);
      localSgd.anchor();
      for (const [i, by] of move.entries()) parts.weights[i] = (parts.weights[i] as number) + by;
      localSgd.contribute({ lossSum: 0, correctCount: 0, sampleCount: samples }, output);
      for (const [i, value] of output.entries()) sum[i] = (sum[i] as number) + value;
    }
    for (const { localSgd } of workers) await localSgd.apply(sum);
  }
  return workers.map(({ parts }) => parts.weights);
}
