/** Options by which commands on weights files are told the model, and the file's format. */
import { InvalidArgumentError, Option, type Command } from 'commander';

/** Adds the options that name a model, by itself or by a run file. */
export function withModel(command: Command): Command {
  return command
    .option(
      '--model <name>',
      'such as efficientnetv2-b0, where the weights do not say; crescendo models lists them',
    )
    .option('--run <file>', 'a run file, or config.json of a run, that has the model')
    .option('--width-multiplier <factor>', 'of --model (default: 1)', multiplier)
    .option('--depth-multiplier <factor>', 'of --model (default: 1)', multiplier);
}

export function formatOption(formats: readonly string[], fallback: string): Option {
  return new Option('--format <name>', 'names and layout').choices([...formats]).default(fallback);
}

export function multiplier(text: string): number {
  const value = Number(text);
  if (value >= 0.1 && value <= 4) return value;
  throw new InvalidArgumentError('a multiplier is from 0.1 to 4.');
}
