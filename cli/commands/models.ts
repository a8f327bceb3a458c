/** `crescendo models`: the models that a run file can name, and networks as tables of stages. */
import type { Command } from 'commander';
import { CrescendoError } from '../../lib/base/errors.ts';
import type { Network } from '../../lib/models/network.ts';
import { buildNetwork, countParameters, listModels } from '../../lib/models/registry.ts';
import { stageSizes } from '../../lib/models/stage-sizes.ts';
import { tableText } from '../../lib/models/table-text.ts';
import { parseModel, parseModelOf } from '../../lib/run/parse.ts';
import type { ModelConfig } from '../../lib/run/run-config.ts';
import { multiplier } from '../model-options.ts';

/** Counts are of ImageNet's. */
const CLASS_COUNT = 1000;
const IMAGE_SIZE_PX = 224;

interface ModelsFlags {
  readonly run?: string;
  readonly widthMultiplier?: number;
  readonly depthMultiplier?: number;
  readonly json?: boolean;
}

export function addModelsCommand(program: Command): void {
  program
    .command('models [name]')
    .description(
      'list the models: parameters, multiply-adds at the evaluation size, image sizes; or print ' +
        'one as a table of stages, for model.table of a run file',
    )
    .option('--run <file>', 'print the network of a run file')
    .option('--width-multiplier <factor>', 'print it so much wider', multiplier)
    .option('--depth-multiplier <factor>', 'print it so much deeper', multiplier)
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  crescendo models --json\n' +
        '  crescendo models efficientnetv2-b0 --depth-multiplier 1.2',
    )
    .action(models);
}

function models(name: string | undefined, flags: ModelsFlags): void {
  const model = modelOf(name, flags);
  if (model === undefined) printModels(flags.json === true);
  else printNetwork(model, flags.json === true);
}

/** @throws CRESCENDO_CONFIG_INVALID */
function modelOf(name: string | undefined, flags: ModelsFlags): ModelConfig | undefined {
  const { run, widthMultiplier, depthMultiplier } = flags;
  const isScaled = widthMultiplier !== undefined || depthMultiplier !== undefined;
  if ((name === undefined) === (run === undefined)) {
    if (name === undefined && !isScaled) return undefined;
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      'say which network is to be printed: either its name or --run FILE',
    );
  }
  const model = run === undefined ? parseModel({ name }, 'the name') : parseModelOf(run);
  return {
    ...model,
    widthMultiplier: widthMultiplier ?? model.widthMultiplier,
    depthMultiplier: depthMultiplier ?? model.depthMultiplier,
  };
}

function printNetwork(model: ModelConfig, isJson: boolean): void {
  const network = buildNetwork(model, CLASS_COUNT);
  const table = network.table();
  if (isJson) {
    const { trainable: trainableParameters, total: totalParameters } = countParameters(network);
    const multiplyAdds = network.multiplyAdds(IMAGE_SIZE_PX);
    const sizes = { trainableParameters, totalParameters, multiplyAdds };
    process.stdout.write(JSON.stringify({ name: network.name, ...sizes, table }) + '\n');
    return;
  }
  process.stdout.write(`${sizesOf(network)}\n`);
  const name = model.table === undefined ? `my-${network.name}` : network.name;
  // Multipliers are in the table already.
  process.stdout.write(tableText(name, table, model));
}

/** Lines of comments: of the whole, and of each stage. */
function sizesOf(network: Network): string {
  const { trainable } = countParameters(network);
  const multiplyAdds = `${(network.multiplyAdds(IMAGE_SIZE_PX) / 1e9).toFixed(2)} G`;
  const counted = trainable.toLocaleString('en');
  return [
    `# ${network.name}: ${counted} trainable parameters for ${CLASS_COUNT} classes, ` +
      `${multiplyAdds} multiply-adds at ${IMAGE_SIZE_PX} px`,
    ...stageSizes(network).map(
      ({ name, parameters }) => `# ${name}: ${parameters.toLocaleString('en')} parameters`,
    ),
  ].join('\n');
}

function printModels(isJson: boolean): void {
  const rows = listModels();
  if (isJson) {
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
