/** What freezing and layer-wise decay must do in any engine. */
import assert from 'node:assert/strict';
import type { Engine } from '../../lib/engine/engine.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';
import type { RunOverrides } from './run-files.ts';
import { anInput, compute } from './engines.ts';

/** Stem, first block and all its batch norms frozen; an optimizer with decay, momentum and EMA. */
export const FREEZING: RunOverrides = {
  training: {
    optimizer: { name: 'adamw' },
    weightDecay: 0.1,
    clipNorm: 1,
    emaDecay: 0.9,
    freeze: ['stem.*', 'blocks.0.*'],
  },
};

const isFrozenName = (name: string): boolean => /^(stem|blocks\.0)\./.test(name);

function byName(tensors: readonly NamedTensor[]): ReadonlyMap<string, Float32Array> {
  return new Map(tensors.map(({ name, values }) => [name, values]));
}

/** Three steps: the frozen keep their bytes, the rest moves, in the weights and in their EMA. */
export async function assertFreezes(engine: Engine): Promise<void> {
  const before = byName(engine.exportWeights('raw'));
  const { gradientElements: p, statisticElements: m } = engine.layout;
  const { tensorCount } = engine.memory();
  for (let step = 0; step < 3; step++) {
    const sum = await compute(engine, anInput(4, 4 * step), step);
    // Whatever the statistics say.
    sum.fill(20, p, p + m);
    await engine.applyUpdate(step, 0.01, sum);
  }
  assert.equal(engine.memory().tensorCount, tensorCount, 'tensors are left over');
  for (const which of ['raw', 'ema'] as const) {
    for (const [name, values] of byName(engine.exportWeights(which))) {
      const old = before.get(name);
      if (isFrozenName(name)) assert.deepEqual(values, old, `${which} ${name} moved`);
      else assert.notDeepEqual(values, old, `${which} ${name} did not move`);
    }
  }
}

/** A frozen batch norm normalizes with its moving statistics: other ones give another loss. */
export async function assertFrozenNormsUseMovingStatistics(engine: Engine): Promise<void> {
  const lossOf = async (): Promise<number> => (await compute(engine, anInput(4))).at(-4) as number;
  const move = (name: string, factor: number): void => {
    const tensors = engine.exportWeights('raw');
    const moved = tensors.map((tensor) =>
      tensor.name === name
        ? { ...tensor, values: tensor.values.map((one) => one * factor) }
        : tensor,
    );
    engine.importWeights(moved);
  };
  const loss = await lossOf();
  move('stem.norm.moving_variance', 3);
  assert.notEqual(await lossOf(), loss, 'a frozen batch norm ignores its moving variance');
  move('stem.norm.moving_variance', 1 / 3);
  move('head.norm.moving_variance', 3);
  const close = Math.abs((await lossOf()) - loss) < 1e-5 * Math.abs(loss);
  assert.ok(close, 'a trained batch norm looks at its moving variance in training');
}
