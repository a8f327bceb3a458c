/** `crescendo worker --gpus`: one worker process per GPU, each seeing only its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CrescendoError } from '../base/errors.ts';
import { describeExit } from '../base/process.ts';
import { gpuCount } from '../tensorflow/install/device.ts';

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

/** Runs until all workers have ended. @returns the first exit code that is not 0, else 0 */
export async function runWorkerPerGpu(list: string): Promise<number> {
  const indices = gpuIndices(list, gpuCount());
  const children = indices.map((gpu) => {
    const child = spawn(process.execPath, workerArguments(), {
      env: {
        ...process.env,
        CRESCENDO_DEVICE: 'gpu',
        CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
        CUDA_VISIBLE_DEVICES: String(gpu),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      // Own process group: a terminal's Ctrl-C comes here alone and is passed on once.
      detached: true,
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      process.stderr.write(`[gpu ${gpu}] ${line}\n`);
    });
    return child;
  });
  const passOn = (signal: NodeJS.Signals): void => {
    for (const child of children) child.kill(signal);
  };
  process.on('SIGINT', passOn).on('SIGTERM', passOn);
  const codes = await Promise.all(
    children.map(async (child, index) => {
      const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      if (code !== 0) {
        process.stderr.write(`[gpu ${indices[index]}] ended with ${describeExit(code, signal)}\n`);
      }
      return code ?? 1;
    }),
  );
  return codes.find((code) => code !== 0) ?? 0;
}
