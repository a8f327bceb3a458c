/** `crescendo evaluate`: a weights file on the validation split. */
import type { Command } from 'commander';
import { evaluateWeights } from '../../lib/inference/evaluate.ts';
import { printProgress } from '../output.ts';
import { parseTrainedRunFile } from '../../lib/run/parse.ts';

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate <run-file>')
    .description('evaluate a weights file on the validation split')
    .requiredOption(
      '--weights <file>',
      'a weights file of any known format, such as runs/<id>/weights.safetensors',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  crescendo evaluate configs/quickstart.yaml --weights ' +
        'runs/ID/weights.safetensors',
    )
    .action(evaluate);
}

async function evaluate(
  runFile: string,
  flags: { weights: string; json?: boolean },
): Promise<void> {
  const result = await evaluateWeights(parseTrainedRunFile(runFile), flags.weights);
  for (const text of result.unreadable) printProgress(`left out: ${text}`);
  process.stdout.write(
    flags.json === true
      ? JSON.stringify(result) + '\n'
      : `top-1 ${(result.top1 * 100).toFixed(2)} %, top-5 ${(result.top5 * 100).toFixed(2)} %, ` +
          `loss ${result.loss.toFixed(4)} on ${result.sampleCount} images at ` +
          `${result.imageSizePx} px\n`,
  );
}
