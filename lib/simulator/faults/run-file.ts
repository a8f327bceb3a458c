/** The run of a plan: what a run file with its settings would ask for. */
import { parseRunText } from '../../run/parse.ts';
import type { RunConfig } from '../../run/run-config.ts';
import type { SimulatedRun } from '../cluster.ts';
import type { RunSettings } from './plan.ts';

const MICRO_BATCH_SAMPLES = 8;
const INNER_STEPS = 3;
/** A fifth of the time after which a silent worker counts as lost. */
const BEATS_PER_TIMEOUT = 5;
const PREPARE_MS = 30;

const known = new Map<string, RunConfig>();

export function runOf(settings: RunSettings): SimulatedRun {
  const text = runFileOf(settings);
  const run = known.get(text) ?? parseRunText(text, 'the run file of a plan');
  known.set(text, run);
  const { microBatches, validationSamples, microBatchMs } = settings;
  return {
    run,
    // Twenty steps and a half in an epoch.
    trainSampleCount: Math.ceil(20.5 * MICRO_BATCH_SAMPLES * microBatches),
    validationSampleCount: validationSamples,
    timing: {
      prepareMs: PREPARE_MS,
      microBatchMs,
      evaluationBatchMs: microBatchMs,
    },
  };
}

function runFileOf(settings: RunSettings): string {
  const { mode, microBatches, phases } = settings;
  const innerSteps = mode === 'local-sgd' ? INNER_STEPS : 0;
  return JSON.stringify({
    model: { name: 'efficientnetv2-b0' },
    dataset: { name: 'mnist' },
    batch: { globalSize: MICRO_BATCH_SAMPLES * microBatches, microBatches },
    training: {
      steps: settings.steps,
      audit: settings.auditRatio,
      optimizer: { sharded: mode === 'sharded' },
      localSgd: { innerSteps },
      learningRate: { peak: 0.5, decay: 'constant', warmupEpochs: 0 },
    },
    schedule: { phases, imageSizePx: { min: 16, max: 16 * phases } },
    checkpoint: { everySteps: settings.checkpointEverySteps },
    evaluation: {
      atPhaseEnd: settings.evaluatesAtPhaseEnd,
      everySteps: settings.evaluateEverySteps,
    },
    communication: { compression: settings.compression },
    cluster: {
      minWorkers: settings.minWorkers,
      pauseBelow: settings.pauseBelow,
      holdOffSecondsMax: settings.holdOffSecondsMax,
      heartbeatIntervalMs: settings.heartbeatTimeoutMs / BEATS_PER_TIMEOUT,
      heartbeatTimeoutMs: settings.heartbeatTimeoutMs,
    },
    engine: { name: 'js' },
  });
}
