/** The final weights on their way to the coordinator, in bounded parts, then Finished. */
import { createHash } from 'node:crypto';
import type { FinishOrder, WorkerMessage } from '../proto/generated/messages.ts';
import { WEIGHTS_CHUNK_BYTES } from '../proto/limits.ts';
import type { WeightsReply } from './core/events.ts';
import type { CoordinatorPort } from './core/ports.ts';

/** Uploads both files where this worker is to, and says Finished with their hashes. */
export function deliverWeights(
  coordinator: CoordinatorPort,
  { generation }: FinishOrder,
  isUploader: boolean,
  { raw, ema }: WeightsReply,
): void {
  const parts = isUploader ? [...partsOf('raw', raw), ...partsOf('ema', ema)] : [];
  const messages: WorkerMessage[] = [
    ...parts,
    {
      kind: 'finished',
      generation,
      weightsSha256: sha256Of(raw),
      emaWeightsSha256: sha256Of(ema),
    },
  ];
  let next = 0;
  const sendNext = (): void => {
    const message = messages[next++];
    if (message === undefined) return;
    coordinator.whenRoom(() => {
      coordinator.send(message);
      sendNext();
    });
  };
  sendNext();
}

/** Views of the file: nothing is copied before its turn to be sent. */
function partsOf(weights: 'raw' | 'ema', file: Uint8Array): WorkerMessage[] {
  const count = Math.ceil(file.byteLength / WEIGHTS_CHUNK_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const offsetBytes = index * WEIGHTS_CHUNK_BYTES;
    const content = file.subarray(offsetBytes, offsetBytes + WEIGHTS_CHUNK_BYTES);
    return { kind: 'weightsPart', weights, totalBytes: file.byteLength, offsetBytes, content };
  });
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
