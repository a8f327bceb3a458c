/** The entry of the compute thread: it opens the data and the engine, then serves requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { defined } from '../../lib/base/errors.ts';
import { withKeptValidation } from '../../lib/data/kept-validation.ts';
import { openBatchSource } from '../../lib/data/open-batch-source.ts';
import { createEngine } from '../../lib/engine/create-engine.ts';
import { createRendererFor } from '../../lib/engine/create-renderer.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { ComputeThread, failureOf, type ReplyPort } from './compute-thread.ts';
import { loadInitialWeights } from './initial-weights.ts';
import type { ComputeRequest, ComputeStart } from './messages.ts';

const BYTES_PER_MEBIBYTE = 2 ** 20;

const port = defined(parentPort, 'parent port of the compute thread');

async function main(reply: ReplyPort): Promise<void> {
  const run = JSON.parse((workerData as ComputeStart).runConfigJson) as RunConfig;
  const source = withKeptValidation(
    await openBatchSource(run, await createRendererFor(run.engine), {}, (samples) => {
      reply.postMessage({ kind: 'badSamples', samples, isFinal: false });
    }),
    run.evaluation.keptMebibytesMax * BYTES_PER_MEBIBYTE,
  );
  const engine = await createEngine(run, source.classNames.length);
  const notice = await loadInitialWeights(run, engine, source.classNames);
  if (notice !== undefined) reply.postMessage({ kind: 'notice', text: notice });
  const thread = new ComputeThread(run, engine, source, reply);
  port.on('message', (request: ComputeRequest) => {
    void thread.request(request);
  });
}

main(port).catch((error: unknown) => {
  port.postMessage(failureOf(error));
});
