/** `crescendo train --dry-run`: prints the plan of a run. */
import { describeKnobs } from '../lib/run/phase-knobs.ts';
import { recipeInWords } from '../lib/run/recipes/registry.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import { planRun } from '../lib/run/plan.ts';
import { modeOf } from '../lib/optim/modes/registry.ts';
import {
  checkPlan,
  datasetCounts,
  planDryRun,
  type DryRun,
  type PlannedPhase,
} from '../lib/planning/dry-run.ts';
import { measurePhases } from '../lib/planning/measure-phases.ts';
import { formatSeconds } from '../lib/launch/progress-view.ts';

export interface DryRunFlags {
  readonly workers: number;
  readonly measure: boolean;
  readonly json?: boolean;
}

/**
 * @throws CRESCENDO_CONFIG_INVALID, CRESCENDO_WEIGHTS_INVALID, and what the engine throws when it
 * measures
 */
export async function dryRun(run: RunConfig, flags: DryRunFlags): Promise<void> {
  const print = (line: string): void => void process.stderr.write(line + '\n');
  const counts = await datasetCounts(run, print);
  await checkPlan(run, counts, print);
  const { phases } = planRun(
    run,
    modeOf(run).plan,
    counts.trainSampleCount,
    counts.validationSampleCount,
  );
  const measurement = flags.measure
    ? await measurePhases(run, phases, counts.classCount, print)
    : undefined;
  const plan = planDryRun(run, counts, flags.workers, measurement);
  process.stdout.write(flags.json === true ? JSON.stringify(plan) + '\n' : describe(plan, run));
}

function describe(plan: DryRun, run: RunConfig): string {
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  return [
    `${plan.model}: ${count(plan.trainableParameters)} trainable parameters, ` +
      `${count(plan.classCount)} classes`,
    trainingInWords(run),
    `${plan.dataset}: ${count(plan.trainSampleCount)} training and ` +
      `${count(plan.validationSampleCount)} validation images` +
      (plan.isDatasetPresent ? '' : ' (as the run file expects; the folder is not there)'),
    `${count(plan.steps)} steps of ${count(plan.globalSize)} images ` +
      `(${count(plan.microBatches)} micro-batches of ${count(plan.microBatchSamples)}), ` +
      `${count(plan.samples)} samples, ${short(plan.epochs)} epochs`,
    ...plan.phases.map(describePhase),
    ...plan.warnings.map((line) => `warning: ${line}`),
    `with ${plan.workers} worker(s), each sends up to ${bytes(plan.sentBytesPerStep)} and ` +
      'receives ' +
      `up to ${bytes(plan.receivedBytesPerStep)} per ` +
      `step${modeOf(run).costs.bytesNote}${compressionNote(plan, run)}`,
    `state ${bytes(plan.stateBytes)} and gradient vectors of ${bytes(plan.vectorBytes)} on each ` +
      'worker',
    plan.engine === null || plan.hours === null
      ? 'time and memory: not measured'
      : `about ${formatSeconds(plan.hours * 3600)} of computing on workers like this machine ` +
        'with ' +
        `${plan.engine}; all-reduce, evaluation and reading of images come on top`,
    '',
  ].join('\n');
}

/** What comes on top, and what `auto` is counted as. */
function compressionNote({ guardBytes, workers }: DryRun, { communication }: RunConfig): string {
  const { compression, allowed, guardEverySteps } = communication;
  const choice =
    compression === 'auto' ? `, the most of what auto chooses from (${allowed.join(', ')})` : '';
  if (guardBytes === 0 || workers === 1) return choice;
  const steps = guardEverySteps === 1 ? 'each step' : `one of ${guardEverySteps} steps`;
  return (
    `${choice}; up to ${bytes(guardBytes)} more in ${steps}` +
    `${compression === 'auto' ? ' of lossy compression' : ''}, for a bucket that travels as ` +
    'float32 too'
  );
}

function trainingInWords(run: RunConfig): string {
  const { optimizer, learningRate, weightDecay } = run.training;
  const rules = run.recipe === 'automl' ? ', by the rules of google/automl' : '';
  return (
    `${optimizer.name}, learning rate up to ${short(learningRate.peak)}, weight decay ` +
    `${weightDecay}${rules} (${recipeInWords(run)})`
  );
}

function describePhase(phase: PlannedPhase): string {
  const { microBatchSeconds, peakMemoryBytes, hours } = phase;
  const measured =
    microBatchSeconds === null || peakMemoryBytes === null || hours === null
      ? ''
      : `; ${short(microBatchSeconds)} s a micro-batch, ${bytes(peakMemoryBytes)} of memory, ` +
        formatSeconds(hours * 3600);
  return (
    `  phase ${phase.index + 1}: ${describeKnobs(phase)}, ` +
    `${phase.stepCount.toLocaleString('en')} steps, learning rate ` +
    `${short(phase.firstLearningRate)} to ${short(phase.lastLearningRate)}${measured}`
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${short(count / 1000 ** power)} ${units[power] ?? ''}`;
}
