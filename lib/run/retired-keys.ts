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
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const paths = keys.length > 0 ? keys.map((key) => `${path}.${key}`) : [path];
  return paths.flatMap((old) => {
    const renamed =
      RENAMED.find(([from]) => from === old) ?? RENAMED.find(([from]) => from === path);
    return renamed === undefined ? [] : [`${old} is now ${renamed[1]}`];
  });
}
