/** What the families share of networks that a run file gives as a table of stages. Pure. */
import { CrescendoError } from '../base/errors.ts';
import type { NetworkTable, TableStage } from '../run/run-config.ts';

type Operation = TableStage['operation'];

/**
 * Refuses what a family's networks do not have.
 * @param operations those that it has
 * @param problemOf what else is wrong with a stage, such as `its stride is 2, and must be 1`
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function checkTable(
  { family, stages }: NetworkTable,
  operations: readonly Operation[],
  problemOf: (stage: TableStage, index: number) => string | undefined,
): void {
  const problems = stages.flatMap((stage, index) => {
    const { operation, width, headWidth } = stage;
    const where = `model.table.stages.${index}`;
    if (!operations.includes(operation)) {
      return [`${where}.operation: ${operation} is not one of ${family}: ${operations.join(', ')}`];
    }
    if (operation === 'attention' && width % headWidth !== 0) {
      return [`${where}.headWidth: ${headWidth} does not divide the width (${width})`];
    }
    if (stage.squeezeRatio > 0 && !operation.endsWith('mbconv')) {
      return [`${where}.squeezeRatio: ${operation} has no squeeze-and-excitation; leave it out`];
    }
    const problem = problemOf(stage, index);
    return problem === undefined ? [] : [`${where}.${problem}`];
  });
  if (problems.length === 0) return;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `the table of the network is not one of ${family}:\n` +
      problems.map((problem) => `  ${problem}`).join('\n'),
  );
}
