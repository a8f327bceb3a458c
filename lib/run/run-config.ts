/**
 * The run file's content after defaults: what to train, on what, how. Never changed during a run.
 * The types follow from the schema, whose descriptions say what each key means.
 */
import type { RUN_SCHEMA } from './run-schema.ts';
import type { ValueOf } from './schema/builders.ts';
import type { COMPRESSIONS } from './schema/communication.ts';

export type RunConfig = ValueOf<typeof RUN_SCHEMA>;

export type Recipe = RunConfig['recipe'];
export type ModelConfig = RunConfig['model'];
export type CoAtNetConfig = ModelConfig['coatnet'];
/** A network as a table of stages. */
export type NetworkTable = NonNullable<ModelConfig['table']>;
export type TableStage = NetworkTable['stages'][number];
export type DatasetConfig = RunConfig['dataset'];
export type BatchConfig = RunConfig['batch'];
export type TrainingConfig = RunConfig['training'];
export type OptimizerConfig = TrainingConfig['optimizer'];
export type LearningRateConfig = TrainingConfig['learningRate'];
export type LocalSgdConfig = TrainingConfig['localSgd'];
export type ScheduleConfig = RunConfig['schedule'];
export type AugmentationConfig = RunConfig['augmentation'];
export type EvaluationConfig = RunConfig['evaluation'];
export type EngineConfig = RunConfig['engine'];
export type CommunicationConfig = RunConfig['communication'];

export type Compression = (typeof COMPRESSIONS)[number];
type ExactFormat = 'float32' | 'bfloat16' | 'float16';
/** Those with error feedback: what they reduce to depends on the number of workers. */
export type LossyCompression = Exclude<Compression, ExactFormat>;

export function isLossy(compression: string): compression is LossyCompression {
  return compression === 'int8' || compression === 'top-k' || compression === 'power-sgd';
}

/** What sums are rounded to at every addition. */
export function valueFormatOf({ compression }: CommunicationConfig): ExactFormat {
  return compression === 'bfloat16' || compression === 'float16' ? compression : 'float32';
}
