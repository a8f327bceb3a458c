/** How many parameters each part of a network has. Pure. */
import type { Network } from './network.ts';

export interface StageSize {
  /** `stem`, `stage 0` and so on as in the network's table, or `head`. */
  readonly name: string;
  /** Trainable ones. */
  readonly parameters: number;
}

/** The stem, each stage of the table and the head, from the input on. */
export function stageSizes(network: Network): StageSize[] {
  const stageOfBlock = network.table().stages.flatMap(({ operation, layers }, stage) => {
    const blocks = operation === 'convolution-group' ? 1 : layers;
    return Array.from({ length: blocks }, () => stage);
  });
  const sizes = new Map<string, number>();
  for (const { name, shape } of network.parameters) {
    const [part = '', block = ''] = name.split('.');
    const of = part === 'blocks' ? `stage ${stageOfBlock[Number(block)]}` : part;
    const elements = shape.reduce((product, side) => product * side, 1);
    sizes.set(of, (sizes.get(of) ?? 0) + elements);
  }
  return [...sizes].map(([name, parameters]) => ({ name, parameters }));
}
