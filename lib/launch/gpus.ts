/** `crescendo worker --gpus`: one worker process per GPU, each seeing only its own. */
import { CrescendoError } from '../base/errors.ts';
import { gpuCount } from '../tensorflow/install/device.ts';
import { DEFAULT_RESTART_LIMITS, type RestartLimits } from './restart-policy.ts';
import { Supervisor } from './supervisor.ts';

/**
 * The GPU indices that `list` names: `all`, or numbers between commas.
 * @throws CRESCENDO_ENGINE_UNAVAILABLE when there are none, CRESCENDO_CONFIG_INVALID for others
 */
export function gpuIndices(list: string, count: number): number[] {
  if (count === 0) {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_UNAVAILABLE',
      '--gpus was given and this machine shows no NVIDIA GPU: check `nvidia-smi`, or start ' +
        'workers on the processor without --gpus',
    );
  }
  if (list === 'all') return Array.from({ length: count }, (_, index) => index);
  const indices = list.split(',').map((text) => (/^\d+$/.test(text.trim()) ? Number(text) : -1));
  const isRight = indices.every((index) => index >= 0 && index < count);
  if (isRight && new Set(indices).size === indices.length) return indices;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `--gpus ${list}: write all, or different indices from 0 to ${count - 1} between commas`,
  );
}

/** The arguments of this process without `--gpus`, for each of its workers. */
function workerArguments(): string[] {
  const args = process.argv.slice(1);
  const at = args.findIndex((one) => one === '--gpus' || one.startsWith('--gpus='));
  args.splice(at, args[at] === '--gpus' ? 2 : 1);
  return args;
}

export interface PerGpuSettings {
  /** As `gpuIndices` takes it. */
  readonly list: string;
  readonly restarts?: Partial<RestartLimits>;
  readonly print: (line: string) => void;
  /** Once it is aborted, the workers leave at the next step boundary. */
  readonly signal: AbortSignal;
}

/**
 * Runs until all workers have ended; those that die are started again.
 * @returns the first exit code that is not 0, else 0
 */
export async function runWorkerPerGpu(settings: PerGpuSettings): Promise<number> {
  const { list, restarts, print, signal } = settings;
  const commands = gpuIndices(list, gpuCount()).map((gpu) => ({
    args: workerArguments(),
    environment: {
      CRESCENDO_DEVICE: 'gpu',
      CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
      CUDA_VISIBLE_DEVICES: String(gpu),
    },
    name: () => `gpu ${gpu}`,
  }));
  const limits = { ...DEFAULT_RESTART_LIMITS, ...restarts };
  const workers = new Supervisor(commands, { limits, print, onGone: () => undefined });
  const leave = (): void => {
    workers.leave();
  };
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();
  return workers.ended();
}
