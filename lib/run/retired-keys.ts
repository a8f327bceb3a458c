/** Keys that run files had in earlier versions, with what they are called now. Pure. */
const RENAMED: readonly (readonly [string, string])[] = [
  ['batch.microShards', 'batch.microBatches'],
  ['exchange.codec', 'communication.compression'],
  ['exchange.topKFraction', 'communication.topKFraction'],
  ['exchange.powerSgdRank', 'communication.powerSgdRank'],
  ['exchange.allowed', 'communication.allowed'],
  ['exchange.guardEverySteps', 'communication.guardEverySteps'],
  ['exchange.guardSimilarityMin', 'communication.guardSimilarityMin'],
  ['exchange', 'communication'],
];

/**
 * @param path of an unknown key, such as `batch.microShards`
 * @param value what stands there
 * @returns one problem for each renamed key found there; empty where the key was never known
 */
export function renamedKeyProblems(path: string, value: unknown): string[] {
  const group = RENAMED.find(([from]) => from === path);
  if (group === undefined) return [];
  const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
  const renamed = (isGroup ? Object.keys(value) : []).flatMap((key) => {
    const known = RENAMED.find(([from]) => from === `${path}.${key}`);
    return known === undefined ? [] : [`${path}.${key} is now ${known[1]}`];
  });
  return renamed.length > 0 ? renamed : [`${path} is now ${group[1]}`];
}
