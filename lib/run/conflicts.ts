/** Values of a run file that are valid one by one and do not go together. Pure. */
import { eachKnob, IMAGE_SIZE_MULTIPLE_PX } from './phase-knobs.ts';
import { isLossy, type EngineConfig, type RunConfig } from './run-config.ts';

/** Datasets that have no folder of their own. */
const FETCHED: ReadonlySet<string> = new Set(['cifar-10', 'fashion-mnist', 'mnist']);

/** From the largest loss scale (lib/optim/loss-scale.ts) to the smallest. */
const HALVINGS_MAX = 38;

/** @returns one problem for each conflict: the key, its value and what to do */
export function conflictsIn(run: RunConfig): string[] {
  return [
    ...batchProblems(run),
    ...scheduleProblems(run),
    ...augmentationProblems(run),
    ...inputProblems(run),
    ...learningRateProblems(run),
    ...engineProblems(run.engine),
    ...compressionProblems(run),
    ...shardingProblems(run),
    ...auditProblems(run),
    ...earlyStoppingProblems(run),
    ...skippedStepsProblems(run),
    ...clusterProblems(run),
  ];
}

function batchProblems({ batch: { globalSize, microBatches } }: RunConfig): string[] {
  if (globalSize % microBatches === 0) return [];
  return [`batch.microBatches: ${microBatches} does not divide batch.globalSize (${globalSize})`];
}

function scheduleProblems({ schedule, recipe }: RunConfig): string[] {
  const problems = Object.entries(eachKnob((knob) => schedule[knob]))
    .filter(([, { min, max }]) => min > max)
    .map(([key, { min, max }]) => `schedule.${key}: min (${min}) is above max (${max})`);
  const { sizeMultiplePx } = schedule;
  if (recipe === 'automl' && sizeMultiplePx > IMAGE_SIZE_MULTIPLE_PX) {
    problems.push(
      `schedule.sizeMultiplePx: ${sizeMultiplePx} is not for recipe automl, whose sizes are cut ` +
        'to whole pixels as in the released code; remove the key',
    );
  }
  return problems;
}

/** Both choose the same kind of distortions. */
function augmentationProblems({ augmentation: { autoAugment }, schedule }: RunConfig): string[] {
  const { min, max } = schedule.randAugmentMagnitude;
  if (autoAugment === 'none' || max === 0) return [];
  return [
    `augmentation.autoAugment: ${autoAugment} takes the place of RandAugment, whose magnitude is ` +
      `${min} to ${max}; set schedule.randAugmentMagnitude to { min: 0, max: 0 }, or autoAugment ` +
      'to none',
  ];
}

/** Formats that look at what a run file says of columns. */
const FORMATS_WITH_COLUMNS: Readonly<
  Record<'fileColumn' | 'labelColumn' | 'splitColumn', readonly string[]>
> = {
  fileColumn: ['image-list'],
  labelColumn: ['image-list', 'cifar-binary', 'parquet'],
  splitColumn: ['image-list'],
};

/** Conflicts about the files that a run reads. */
function inputProblems({ dataset, initialWeights, initialWeightsSha256 }: RunConfig): string[] {
  const problems: string[] = [];
  if (initialWeightsSha256 !== undefined && initialWeights === undefined) {
    problems.push('initialWeights: is missing; initialWeightsSha256 is the hash of that file');
  }
  if (dataset.name === 'image-folder' && dataset.path === undefined) {
    problems.push('dataset.path: is missing; an image-folder dataset needs its folder');
  }
  for (const [key, names] of Object.entries(FORMATS_WITH_COLUMNS)) {
    if (dataset[key as keyof typeof FORMATS_WITH_COLUMNS] === undefined) continue;
    if (names.includes(dataset.name)) continue;
    problems.push(
      `dataset.${key}: is for ${names.join(', ')} alone, not for ${dataset.name}; remove it`,
    );
  }
  if (FETCHED.has(dataset.name) && dataset.path !== undefined) {
    problems.push(
      `dataset.path: ${dataset.path} is not for ${dataset.name}, which is fetched; name the ` +
        'format of its files, such as dataset.name: image-folder, or remove the key',
    );
  }
  return problems;
}

function auditProblems({ training: { audit, localSgd } }: RunConfig): string[] {
  if (audit === 0 || localSgd.innerSteps === 0) return [];
  return [
    `training.audit: ${audit} needs workers with the same weights, which they do not have ` +
      'between all-reduces (training.localSgd.innerSteps); set one of the two to 0',
  ];
}

function learningRateProblems({ training: { learningRate } }: RunConfig): string[] {
  const { peak, minimum, warmupEpochs, warmupSteps } = learningRate;
  const problems: string[] = [];
  if (minimum > peak) {
    problems.push(`training.learningRate.minimum: ${minimum} is above the peak (${peak})`);
  }
  if (warmupEpochs > 0 && warmupSteps > 0) {
    problems.push(
      'training.learningRate.warmupSteps: warmupEpochs is given too; give one of the two',
    );
  }
  return problems;
}

/** Early stopping compares evaluations that are made while training goes on. */
function earlyStoppingProblems({ evaluation, checkpoint, schedule }: RunConfig): string[] {
  const { stopAfterWithoutGain, atPhaseEnd, everyEpochs, everySteps, everyMinutes } = evaluation;
  if (stopAfterWithoutGain === 0) return [];
  const key = `evaluation.stopAfterWithoutGain: ${stopAfterWithoutGain}`;
  const problems: string[] = [];
  if (checkpoint.keepBest === 'none') {
    problems.push(`${key} needs what to measure: checkpoint.keepBest is none; use top1 or loss`);
  }
  const isEvaluated = everyEpochs > 0 || everySteps > 0 || everyMinutes > 0;
  if (!isEvaluated && !(atPhaseEnd && schedule.phases > 1)) {
    problems.push(
      `${key} needs evaluations before the last step; set evaluation.everyEpochs, everySteps or ` +
        'everyMinutes',
    );
  }
  return problems;
}

/** Dynamic loss scaling finds its scale by skipping steps, one for each halving. */
function skippedStepsProblems({ training, engine, communication }: RunConfig): string[] {
  const { skippedStepsMax } = training;
  const isScaled = engine.precision === 'float16' || communication.compression === 'float16';
  if (!isScaled || skippedStepsMax === 0 || skippedStepsMax >= HALVINGS_MAX) return [];
  return [
    `training.skippedStepsMax: ${skippedStepsMax} is below ${HALVINGS_MAX}, the steps that the ` +
      'loss scale of float16 may skip until it fits',
  ];
}

function clusterProblems({ cluster }: RunConfig): string[] {
  const { heartbeatIntervalMs, heartbeatTimeoutMs, minWorkers, maxWorkers, pauseBelow } = cluster;
  const problems: string[] = [];
  if (heartbeatTimeoutMs < 2 * heartbeatIntervalMs) {
    problems.push(
      `cluster.heartbeatTimeoutMs: ${heartbeatTimeoutMs} is below twice ` +
        `cluster.heartbeatIntervalMs (${heartbeatIntervalMs})`,
    );
  }
  if (maxWorkers < minWorkers) {
    problems.push(`cluster.maxWorkers: ${maxWorkers} is below cluster.minWorkers (${minWorkers})`);
  }
  if (pauseBelow > minWorkers) {
    problems.push(
      `cluster.pauseBelow: ${pauseBelow} is above cluster.minWorkers (${minWorkers}), with which ` +
        'the run starts',
    );
  }
  return problems;
}

/** Lossy compression keeps what a step left out and adds it to the next one. */
function compressionProblems({ communication, training, engine }: RunConfig): string[] {
  const { compression, allowed } = communication;
  const problems: string[] = [];
  if (compression === 'auto' && allowed[0] !== 'float32') {
    problems.push(
      `communication.allowed: begins with ${String(allowed[0])}; auto begins with float32, ` +
        'and steps back to it',
    );
  }
  if (compression === 'auto' && allowed.indexOf('int8') > 1) {
    problems.push(
      `communication.allowed: [${allowed.join(', ')}] names int8 behind less exact compressions: ` +
        'put it right behind float32',
    );
  }
  if (compression !== 'auto' && !isLossy(compression)) return problems;
  if (training.localSgd.innerSteps > 0) {
    problems.push(
      `communication.compression: ${compression} does not go with training.localSgd ` +
        `(innerSteps is ${training.localSgd.innerSteps}); use float32, bfloat16 or float16`,
    );
  }
  if (engine.precision === 'float16') {
    problems.push(
      `communication.compression: ${compression} does not go with engine.precision float16, ` +
        'whose loss scale changes from step to step; use float32, bfloat16 or float16',
    );
  }
  return problems;
}

/** Sharded, the optimizer updates each shard from the exact reduced gradient in every step. */
function shardingProblems({ communication, training }: RunConfig): string[] {
  const { optimizer, localSgd } = training;
  if (!optimizer.sharded) return [];
  const problems: string[] = [];
  if (optimizer.name === 'lamb') {
    problems.push(
      'training.optimizer.sharded: true does not go with lamb, which needs norms of whole ' +
        'parameters; use adamw, or sharded: false',
    );
  }
  if (localSgd.innerSteps > 0) {
    problems.push(
      'training.optimizer.sharded: true does not go with training.localSgd ' +
        `(innerSteps is ${localSgd.innerSteps}), where each worker steps all weights by itself`,
    );
  }
  if (communication.compression === 'auto' || isLossy(communication.compression)) {
    problems.push(
      'training.optimizer.sharded: true does not go with communication.compression ' +
        `${communication.compression}; use ` +
        'float32, bfloat16 or float16',
    );
  }
  return problems;
}

/** Settings that the engine would ignore. */
export function engineProblems({ name, precision, xla }: EngineConfig): string[] {
  if (name !== 'js') return [];
  return [
    ...(xla ? ['engine.xla: true is for the tensorflow engine; js has no XLA'] : []),
    ...(precision === 'float32'
      ? []
      : [`engine.precision: ${precision} is for the tensorflow engine; js computes in float32`]),
  ];
}
