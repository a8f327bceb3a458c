/**
 * Between a worker process and the process that started it (supervisor.ts): an IPC channel, which
 * also tells each of them that the other one is gone.
 */

/** Set for processes that have such a parent. */
export const SUPERVISED_VARIABLE = 'CRESCENDO_SUPERVISED';

/** What the parent sends: the worker is to leave at the next step boundary. */
export const LEAVE = 'leave';

/** What a worker sends before it ends with an error. */
export interface WorkerFailure {
  readonly errorCode: string;
}

export function isWorkerFailure(message: unknown): message is WorkerFailure {
  return (
    typeof message === 'object' &&
    message !== null &&
    'errorCode' in message &&
    typeof message.errorCode === 'string'
  );
}

export interface ParentHandlers {
  /** The parent asks this worker to leave. */
  readonly onLeave: () => void;
  /** The parent has ended, whatever ended it. */
  readonly onGone: () => void;
}

function hasParent(): boolean {
  return process.env[SUPERVISED_VARIABLE] === '1' && process.send !== undefined;
}

/** Listens to the parent of this process, if it has one of this kind. */
export function listenToParent({ onLeave, onGone }: ParentHandlers): void {
  if (!hasParent()) return;
  process.on('message', (message) => {
    if (message === LEAVE) onLeave();
  });
  process.once('disconnect', onGone);
  if (!process.connected) onGone();
}

/** Tells the parent of this process, if it has one of this kind, why this worker ends. */
export async function reportToParent(failure: WorkerFailure): Promise<void> {
  if (!hasParent() || !process.connected) return;
  await new Promise<void>((resolve) => {
    process.send?.(failure, () => {
      resolve();
    });
  });
}
