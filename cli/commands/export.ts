/** `crescendo export`: weights for another framework. */
import type { Command } from 'commander';
import { exportWeights } from '../../lib/inference/convert.ts';
import type { GraphFormat } from '../../lib/inference/export-graph.ts';
import type { ModelFlags } from '../../lib/inference/weights-file.ts';
import type { ExportFormat } from '../../lib/weights/export-weights.ts';
import { imageSizePx } from '../arguments.ts';
import { formatOption, withModel } from '../model-options.ts';
import { print } from '../output.ts';

interface ExportFlags extends ModelFlags {
  readonly format: ExportFormat | GraphFormat;
  readonly output: string;
  readonly size?: number;
  readonly json?: boolean;
}

export function addExportCommand(program: Command): void {
  withModel(program.command('export <file>'))
    .description('write weights for another framework: tensors by its names, or a graph to run')
    .addOption(formatOption(['crescendo', 'timm', 'savedmodel', 'tfjs'], 'timm'))
    .requiredOption('-o, --output <path>', 'a safetensors file; for graphs a folder, to be made')
    .option(
      '--size <pixels>',
      "image side of the graph (default: the weights', the run's or the model's)",
      imageSizePx,
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  crescendo export runs/ID/weights.safetensors ' +
        '--format timm -o timm.safetensors\n  crescendo export b0.safetensors ' +
        '--model efficientnetv2-b0 --format savedmodel -o b0-serving/1',
    )
    .action(exportFile);
}

async function exportFile(path: string, flags: ExportFlags): Promise<void> {
  const { output, format, size } = flags;
  const exported = await exportWeights(path, output, format, { ...flags, sizePx: size });
  if ('nodeCount' in exported) {
    print(
      flags.json === true
        ? JSON.stringify(exported)
        : `${output} written: a graph of ${exported.nodeCount} operations for images of ` +
            `${exported.imageSizePx} px`,
    );
    return;
  }
  const { exportedCount, ...report } = exported;
  print(
    flags.json === true
      ? JSON.stringify(report)
      : `${output} written: ${exportedCount} tensors under the names of ${format}`,
  );
}
