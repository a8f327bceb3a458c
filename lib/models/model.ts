/** What the registry knows of a network that a run file can name. */
import type { ModelConfig, ScheduleConfig } from '../run/run-config.ts';
import type { Network } from './network.ts';

/** A network that a run file can name. */
export interface Model {
  readonly name: string;
  readonly trainImageSizePx: number;
  readonly evaluationImageSizePx: number;
  readonly schedule: Omit<ScheduleConfig, 'phases' | 'cutmixAlpha'>;
  build(config: ModelConfig, classCount: number): Network;
}
