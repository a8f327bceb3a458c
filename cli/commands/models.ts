/** `crescendo models`: the models that a run file can name. */
import type { Command } from 'commander';
import { listModels } from '../../lib/models/registry.ts';

export function addModelsCommand(program: Command): void {
  program
    .command('models')
    .description('list the models: parameters, multiply-adds at the evaluation size, image sizes')
    .option('--json', 'print the table as JSON')
    .addHelpText('after', '\nExample:\n  crescendo models --json')
    .action(models);
}

function models(flags: { json?: boolean }): void {
  const rows = listModels();
  if (flags.json === true) {
    process.stdout.write(JSON.stringify(rows) + '\n');
    return;
  }
  const table = [
    ['model', 'trainable', 'total', 'multiply-adds', 'train px', 'eval px'],
    ...rows.map((row) => [
      row.name,
      row.trainableParameters.toLocaleString('en'),
      row.totalParameters.toLocaleString('en'),
      `${(row.multiplyAdds / 1e9).toFixed(2)} G`,
      String(row.trainImageSizePx),
      String(row.evaluationImageSizePx),
    ]),
  ];
  const WIDTHS = [18, 14, 14, 14, 9, 8];
  for (const cells of table) {
    const padded = cells.map((cell, column) => {
      const width = WIDTHS[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    process.stdout.write(padded.join(' ') + '\n');
  }
}
