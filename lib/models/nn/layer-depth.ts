/**
 * How deep each parameter lies, for learning rates that shrink towards the input (timm's
 * param_groups_layer_decay, after Bao et al., "BEiT", 2022): the stem is 0, each block one more,
 * the convolution behind the last block goes with it, and the classifier is the deepest. Pure.
 */

/** @param names in the order of the forward pass; @returns the depth by name */
export function layerDepths(names: readonly string[]): ReadonlyMap<string, number> {
  const hasHeadConvolution = names.some((name) => name.startsWith('head.conv'));
  const depths = new Map<string, number>();
  let depth = -1;
  let lastLayer: string | undefined;
  for (const name of names) {
    const layer = layerOf(name, hasHeadConvolution);
    if (layer !== undefined && layer !== lastLayer) {
      depth++;
      lastLayer = layer;
    }
    depths.set(name, depth);
  }
  return depths;
}

/** The layer that a parameter belongs to; undefined: that of the parameter before it. */
function layerOf(name: string, hasHeadConvolution: boolean): string | undefined {
  const block = /^(?:\w+\.\d+\.)*\w+\.\d+(?=\.)/.exec(name)?.[0];
  if (block !== undefined) return block;
  if (hasHeadConvolution && /^head\.(conv|norm)\b/.test(name)) return undefined;
  return name.slice(0, name.indexOf('.'));
}
