/** Which device a process computes on, from CRESCENDO_DEVICE and from what the machine has. */
import { existsSync, readdirSync } from 'node:fs';
import { CrescendoError } from '../../base/errors.ts';
import type { EngineVariant } from './wheels.ts';

/** The NVIDIA driver creates it, with one folder per GPU. */
const DRIVER_FOLDER = '/proc/driver/nvidia/gpus';

/** The number of GPUs of this machine; 0 without an NVIDIA driver. */
export function gpuCount(driverFolder: string = DRIVER_FOLDER): number {
  return existsSync(driverFolder) ? readdirSync(driverFolder).length : 0;
}

/**
 * The device that CRESCENDO_DEVICE requests; undefined if unset. @throws CRESCENDO_CONFIG_INVALID
 */
function askedDevice(environment: NodeJS.ProcessEnv): EngineVariant | undefined {
  const asked = environment['CRESCENDO_DEVICE'] ?? '';
  if (asked === '') return undefined;
  if (asked === 'cpu' || asked === 'gpu') return asked;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `CRESCENDO_DEVICE=${asked} is not a device: set it to cpu or gpu, or unset it`,
  );
}

/** The requested device, otherwise a GPU if there is one. */
export function chosenVariant(environment: NodeJS.ProcessEnv): EngineVariant {
  return askedDevice(environment) ?? (gpuCount() > 0 ? 'gpu' : 'cpu');
}
