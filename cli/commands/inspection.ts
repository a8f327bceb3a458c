/** Commands that look: status, evaluate, doctor, init, models. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { CrescendoError, messageOf } from '../../lib/base/errors.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { parseTrainedRunFile } from '../../lib/run/parse.ts';
import { runFileTemplate } from '../../lib/run/template.ts';
import { diagnose } from '../../lib/launch/doctor.ts';
import { listModels } from '../../lib/models/registry.ts';
import { evaluateWeights } from '../../lib/inference/evaluate.ts';

export function addInspectionCommands(program: Command): void {
  program
    .command('status')
    .description("show a coordinator's state and its reason")
    .option('--coordinator <url>', 'such as http://127.0.0.1:9464', 'http://127.0.0.1:9464')
    .option('--json', 'print all of it as JSON')
    .addHelpText('after', '\nExample:\n  crescendo status --coordinator http://127.0.0.1:9464')
    .action(status);
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
      '\nExample:\n  crescendo evaluate configs/quickstart.yaml --weights runs/ID/weights.safetensors',
    )
    .action(evaluate);
  program
    .command('doctor')
    .description('check this machine: Node, compiler, TensorFlow, device')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  crescendo doctor')
    .action(doctor);
  program
    .command('init [file]')
    .description('write a commented run file (default run.yaml)')
    .option('--force', 'overwrite the file')
    .addHelpText('after', '\nExample:\n  crescendo init run.yaml')
    .action(init);
  program
    .command('models')
    .description('list the models: parameters, multiply-adds at the evaluation size, image sizes')
    .option('--json', 'print the table as JSON')
    .addHelpText('after', '\nExample:\n  crescendo models --json')
    .action(models);
}

async function status(flags: { coordinator: string; json?: boolean }): Promise<void> {
  let body: string;
  try {
    const base = flags.coordinator.replace(/^ws/, 'http');
    const response = await fetch(new URL('/status', base), { signal: AbortSignal.timeout(5_000) });
    body = await response.text();
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_COORDINATOR_UNREACHABLE',
      `no coordinator answers at ${flags.coordinator} (${messageOf(error)}): check the address ` +
        'and that it runs',
      { cause: error },
    );
  }
  if (flags.json === true) {
    process.stdout.write(body);
    return;
  }
  const state = JSON.parse(body) as {
    runId: string;
    status: string;
    reason: string;
    generation: number;
    committedSteps: number;
    stepCount: number;
    members: number[];
    joining: number[];
    phase: { index: number; imageSizePx: number };
  };
  process.stdout.write(
    `run ${state.runId}: ${state.status} (${state.reason})\n` +
      `step ${state.committedSteps} of ${state.stepCount}, phase ${state.phase.index + 1} at ` +
      `${state.phase.imageSizePx} px\n` +
      `generation ${state.generation}: slots ${state.members.join(', ') || 'none'}` +
      `${state.joining.length > 0 ? `; joining ${state.joining.join(', ')}` : ''}\n`,
  );
}

async function evaluate(
  runFile: string,
  flags: { weights: string; json?: boolean },
): Promise<void> {
  const result = await evaluateWeights(parseTrainedRunFile(runFile), flags.weights);
  process.stdout.write(
    flags.json === true
      ? JSON.stringify(result) + '\n'
      : `top-1 ${(result.top1 * 100).toFixed(2)} %, top-5 ${(result.top5 * 100).toFixed(2)} %, ` +
          `loss ${result.loss.toFixed(4)} on ${result.sampleCount} images at ` +
          `${result.imageSizePx} px\n`,
  );
}

async function doctor(flags: { json?: boolean }): Promise<void> {
  const report = await diagnose((line) => process.stderr.write(line + '\n'));
  process.stdout.write(JSON.stringify(report, null, flags.json === true ? 0 : 2) + '\n');
  if (!report.ok) process.exitCode = 1;
}

function init(file: string | undefined, flags: { force?: boolean }): void {
  const path = file ?? 'run.yaml';
  if (existsSync(path) && flags.force !== true) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${path} exists already: choose another name, or overwrite it with --force`,
    );
  }
  const schema = join(PROJECT_ROOT, 'configs', 'run.schema.json');
  writeFileSync(path, runFileTemplate(relative(dirname(resolve(path)), schema)));
  process.stdout.write(
    `${path} written (${readFileSync(path).length} bytes): look through it, then\n`,
  );
  process.stdout.write(`  crescendo train ${path} --workers 2\n`);
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
