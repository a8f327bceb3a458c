/** Which device a process computes on, from CRESCENDO_DEVICE and from what the machine has. */
import { existsSync, readdirSync } from 'node:fs';
import { CrescendoError } from '../../base/errors.ts';
import type { EngineVariant } from './wheels.ts';

/** Made by the NVIDIA driver: one folder per GPU. */
const DRIVER_FOLDER = '/proc/driver/nvidia/gpus';

/** GPUs of this machine, 0 when there is no NVIDIA driver. */
export function gpuCount(driverFolder: string = DRIVER_FOLDER): number {
  return existsSync(driverFolder) ? readdirSync(driverFolder).length : 0;
}

/** What CRESCENDO_DEVICE asks for, undefined when unset. @throws CRESCENDO_CONFIG_INVALID */
export function askedDevice(environment: NodeJS.ProcessEnv): EngineVariant | undefined {
  const asked = environment['CRESCENDO_DEVICE'] ?? '';
  if (asked === '') return undefined;
  if (asked === 'cpu' || asked === 'gpu') return asked;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `CRESCENDO_DEVICE=${asked} is not a device: set it to cpu or gpu, or unset it`,
  );
}

/** The device asked for, else a GPU where there is one. */
export function chosenVariant(environment: NodeJS.ProcessEnv): EngineVariant {
  return askedDevice(environment) ?? (gpuCount() > 0 ? 'gpu' : 'cpu');
}
